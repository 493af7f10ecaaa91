import { type Reply } from '../../shared/model/fault'
import { isConnectionId, type SocketId } from '../../shared/model/ids'
import { type ByteRange, type CaptureSize, type Row, type StreamName } from '../../shared/model/record'
import { type SamplesPayload } from '../capture/samples'
import { type CaptureReader } from '../capture/types'

/** A socket of a session, and where its record is: under another id, if the file's was taken. */
interface Place {
  readonly reader: CaptureReader
  readonly id: SocketId
}

/** Everything that can be read in a session: what is being recorded, and recordings that were opened beside it. */
export class SessionRecord implements CaptureReader {
  /** What is being recorded. */
  readonly live: CaptureReader
  readonly #opened = new Map<SocketId, Place>()
  /** For each opened recording, its ids to those of the session. */
  readonly #names = new Map<CaptureReader, ReadonlyMap<SocketId, SocketId>>()

  constructor(live: CaptureReader) {
    this.live = live
  }

  /** @param names the recording's ids to those that they have in the session */
  add(reader: CaptureReader, names: ReadonlyMap<SocketId, SocketId>): void {
    this.#names.set(reader, names)
    for (const [id, name] of names) this.#opened.set(name, { reader, id })
  }

  remove(reader: CaptureReader): void {
    for (const name of this.#names.get(reader)?.values() ?? []) this.#opened.delete(name)
    this.#names.delete(reader)
  }

  get file(): string {
    return this.live.file
  }
  get epochNanos(): bigint {
    return this.live.epochNanos
  }
  ids(): readonly SocketId[] {
    return [...this.live.ids(), ...this.#opened.keys()]
  }
  about(id: SocketId): string {
    const place = this.placeOf(id)
    return place.reader.about(place.id)
  }
  fileOf(id: SocketId): string {
    const place = this.placeOf(id)
    return place.reader.fileOf(place.id)
  }
  size(id: SocketId): CaptureSize {
    const place = this.placeOf(id)
    return place.reader.size(place.id)
  }
  async read(id: SocketId, from: number, to: number): Promise<Reply<readonly Row[]>> {
    const place = this.placeOf(id)
    const read = await place.reader.read(place.id, from, to)
    const names = this.#names.get(place.reader)
    if (!read.ok || names === undefined) return read
    return { ok: true, value: read.value.map((row) => renamed(row, names)) }
  }
  bytes(id: SocketId, stream: StreamName, from: number, to: number): Promise<Reply<ByteRange>> {
    const place = this.placeOf(id)
    return place.reader.bytes(place.id, stream, from, to)
  }
  rowAtOffset(id: SocketId, stream: StreamName, offset: number): Promise<Reply<number>> {
    const place = this.placeOf(id)
    return place.reader.rowAtOffset(place.id, stream, offset)
  }
  rowAtTime(id: SocketId, atNanos: number): Promise<Reply<number>> {
    const place = this.placeOf(id)
    return place.reader.rowAtTime(place.id, atNanos)
  }
  totalsBefore(id: SocketId, moments: readonly number[]): Promise<Reply<Float64Array>> {
    const place = this.placeOf(id)
    return place.reader.totalsBefore(place.id, moments)
  }
  records(id: SocketId, from: number, most: number): Promise<Float64Array> {
    const place = this.placeOf(id)
    return place.reader.records(place.id, from, most)
  }

  sampleBlocks(id: SocketId): number {
    const place = this.placeOf(id)
    return place.reader.sampleBlocks(place.id)
  }
  sampleBlocksBefore(id: SocketId, atNanos: number): Promise<Reply<number>> {
    const place = this.placeOf(id)
    return place.reader.sampleBlocksBefore(place.id, atNanos)
  }
  readSamples(id: SocketId, from: number, to: number): Promise<Reply<readonly SamplesPayload[]>> {
    const place = this.placeOf(id)
    return place.reader.readSamples(place.id, from, to)
  }

  /** The recording that holds a socket, and the socket's id there. */
  placeOf(id: SocketId): Place {
    return this.#opened.get(id) ?? { reader: this.live, id }
  }
}

/** An accept names its connection, and what is passed on the one that it goes to. */
function renamed(row: Row, names: ReadonlyMap<SocketId, SocketId>): Row {
  if (row.kind !== 'event') return row
  const { event } = row
  if (event.what === 'accepted') {
    const connection = names.get(event.connection) ?? event.connection
    return isConnectionId(connection) ? { ...row, event: { ...event, connection } } : row
  }
  if (event.what === 'called' || event.what === 'blocked') {
    const bench = names.get(event.bench) ?? event.bench
    const socket = event.socket === null ? null : (names.get(event.socket) ?? event.socket)
    return { ...row, event: { ...event, bench, socket } as typeof event }
  }
  if (event.what === 'handedOver') return { ...row, event: { ...event, to: names.get(event.to) ?? event.to } }
  if (event.what === 'takenOver') {
    return { ...row, event: { ...event, from: names.get(event.from) ?? event.from } }
  }
  if (event.what !== 'passedOn') return row
  const to = names.get(event.to) ?? event.to
  return isConnectionId(to) ? { ...row, event: { ...event, to } } : row
}
