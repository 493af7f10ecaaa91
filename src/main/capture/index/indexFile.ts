import fs from 'node:fs'
import { promisify } from 'node:util'
import { isSocketId, type SocketId } from '../../../shared/model/ids'
import { isMoment } from '../../../shared/model/record'
import {
  CHECKSUM_OF_NOTHING,
  checksumOf,
  MARK,
  RECORD_BYTES,
  RECORD_FLOATS,
  VERSION,
  wordsOfUuid,
} from '../indexLog'
import { FLAG, flagsOf, headBytesOf, lengthOf, ROW, StoredRows, type RecordStore } from '../rows'

const read = promisify(fs.read)

/** No block of a capture is longer. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024
/** So much of the index is read at once while it is looked through. */
const READ_RECORDS = 32 * 1024

/** An index that nobody writes any more. */
export class IndexFile implements RecordStore {
  readonly #descriptor: number

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  async read(from: number, count: number, target: Float64Array, targetAt: number): Promise<void> {
    const bytes = new Uint8Array(target.buffer, target.byteOffset + targetAt * 8, count * RECORD_BYTES)
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await read(
        this.#descriptor,
        bytes,
        done,
        bytes.length - done,
        from * RECORD_BYTES + done,
      )
      if (bytesRead === 0) throw new Error('The index is shorter than it was.')
      done += bytesRead
    }
  }
}

/** The rows of a socket in an index that is complete. */
export class IndexedRows extends StoredRows {
  readonly id: SocketId
  /** Where the capture describes its interface. */
  readonly describedAt: number
  inChunks = 0
  outChunks = 0
  /** The latest time of its rows. */
  lastNanos = 0
  /** Of its blocks of samples: rows of the index that are none of the record. */
  samples: IndexedRows | null = null

  constructor(store: RecordStore, id: SocketId, describedAt: number) {
    super(store)
    this.id = id
    this.describedAt = describedAt
  }

  /** Takes the next rows, whose records lie in memory and in the index. False where they do not follow the last ones. */
  take(
    position: number,
    firstRow: number,
    records: Float64Array,
    isBegin: boolean,
    captureBytes: number,
  ): boolean {
    if (firstRow !== this.count) return false
    if (isBegin) this.keepBlock(position, firstRow, records)
    for (let at = 0; at < records.length; at += RECORD_FLOATS) {
      const meta = records[at + ROW.meta] as number
      const block = records[at + ROW.block] as number
      const atNanos = records[at + ROW.atNanos] as number
      // An index that lies must not make anyone read what is not there.
      if (
        !isPlace(block, captureBytes) ||
        !(meta >= 0 && block + headBytesOf(meta) + lengthOf(meta) <= captureBytes) ||
        lengthOf(meta) > MAX_PAYLOAD_BYTES ||
        !isMoment(atNanos) ||
        records[at + ROW.inBefore] !== this.inBytes ||
        records[at + ROW.outBefore] !== this.outBytes
      )
        return false
      if (atNanos > this.lastNanos) this.lastNanos = atNanos
      const flags = flagsOf(meta)
      if ((flags & FLAG.data) === 0) continue
      if (flags & FLAG.out) {
        this.outBytes += lengthOf(meta)
        this.outChunks++
      } else {
        this.inBytes += lengthOf(meta)
        this.inChunks++
      }
    }
    this.count += records.length / RECORD_FLOATS
    return true
  }
}

const isCount = (count: number): boolean => Number.isSafeInteger(count) && count >= 0 && count < 2 ** 32
const isPlace = (at: number, captureBytes: number): boolean =>
  Number.isSafeInteger(at) && at >= 0 && at < captureBytes

export interface IndexContents {
  readonly sockets: ReadonlyMap<SocketId, IndexedRows>
  /** Custom blocks of the capture that belong to no row. */
  readonly others: readonly OtherBlock[]
  /** Interfaces that the capture describes. */
  readonly interfaces: number
  /** Rows of all sockets. */
  readonly rows: number
  /** Records before the mark of its end, and their checksum. */
  readonly records: number
  readonly checksum: number
}

export interface OtherBlock {
  readonly at: number
  readonly lengthBytes: number
  /** Of OTHER. */
  readonly kind: number
}

/**
 * Reads through an index. Null if it is not the one of this recording as it is now: of another file, of another version,
 * without its end, or damaged (its checksum tells). Rejects with Node's error.
 * @param captureBytes length of the capture's file
 */
