import { type BenchAct } from '../../../shared/model/bench'
import { type BenchSocket } from './benchSocket'
import { type Outcome } from './callerMessages'

const none = new Uint8Array(0)

/** Of a call that asks no kernel: its outcome. Null for all others. */
export function instantOutcome(act: BenchAct, socket: BenchSocket): Outcome | null {
  switch (act.call) {
    case 'fileno':
      return { kind: 'value', number: socket.fd ?? -1 }
    case 'gettimeout':
    case 'makefile':
      return { kind: 'value' }
    // Closing twice does nothing in Python.
    case 'close':
      return socket.fd === null ? { kind: 'value' } : null
    case 'readline':
      return socket.file?.isTimedOut === true ? { kind: 'timedOutBefore' } : null
    default:
      return null
  }
}

/** What a call that has gone well changes on our side of its socket. */
export function applied(
  act: BenchAct,
  socket: BenchSocket,
  outcome: Extract<Outcome, { kind: 'value' }>,
): void {
  switch (act.call) {
    case 'setblocking':
      socket.mode = { kind: act.flag ? 'blocking' : 'nonBlocking' }
      return
    case 'settimeout':
      socket.mode =
        act.seconds === null
          ? { kind: 'blocking' }
          : act.seconds === 0
            ? { kind: 'nonBlocking' }
            : { kind: 'timeout', seconds: act.seconds }
      return
    case 'listen':
      socket.backlog = act.backlog
      return
    case 'makefile':
      socket.file = { rest: none, isTimedOut: false }
      return
    case 'readline':
      if (socket.file !== null) socket.file.rest = outcome.rest ?? none
      if (outcome.isEnd === true) socket.finished('remote')
      return
    case 'shutdown':
      if (act.how !== 'SHUT_RD') socket.finished('local')
      return
    case 'recv':
    case 'recvfrom':
      if (socket.kind.type === 'SOCK_STREAM' && act.bufsize > 0 && outcome.number === 0)
        socket.finished('remote')
      return
    default:
  }
}
