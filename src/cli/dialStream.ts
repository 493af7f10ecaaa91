import { formatEndpoint, type TcpEndpoint, type UnixEndpoint } from '../shared/model/endpoint'
import { fault, FaultError, type Fault } from '../shared/model/fault'
import { type ConnectionId } from '../shared/model/ids'
import { drop } from '../shared/model/must'
import { type ConnectionState } from '../shared/model/state'
import { toFault } from '../main/engine/fault'
import { whenRoom } from '../main/engine/whenRoom'
import { type Capture } from '../main/capture/types'
import { type Engine } from '../main/engine/types'
import { complaint } from './complaint'
import { exitCodes, type ExitCode } from './exitCodes'
import { narrate } from './narrator'
import { must } from './must'
import { type Recording } from './recording'
import { ReceivedBytes } from './receivedBytes'
import { closedText } from '../shared/model/eventText'
import { interrupted, type Terminal } from './terminal'

/** Past this much waiting in the connection stdin is left alone until the peer has taken it. */
const MAX_QUEUED_BYTES = 1024 * 1024

export interface DialStreamOptions {
  readonly hex?: boolean
  readonly json?: boolean
}

type Closed = Extract<ConnectionState, { readonly phase: 'closed' }>

/** Joins a stream to stdin and stdout, with back-pressure both ways, until both sides have finished. */
export async function dialStream(
  to: TcpEndpoint | UnixEndpoint,
  options: DialStreamOptions,
  terminal: Terminal,
  recording: Recording,
): Promise<ExitCode> {
  const { engine, capture } = recording.service
  const { id } = must(engine.dial(to))
  const received =
    options.json === true ? null : new ReceivedBytes(engine, id, terminal.stdout, options.hex === true)
  const follower =
    options.json === true ? narrate(recording.service, terminal, { json: true, isTold: () => true }) : null
  const stopped = Promise.race([interrupted(terminal.interrupt), terminal.stdout.broken])
  const ignore = tellFinished(engine, id, terminal)
  try {
    await opened(engine, id, stopped, terminal)
    let failure: Fault | null = null
    drop(sendStdin(engine, capture, id, terminal).then((of) => (failure = of)))
    const state = await Promise.race([ended(engine, id), stopped])
    return state === undefined ? exitCodes.done : await report(engine, id, state, failure, terminal)
  } finally {
    ignore()
    received?.stop()
    await follower?.finish()
  }
}

/** Waits for the dial's outcome; anything but a connection ends the program with exit code 2. */
async function opened(
  engine: Engine,
  id: ConnectionId,
  stopped: Promise<void>,
  terminal: Terminal,
): Promise<void> {
  const dialled = await Promise.race([engine.dialled(id), stopped])
  if (dialled === undefined)
    throw new FaultError(fault('SB_CANCELLED', 'Stopped before a connection came about.'))
  const { state } = must(dialled)
  if (state.phase === 'failed') throw new FaultError(state.fault)
  if (state.phase === 'dialling') return
  const { local, remote } = state
  await terminal.stderr.line(
    `switchboard: connected to ${formatEndpoint(remote)} from ${formatEndpoint(local)}`,
  )
}

/** Whoever still types would else not know that nothing more will come. */
function tellFinished(engine: Engine, id: ConnectionId, terminal: Terminal): () => void {
  const stop = engine.onEvent((event) => {
    const summary = event.type === 'changed' ? event.socket.summary() : null
    if (summary?.kind !== 'connection' || summary.id !== id) return
    const { state } = summary
    if (state.phase !== 'halfClosed' || state.by !== 'remote') return
    stop()
    drop(
      terminal.stderr.line('switchboard: the peer has finished (FIN); so do we when the input ends (Ctrl-D)'),
    )
  })
  return stop
}

/** Sends stdin to its end, then FIN. Answers the fault when stdin cannot be read; the connection's own end is told elsewhere. */
async function sendStdin(
  engine: Engine,
  capture: Capture,
  id: ConnectionId,
  terminal: Terminal,
): Promise<Fault | null> {
  let failure: Fault | null = null
  try {
    for await (const chunk of terminal.stdin) {
      const sent = engine.send(id, chunk as Buffer)
      if (!sent.ok) return null
      if (sent.value.queuedBytes > MAX_QUEUED_BYTES) await engine.drained(id)
      await whenRoom(capture)
    }
  } catch (error) {
    failure = toFault(error, { syscall: 'read', endpoint: 'stdin' })
    await terminal.stderr.line(complaint(failure))
  }
  await engine.halfClose(id)
  return failure
}

/** Resolves with the state in which the connection ended. */
function ended(engine: Engine, id: ConnectionId): Promise<Closed> {
  const closed = (): Closed | null => {
    const summary = engine.summary(id)
    return summary?.kind === 'connection' && summary.state.phase === 'closed' ? summary.state : null
  }
  return new Promise((resolve) => {
    const look = (): void => {
      const state = closed()
      if (state === null) return
      stop()
      resolve(state)
    }
    const stop = engine.onEvent(look)
    look()
  })
}

async function report(
  engine: Engine,
  id: ConnectionId,
  state: Closed,
  failure: Fault | null,
  terminal: Terminal,
): Promise<ExitCode> {
  const counters = engine.counters(id)
  const counts = `in ${counters?.inBytes ?? 0} B, out ${counters?.outBytes ?? 0} B`
  await terminal.stderr.line(`switchboard: ${closedText(state)}: ${counts}`)
  return state.how === 'fin' && state.unsentBytes === 0 && failure === null
    ? exitCodes.done
    : exitCodes.differed
}
