import { type Socket } from 'node:net'

/** Who is told of what happens to a socket. */
export interface Hearer {
  /** 'end': the peer's FIN. With allowHalfOpen we may still write. */
  peerFinished(): void
  /** 'error': why it is about to end. */
  broke(error: Error): void
  /** 'close': the descriptor is gone. */
  gone(): void
}

const hearer = Symbol('hearer')
interface Heard extends Socket {
  [hearer]?: Hearer
}

/** Has the hearer told of what happens to the socket. The same three functions serve all sockets, to spare memory. */
export function hear(socket: Heard, by: Hearer): void {
  socket[hearer] = by
  socket.on('end', heardEnd).on('close', heardClose).on('error', heardError)
}

function heardEnd(this: Heard): void {
  this[hearer]?.peerFinished()
}

function heardClose(this: Heard): void {
  this[hearer]?.gone()
}

function heardError(this: Heard, error: Error): void {
  this[hearer]?.broke(error)
}
