import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A plain Node socket at the other end, with what it got. */
export class Peer implements AsyncDisposable {
  readonly socket: Socket
  readonly #chunks: Buffer[] = []

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => this.#chunks.push(chunk))
    // A reset is what some tests are about; 'close' follows it.
    socket.on('error', () => undefined)
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  async receives(lengthBytes: number): Promise<Buffer> {
    while (this.received.length < lengthBytes) await once(this.socket, 'data')
    return this.received
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.closed) return
    const closed = once(this.socket, 'close')
    this.socket.destroy()
    await closed
  }
}

/** Dials a port of 127.0.0.1. */
export async function dials(port: number): Promise<Peer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  return new Peer(socket)
}

/** Listens on a free port of 127.0.0.1. Disposing of it ends whoever called, too. */
export class PeerListener implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #callers: Peer[]

  constructor(server: Server, callers: Peer[]) {
    this.#server = server
    this.#callers = callers
    this.port = (server.address() as AddressInfo).port
  }

  async caller(index = 0): Promise<Peer> {
    for (;;) {
      const found = this.#callers[index]
      if (found !== undefined) return found
      await once(this.#server, 'connection')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const caller of this.#callers) await caller[Symbol.asyncDispose]()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }
}

/** @param isReading false: callers' bytes stay in the kernel until somebody reads `socket` */
export async function listens({ isReading = true } = {}): Promise<PeerListener> {
  const callers: Peer[] = []
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: !isReading }, (socket) => {
    callers.push(isReading ? new Peer(socket) : silent(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new PeerListener(server, callers)
}

function silent(socket: Socket): Peer {
  const peer = new Peer(socket)
  socket.pause()
  return peer
}
