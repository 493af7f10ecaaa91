import {
  formatEndpoint,
  isLoopback,
  isMulticast,
  parseEndpoint,
  type Endpoint,
  isDatagramEndpoint,
  type DatagramEndpoint,
} from '../../shared/model/endpoint'
import { FaultError } from '../../shared/model/fault'
import { type AcceptMode } from '../../shared/model/options'
import { isUdpId, type SocketId } from '../../shared/model/ids'
import { drop } from '../../shared/model/must'
import { type Row } from '../../shared/model/record'
import { parseBehaviour, parseDatagramBehaviour } from '../../main/behaviours/behaviours'
import { type DatagramBehaviour, type Engine } from '../../main/engine/types'
import { exitCodes, type ExitCode } from '../exitCodes'
import { narrate } from '../narrator'
import { must } from '../must'
import { openRecording, type Recording } from '../recording'
import { interrupted, type Terminal } from '../terminal'

export interface ListenOptions {
  readonly behaviour: string
  readonly record?: string
  readonly accept?: AcceptMode
  readonly backlog?: number
  readonly once?: boolean
  readonly json?: boolean
}

/** What listens, and what is waited for with `--once`. */
interface Open {
  readonly id: SocketId
  readonly at: Endpoint
  readonly firstIsOver: Promise<void>
}

/** Takes calls until Ctrl-C (or, with `--once`, until the first has ended) and prints what happens. */
export async function listen(url: string, options: ListenOptions, terminal: Terminal): Promise<ExitCode> {
  const at = must(parseEndpoint(url))
  const { behaviour } = options
  if (isDatagramEndpoint(at)) must(parseDatagramBehaviour(behaviour))
  else must(parseBehaviour(behaviour))
  const recording = await openRecording(options.record, terminal)
  try {
    const json = options.json === true
    const open = isDatagramEndpoint(at)
      ? await bind(recording, at, options)
      : await takeCalls(recording, url, options)
    const listening = `listening on ${formatEndpoint(open.at)}`
    await terminal.stdout.line(
      json ? JSON.stringify({ event: 'listening', url: formatEndpoint(open.at), id: open.id }) : listening,
    )
    if (!isLoopback(open.at))
      await terminal.stderr.line('switchboard: whoever can reach this machine can call here')
    const follower = narrate(recording.service, terminal, {
      json,
      isTold: (id, row) => isTold(id, row, open.id),
    })
    await Promise.race([
      interrupted(terminal.interrupt),
      terminal.stdout.broken,
      ...(options.once === true ? [open.firstIsOver] : []),
    ])
    await recording.service.engine.dispose()
    await follower.finish()
    return exitCodes.done
  } finally {
    await recording.close()
  }
}

/** The first line has told that it listens; a call is told by the connection's own record. */
function isTold(id: SocketId, row: Row, listener: SocketId): boolean {
  if (row.kind === 'data') return true
  if (row.event.what === 'optionsSet') return false
  return id !== listener || ['dropped', 'failed', 'noted'].includes(row.event.what)
}

async function takeCalls(
  { service, call }: Recording,
  url: string,
  { behaviour, accept, backlog }: ListenOptions,
): Promise<Open> {
  const firstIsOver = firstConnectionOver(service.engine)
  if (behaviour.trim() === 'none') hangUpOnFinished(service.engine)
  const { id, state } = await call('listener.open', {
    at: url,
    behaviour,
    options: { ...(accept === undefined ? {} : { accept }), ...(backlog === undefined ? {} : { backlog }) },
  })
  if (state.phase === 'failed') throw new FaultError(state.fault)
  return { id, at: state.at, firstIsOver }
}

/** With 'none' nobody is there to hang up by hand, as in the window: once a caller has finished, so do we. */
function hangUpOnFinished(engine: Engine): void {
  engine.onEvent((event) => {
    const summary = event.type === 'changed' ? event.socket.summary() : null
    if (summary?.kind !== 'connection') return
    const { id, state } = summary
    if (state.phase === 'halfClosed' && state.by === 'remote') drop(engine.halfClose(id))
  })
}

function firstConnectionOver(engine: Engine): Promise<void> {
  return new Promise((resolve) => {
    engine.onEvent((event) => {
      const summary = event.type === 'changed' ? event.socket.summary() : null
      // Whom a proxy has dialled for a caller is no caller.
      if (summary?.kind !== 'connection' || summary.listener === null) return
      const { phase } = summary.state
      if (phase === 'closed' || phase === 'failed') resolve()
    })
  })
}

async function bind(recording: Recording, at: DatagramEndpoint, { behaviour }: ListenOptions): Promise<Open> {
  const { id, state } = await recording.call('udp.bind', { at: formatEndpoint(at) })
  if (state.phase === 'failed') throw new FaultError(state.fault)
  // A socket that is bound to a group's address hears nothing of it unless it has joined.
  if (at.kind === 'udp' && isUdpId(id) && isMulticast(at.host))
    await recording.call('udp.joinGroup', { id, ...groupOf(at.host) })
  const asked = must(parseDatagramBehaviour(behaviour))
  const firstIsOver = new Promise<void>((resolve) => {
    must(recording.service.engine.behaveUdp(id, telling(asked, resolve)))
  })
  return { id, at: state.at, firstIsOver }
}

/** The group, and its interface as Node wants it: `::%eth0` of `ff02::1%eth0`; else the kernel chooses by its routes. */
function groupOf(host: string): { readonly group: string; readonly networkInterface?: string } {
  const [group = host, zone] = host.split('%')
  return zone === undefined ? { group } : { group, networkInterface: `::%${zone}` }
}

/** Tells when a datagram has been dealt with. */
function telling(behaviour: DatagramBehaviour, isDone: () => void): DatagramBehaviour {
  return {
    name: behaviour.name,
    begin(socket, engine) {
      const reaction = behaviour.begin(socket, engine)
      return {
        received: (bytes, from) => reaction.received(bytes, from).then(isDone),
        ended: () => reaction.ended?.(),
      }
    },
  }
}
