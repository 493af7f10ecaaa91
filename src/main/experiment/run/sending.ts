import { type FileHandle } from 'node:fs/promises'
import { type ExperimentStep } from '../../../shared/model/experiment'
import { fault, FaultError } from '../../../shared/model/fault'
import { type ConnectionId, type DatagramId } from '../../../shared/model/ids'
import { parseEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import { formatDuration } from '../../../shared/wire/duration'
import { toFault } from '../../engine/fault'
import { openInFolder } from '../inFolder'
import { resolveAddress } from '../references'
import { until, type Moment } from './moment'
import { failed, faulty, passed, type Done } from './outcome'
import { type DatagramPlace } from './places'
import { firstRow } from './reading'

type SendStep = Extract<ExperimentStep, { act: 'send' }>

/** One read of a file, and one chunk of the record. */
const SLICE_BYTES = 128 * 1024
/** Past this much waiting in the connection the file is not read any further. */
const MAX_QUEUED_BYTES = 512 * 1024
/** The longest datagram over IPv4. */
const MAX_DATAGRAM_BYTES = 65_507

export async function sendStep(moment: Moment, step: SendStep): Promise<Done> {
  const { places } = moment
  const place = places.place(step.at.name)
  if (place?.kind === 'udp') return sendDatagram(moment, step, place)
  const id = await until(moment, () => places.stream(step.at))
  if (id === null)
    return failed(`Nobody has called ${step.at.name} within ${formatDuration(moment.withinMs)}.`)
  if (step.payload.is === 'file')
    return withFile(moment, step.payload.path, (file) => sendFile(moment, id, file))
  const sent = places.ground.engine.send(id, step.payload.bytes)
  if (!sent.ok) return faulty(sent.fault)
  await drained(moment, id)
  const waiting = places.connection(id)?.queuedBytes ?? 0
  const { length } = step.payload.bytes
  return passed(waiting > 0 ? `${length} B, of which ${waiting} B wait for the peer` : `${length} B`)
}

async function drained(moment: Moment, id: ConnectionId): Promise<void> {
  const { engine } = moment.places.ground
  if ((moment.places.connection(id)?.queuedBytes ?? 0) === 0) return
  let isDone = false
  void engine.drained(id).then(() => {
    isDone = true
    moment.places.watch.notify()
  })
  await until(moment, () => isDone || null)
}

async function sendFile(moment: Moment, id: ConnectionId, file: FileHandle): Promise<Done> {
  const { engine, whenRoom } = moment.places.ground
  // Used again and again: the engine copies what the kernel does not take at once.
  const slice = new Uint8Array(SLICE_BYTES)
  for (let sentBytes = 0; ;) {
    const { bytesRead } = await file.read(slice, 0, SLICE_BYTES, sentBytes)
    if (bytesRead > 0) {
      const sent = engine.send(id, slice.subarray(0, bytesRead))
      if (!sent.ok) return faulty(sent.fault)
      sentBytes += bytesRead
    }
    const queued = moment.places.connection(id)?.queuedBytes ?? 0
    if (queued > MAX_QUEUED_BYTES || (bytesRead === 0 && queued > 0)) await drained(moment, id)
    await whenRoom()
    const left = moment.places.connection(id)?.queuedBytes ?? 0
    if (left > MAX_QUEUED_BYTES)
      return failed(
        `The peer took ${sentBytes - left} bytes of the file within ${formatDuration(moment.withinMs)}.`,
      )
    if (bytesRead === 0) return passed(`${sentBytes} B`)
    if (moment.signal.aborted) return failed('Stopped.')
  }
}

async function sendDatagram(moment: Moment, step: SendStep, place: DatagramPlace): Promise<Done> {
  const { payload } = step
  if (payload.is !== 'file') return sendTo(moment, step, place, payload.bytes)
  return withFile(moment, payload.path, async (file) => {
    const bytes = new Uint8Array(MAX_DATAGRAM_BYTES + 1)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    if (bytesRead > MAX_DATAGRAM_BYTES)
      return failed(`A datagram holds at most ${MAX_DATAGRAM_BYTES} bytes; the file has more.`)
    return sendTo(moment, step, place, bytes.subarray(0, bytesRead))
  })
}

async function sendTo(
  moment: Moment,
  step: SendStep,
  place: DatagramPlace,
  bytes: Uint8Array,
): Promise<Done> {
  const { places } = moment
  const { engine } = places.ground
  if (place.id === null) return failed(`${step.at.name} is not bound.`)
  const { id } = place
  const endpoint = places.endpoint(step.at.name)
  let to: Endpoint | null = null
  if (endpoint?.kind === 'udp' && !endpoint.isConnected) {
    const target =
      step.to === null
        ? await lastSender(moment, id)
        : resolveAddress(step.to, (name, part) => places.valueOf(name, part))
    if (target === null)
      return failed(`Nobody has sent to ${step.at.name} yet: say where to with to: and its address.`)
    if (!target.ok) return faulty(target.fault)
    to = target.value
  }
  const sent = await engine.sendUdp(id, bytes, to)
  return sent.ok ? passed(`${bytes.length} B`) : faulty(sent.fault)
}

async function lastSender({ places }: Moment, id: DatagramId) {
  let last: string | null = null
  const gone = await firstRow(places.ground, id, 0, (row) => {
    if (row.kind === 'data' && row.direction === 'in') last = row.peer
    return null
  })
  if (!gone.ok) return gone
  return last === null ? null : parseEndpoint(last)
}

/** Opens a file of the experiment's folder, in which it must lie when all links are followed. */
async function withFile(
  { places }: Moment,
  name: string,
  use: (file: FileHandle) => Promise<Done>,
): Promise<Done> {
  let file: FileHandle | null = null
  try {
    file = await openInFolder(places.ground.folder, name)
    if (file === null) {
      throw new FaultError(
        fault('SB_INPUT', `${name} does not lie in the experiment's folder.`, {
          hint: 'An experiment sends files of its own folder only: put the file beside it.',
        }),
      )
    }
    if (!(await file.stat()).isFile()) throw new FaultError(fault('SB_INPUT', `${name} is no regular file.`))
    return await use(file)
  } catch (error) {
    return faulty(error instanceof FaultError ? error.fault : toFault(error, { endpoint: name }))
  } finally {
    await file?.close()
  }
}
