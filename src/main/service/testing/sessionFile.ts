import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { eventText } from '../../../shared/model/eventText'
import { exportFormats } from '../../../shared/model/export'
import { FaultError, type Fault } from '../../../shared/model/fault'
import { type SocketEvent } from '../../../shared/model/record'
import { openRecording } from '../../capture/index/opened'
import { overview } from '../../capture/overview'
import { packSamples, unpackSamples } from '../../capture/samples'
import { type Folder, pattern } from '../../capture/testing/folder'
import { makePlan } from '../../replay/plan'
import { recordedSockets } from '../../session/summaries'
import { piecesOf } from '../exportPieces'

const tcp = (port: number) => ({ kind: 'tcp', host: '127.0.0.1', port }) as const
const udp = (port: number) => ({ kind: 'udp', host: '::1', port }) as const

const refusal: Fault = {
  code: 'ECONNREFUSED',
  syscall: 'connect',
  summary: 'Nobody listens.',
  attempts: [{ code: 'ECONNREFUSED', summary: 'Nobody listens on ::1.' }],
}

/** One event of each kind that there is. */
export const everyEvent: readonly SocketEvent[] = [
  { what: 'listening', at: tcp(1) },
  { what: 'accepted', connection: 'C2', remote: tcp(2) },
  { what: 'dropped', count: 3 },
  { what: 'dialling', to: tcp(1) },
  { what: 'attempted', address: '::1', outcome: 'failed', fault: refusal },
  { what: 'opened', local: tcp(2), remote: tcp(1), by: 'local' },
  { what: 'bound', at: udp(5) },
  { what: 'peerSet', peer: udp(6) },
  { what: 'groupJoined', group: '224.0.0.1', networkInterface: 'lo' },
  { what: 'groupLeft', group: '224.0.0.1' },
  { what: 'paused' },
  { what: 'resumed' },
  { what: 'optionsSet', options: [{ name: 'noDelay', value: true, asked: true, note: 'n' }] },
  { what: 'behaviourSet', behaviour: 'upper' },
  { what: 'gap', direction: 'in', offset: 4, lengthBytes: 9 },
  { what: 'noted', text: 'ünïcode' },
  { what: 'finished', by: 'remote' },
  { what: 'closed', how: 'error', by: 'remote', unsentBytes: 0, fault: refusal },
  { what: 'failed', fault: refusal },
]

/** A small session with something of all that one can hold. Answers its bytes and those of its index. */
export async function smallSession(
  folder: Folder,
): Promise<{ readonly file: string; readonly bytes: Buffer; readonly index: Buffer }> {
  const capture = await folder.record()
  const listener = capture.track('L1', 'tcp', 'listen on tcp://127.0.0.1:1')
  const dialled = capture.track('C1', 'tcp', 'dialled tcp://127.0.0.1:1')
  const accepted = capture.track('C2', 'tcp', 'accepted by L1')
  const unix = capture.track('C3', 'unix', 'dialled unix:/tmp/x')
  const bound = capture.track('U1', 'udp', 'bind udp://[::1]:5')
  listener.event({ what: 'listening', at: tcp(1) })
  dialled.event({ what: 'opened', local: tcp(2), remote: tcp(1), by: 'local' })
  listener.event({ what: 'accepted', connection: 'C2', remote: tcp(2) })
  accepted.event({ what: 'opened', local: tcp(1), remote: tcp(2), by: 'remote' })
  dialled.chunk('out', Buffer.from('hello'))
  accepted.chunk('in', Buffer.from('hello'))
  accepted.chunk('out', pattern(1, 0, 20))
  dialled.chunk('in', pattern(1, 0, 20))
  unix.chunk('out', Buffer.from('x'))
  bound.event({ what: 'bound', at: udp(5) })
  bound.datagram('in', pattern(2, 0, 7), udp(5), udp(6))
  capture.mark({ v: 1, kind: 'mark', socket: 'C1', row: 1, note: 'here', colour: 'amber' })
  capture.sampled(
    packSamples('C1', [
      { atNanos: 5, of: 'tcp', values: { state: 1, rtt: 40 } },
      { atNanos: 9, of: 'tcp', values: { state: 1, rtt: 41 } },
    ]),
  )
  capture.arrange('{"version":1,"layout":null,"states":{},"open":["L1"]}')
  for (const track of [dialled, accepted])
    track.event({ what: 'closed', how: 'fin', by: 'local', unsentBytes: 0 })
  await capture.close()
  const { file } = capture
  return { file, bytes: fs.readFileSync(file), index: fs.readFileSync(`${file}.idx`) }
}

export const shaOf = (file: string): string =>
  createHash('sha256').update(fs.readFileSync(file)).digest('hex')

/**
 * Does with a session file what can be done with one without changing it: it is told of, opened, read and shown, and if wanted
 * exported in every form and planned to be played. Answers what was read, or the fault of the opening. Whatever else goes wrong is thrown.
 */
export async function use(file: string, isExported = true): Promise<string | Fault> {
  const before = shaOf(file)
  await overview(file)
  const opened = await openRecording(file)
  if (!opened.ok) {
    if (shaOf(file) !== before) throw new Error(`${file} was changed`)
    return opened.fault
  }
  const reader = opened.value
  const told: unknown[] = []
  try {
    const ids = reader.ids()
    for (const id of ids) {
      const read = await reader.read(id, 0, 512)
      if (!read.ok) throw new FaultError(read.fault)
      for (const row of read.value)
        told.push([id, row.kind === 'event' ? eventText(row.event) : Buffer.from(row.head).toString('hex')])
    }
    for (const id of ids) {
      const read = await reader.readSamples(id, 0, reader.sampleBlocks(id))
      if (!read.ok) throw new FaultError(read.fault)
      told.push(read.value.flatMap(unpackSamples))
    }
    const sockets = await recordedSockets(reader, new Map(ids.map((id) => [id, id])))
    told.push(structuredClone([...sockets.keys()]), await reader.others())
    if (isExported) for (const format of exportFormats) await exported(reader, format)
    if (isExported) await makePlan(reader, null)
  } finally {
    await reader.close()
  }
  if (shaOf(file) !== before) throw new Error(`${file} was changed`)
  return JSON.stringify(told)
}

type Reader = Parameters<typeof piecesOf>[0]['reader']

async function exported(reader: Reader, format: (typeof exportFormats)[number]): Promise<void> {
  const { signal } = new AbortController()
  const scope = { id: null, stream: 'both' } as const
  try {
    const pieces = piecesOf({ reader, scope, format, application: 'test', signal })
    while ((await pieces.next()).done !== true);
  } catch (error) {
    // Raw bytes of several connections; nothing that an experiment could do again.
    if (!(error instanceof FaultError) || error.fault.code === 'SB_BUG') throw error
  }
}
