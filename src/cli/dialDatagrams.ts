import { lookup } from 'node:dns/promises'
import { type Readable } from 'node:stream'
import { callerOf, type DatagramEndpoint, formatEndpoint } from '../shared/model/endpoint'
import { FaultError } from '../shared/model/fault'
import { type DatagramId } from '../shared/model/ids'
import { drop } from '../shared/model/must'
import { toFault } from '../main/engine/fault'
import { type Engine } from '../main/engine/types'
import { complaint } from './complaint'
import { exitCodes, type ExitCode } from './exitCodes'
import { narrate } from './narrator'
import { ReceivedBytes } from './receivedBytes'
import { type Recording } from './recording'
import { interrupted, type Terminal } from './terminal'

/** The most that one datagram carries over IPv4: 65,535 less the headers of IP and UDP. */
const MAX_DATAGRAM_BYTES = 65_507

export interface DialDatagramsOptions {
  readonly hex?: boolean
  readonly json?: boolean
  /** Seconds. */
  readonly idle: number
}

/** Sends each line of stdin as a datagram to one peer and passes on what that peer sends. */
export async function dialDatagrams(
  to: DatagramEndpoint,
  options: DialDatagramsOptions,
  terminal: Terminal,
  recording: Recording,
): Promise<ExitCode> {
  const { engine } = recording.service
  const id = await connect(to, terminal, recording)
  const json = options.json === true
  const received = json ? null : new ReceivedBytes(engine, id, terminal.stdout, options.hex === true)
  let failures = 0
  // ICMP's answers come after the call that they are about: they are in the record, as what could not be sent is.
  const follower = narrate(recording.service, terminal, {
    json,
    isTold: (_id, row) => {
      const failure = row.kind === 'event' && row.event.what === 'failed' ? row.event.fault : null
      if (failure !== null) failures++
      if (failure !== null && !json) drop(terminal.stderr.line(complaint(failure)))
      return json
    },
  })
  const stopped = Promise.race([interrupted(terminal.interrupt), terminal.stdout.broken])
  const conversation = sendLines(engine, id, terminal)
    .catch(async (error: unknown) => {
      failures++
      await terminal.stderr.line(complaint(toFault(error, { syscall: 'read', endpoint: 'stdin' })))
    })
    .then(() => quiet(engine, id, options.idle * 1000))
  await Promise.race([conversation, stopped])
  received?.stop()
  await follower.finish()
  return failures === 0 ? exitCodes.done : exitCodes.differed
}

async function connect(to: DatagramEndpoint, terminal: Terminal, { call }: Recording): Promise<DatagramId> {
  const target = await resolved(to)
  const { id } = await call('udp.bind', { at: formatEndpoint(callerOf(target)) })
  const { state } = await call('udp.connect', { id, to: formatEndpoint(target) })
  if (state.phase === 'failed') throw new FaultError(state.fault)
  if (state.phase === 'bound' && state.peer !== null) {
    await terminal.stderr.line(
      `switchboard: sending to ${formatEndpoint(state.peer)} from ${formatEndpoint(state.at)}`,
    )
  }
  return id
}

/** The socket is bound to the IP version that the name has. */
async function resolved(to: DatagramEndpoint): Promise<DatagramEndpoint> {
  if (to.kind === 'unixgram') return to
  const { address } = await lookup(to.host).catch((error: unknown) => {
    throw new FaultError(toFault(error, { endpoint: formatEndpoint(to) }))
  })
  return { ...to, host: address }
}

/** What cannot be sent is in the record; the next line may fare better. */
async function sendLines(engine: Engine, id: DatagramId, terminal: Terminal): Promise<void> {
  let isCutTold = false
  for await (const { bytes, isCut } of lines(terminal.stdin)) {
    if (isCut && !isCutTold) {
      isCutTold = true
      await terminal.stderr.line(
        `switchboard: a line has more than the ${MAX_DATAGRAM_BYTES} bytes of a datagram over IPv4: it goes in several`,
      )
    }
    await engine.sendUdp(id, bytes, null)
  }
}

/** Each line with its line ending; a longer one is cut where a datagram must end. */
async function* lines(input: Readable): AsyncGenerator<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of input) {
    held = held.length === 0 ? (chunk as Buffer) : Buffer.concat([held, chunk as Buffer])
    for (;;) {
      const newline = held.subarray(0, MAX_DATAGRAM_BYTES).indexOf(0x0a)
      const isCut = newline === -1
      if (isCut && held.length <= MAX_DATAGRAM_BYTES) break
      const end = isCut ? MAX_DATAGRAM_BYTES : newline + 1
      yield { bytes: held.subarray(0, end), isCut }
      held = held.subarray(end)
    }
  }
  if (held.length > 0) yield { bytes: held, isCut: false }
}

/** Resolves when nothing has come or gone for so long. */
async function quiet(engine: Engine, id: DatagramId, idleMs: number): Promise<void> {
  const chunks = (): number => {
    const counters = engine.counters(id)
    return (counters?.inChunks ?? 0) + (counters?.outChunks ?? 0)
  }
  for (let seen = -1; seen !== chunks();) {
    seen = chunks()
    await new Promise((resolve) => setTimeout(resolve, idleMs))
  }
}