export async function readIndex(
  descriptor: number,
  uuid: string,
  captureBytes: number,
  signal: AbortSignal,
): Promise<IndexContents | null> {
  const reader = new Records(descriptor)
  const head = await reader.next()
  const [first = 0, second = 0, third = 0] = wordsOfUuid(uuid)
  if (
    head === null ||
    head[0] !== MARK.file ||
    head[1] !== VERSION ||
    head[2] !== first ||
    head[3] !== second ||
    head[4] !== third
  )
    return null
  const store = new IndexFile(descriptor)
  const sockets = new Map<SocketId, IndexedRows>()
  const byInterface = new Map<number, IndexedRows>()
  const others: OtherBlock[] = []
  let rows = 0
  let lastInterface = -1
  for (;;) {
    const mark = await reader.next()
    if (mark === null || signal.aborted) return null
    const [kind, one = 0, two = 0, three = 0, four = 0] = mark
    if (kind === MARK.end) {
      const { checksum } = reader
      if (one !== captureBytes || two !== rows || !isCount(three)) return null
      if (four !== checksumOf(mark.subarray(0, 4), checksum)) return null
      const interfaces = Math.max(three, lastInterface + 1)
      return { sockets, others, interfaces, rows, records: reader.position - 1, checksum }
    }
    if (kind === MARK.socket) {
      const id = `${String.fromCharCode(two)}${three}`
      if (
        !isSocketId(id) ||
        sockets.has(id) ||
        byInterface.has(one) ||
        !isCount(one) ||
        !isPlace(four, captureBytes)
      )
        return null
      const found = new IndexedRows(store, id, four)
      sockets.set(id, found)
      byInterface.set(one, found)
      lastInterface = Math.max(lastInterface, one)
    } else if (kind === MARK.other) {
      if (!isPlace(one, captureBytes) || !isPlace(two, captureBytes)) return null
      others.push({ at: one, lengthBytes: two, kind: three })
    } else if (kind === MARK.rows || kind === MARK.samples) {
      const owner = byInterface.get(one)
      if (owner !== undefined && kind === MARK.samples)
        owner.samples ??= new IndexedRows(store, owner.id, owner.describedAt)
      const found = kind === MARK.samples ? owner?.samples : owner
      if (!found || !Number.isSafeInteger(three) || three < 1) return null
      for (let done = 0; done < three;) {
        const { position } = reader
        const records = await reader.some(three - done)
        if (records === null || !found.take(position, two + done, records, done === 0, captureBytes))
          return null
        done += records.length / RECORD_FLOATS
      }
      if (kind === MARK.rows) rows += three
    } else if (kind === MARK.edges) {
      // What the file itself says of its chunks is what is shown of it.
      if (!Number.isSafeInteger(three) || three < 1) return null
      for (let done = 0; done < three;) {
        const records = await reader.some(three - done)
        if (records === null) return null
        done += records.length / RECORD_FLOATS
      }
    } else return null
  }
}

/** Reads an index from its beginning to its end. What it answers is good until it is asked again. */
class Records {
  readonly #descriptor: number
  readonly #memory: Float64Array<ArrayBuffer>
  readonly #bytes: Uint8Array
  /** Records held, and the next of them. */
  #held = 0
  #at = 0
  /** Position in the index of the next record. */
  position = 0
  /** Of all records before those that were answered last. */
  checksum = CHECKSUM_OF_NOTHING
  #last: Float64Array

  constructor(descriptor: number) {
    this.#descriptor = descriptor
    const records = Math.min(READ_RECORDS, Math.ceil(fs.fstatSync(descriptor).size / RECORD_BYTES))
    this.#memory = new Float64Array(Math.max(1, records) * RECORD_FLOATS)
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#last = this.#memory.subarray(0, 0)
  }

  next(): Promise<Float64Array | null> {
    return this.some(1)
  }

  /** As many as are held, at least one and at most so many; null at the end. */
  async some(most: number): Promise<Float64Array | null> {
    this.checksum = checksumOf(this.#last, this.checksum)
    if (this.#at === this.#held && !(await this.#fill())) return null
    const upTo = Math.min(this.#held, this.#at + most)
    const records = this.#memory.subarray(this.#at * RECORD_FLOATS, upTo * RECORD_FLOATS)
    this.position += upTo - this.#at
    this.#at = upTo
    this.#last = records
    return records
  }

  async #fill(): Promise<boolean> {
    let done = 0
    while (done < this.#bytes.length) {
      const at = this.position * RECORD_BYTES + done
      const { bytesRead } = await read(this.#descriptor, this.#bytes, done, this.#bytes.length - done, at)
      if (bytesRead === 0) break
      done += bytesRead
    }
    this.#held = Math.floor(done / RECORD_BYTES)
    this.#at = 0
    return this.#held > 0
  }
}
