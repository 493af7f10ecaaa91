import fs from 'node:fs'
import { promisify } from 'node:util'
import { type SocketId } from '../../shared/model/ids'

const writev = promisify(fs.writev)
const read = promisify(fs.read)
const closeDescriptor = promisify(fs.close)

/** Every record of the index, of whatever kind, is five 64-bit floats: exact for whole numbers below 2^53. */
export const RECORD_FLOATS = 5
export const RECORD_BYTES = RECORD_FLOATS * 8
const PAGE_RECORDS = 1638
const PAGE_FLOATS = PAGE_RECORDS * RECORD_FLOATS
const PAGE_BYTES = PAGE_FLOATS * 8

const PAGES_A_WRITE = 16
/** With so many records in memory, 16 MB, sockets must wait: a flood of small chunks, and a disk that is slow with them. */
const BEHIND_RECORDS = 400_000

/** What the index tells its owner. */
export interface IndexListener {
  /** So much is in memory that no more should come; or no longer. */
  behind(isBehind: boolean): void
  /** Told once: the index cannot be written, with Node's error. */
  failed(error: unknown): void
}

/** What an index holds that is gone on with. */
export interface PastIndex {
  readonly records: number
  readonly sockets: number
  /** Of those records. */
  readonly checksum: number
}

/** First float of a record that begins something. No row begins with it: file offsets are not negative. */
export const MARK = { file: -1, rows: -2, socket: -3, end: -4, other: -5, edges: -6, samples: -7 } as const
/** Since 2 its end tells a checksum; an older one is made anew. */
export const VERSION = 2
/** Kinds of custom blocks that are no rows. Of arrangements only the last one is of use. */
export const OTHER = { any: 0, arrangement: 1 } as const

/** FNV-1a, word by word: of records in their order, whatever pieces they come in. One word that is another one always shows. */
export function checksumOf(records: Float64Array, before = CHECKSUM_OF_NOTHING): number {
  const words = new Uint32Array(records.buffer, records.byteOffset, records.length * 2)
  let sum = before
  for (let n = 0; n < words.length; n++) sum = Math.imul(sum ^ (words[n] as number), 0x01000193)
  return sum >>> 0
}
export const CHECKSUM_OF_NOTHING = 0x811c9dc5

/** A recording's id as three whole numbers, of 44, 44 and 40 bits. */
export function wordsOfUuid(uuid: string): readonly number[] {
  const digits = uuid.replaceAll('-', '')
  const part = (from: number, to: number) => parseInt(digits.slice(from, to), 16)
  return [part(0, 11), part(11, 22), part(22, 32)]
}

/**
 * The index's file (`FILE.idx`): records appended in blocks, written only once the data that they point to is in the
 * capture's file. What is not written yet is readable from memory. Positions count records from the file's beginning.
 *
 * ```
 * file    [-1, version, the session's id as three whole numbers of 44, 44 and 40 bits]
 * rows    [-2, interface, first row, count, data end]           then `count` rows (see rows.ts)
 * socket  [-3, interface, letter and number of its id, where its interface is described]
 * other   [-5, offset and length of a custom block of the capture that is no row, its kind (see OTHER)]
 * edges   [-6, interface, first row, count, data end]           then `count` records: heads and ends of long chunks (see edges.ts)
 * samples [-7, interface, first, count, data end]               then `count` records: of blocks of samples, as of rows; each with its last moment
 * end     [-4, length of the capture's file, rows, interfaces, checksum of all before it]   only after a clean close
 * ```
 */
export class IndexLog {
  #descriptor: number
  /** Page number to page; a page goes when all of it is written. */
  readonly #pages = new Map<number, Float64Array>()
  /** How many sockets it has rows of. */
  sockets = 0
  #end = 0
  #checksum = CHECKSUM_OF_NOTHING
  #written = 0
  /** How far it may be written. */
  #due = 0
  /** Pairs: a position in this file, and the length that the capture's file must have reached first. */
  #marks: number[] = []
  #nextMark = 0
  #isPumping: Promise<void> | null = null
  #isOver = false
  #isHeld = false
  #isBehind = false
  readonly #listener: IndexListener

  /** @param past of an index that is gone on with: its file ends with its last record, which is no mark of an end */
  constructor(descriptor: number, uuid: string, listener: IndexListener, past: PastIndex | null = null) {
    this.#descriptor = descriptor
    this.#listener = listener
    if (past === null) {
      this.append([MARK.file, VERSION, ...wordsOfUuid(uuid)], 0)
      return
    }
    this.sockets = past.sockets
    this.#checksum = past.checksum
    this.#end = this.#written = this.#due = past.records
    // What a page holds is read from memory as soon as it is there: all of it, then.
    const first = past.records - (past.records % PAGE_RECORDS)
    const begun = (past.records - first) * RECORD_BYTES
    const page = new Uint8Array(this.#pageAt(first).buffer)
    for (let done = 0; done < begun;) {
      const count = fs.readSync(descriptor, page, done, begun - done, first * RECORD_BYTES + done)
      if (count === 0) throw new Error('The index is shorter than it was.')
      done += count
    }
  }

  /** Where the next record goes. */
  get end(): number {
    return this.#end
  }

  /**
   * Appends records as one block.
   * @param dataEnd the length that the capture's file must have before this may be written
   */
  append(records: ArrayLike<number>, dataEnd: number, from = 0, to = records.length): void {
    let at = from
    while (at < to) {
      const page = this.#pageAt(this.#end)
      const start = (this.#end % PAGE_RECORDS) * RECORD_FLOATS
      const upTo = Math.min(to, at + PAGE_FLOATS - start)
      // Not as numbers where it may be bytes: of those that are NaN, not every bit would survive.
      if (records instanceof Float64Array) page.set(records.subarray(at, upTo), start)
      else for (let n = at; n < upTo; n++) page[start + n - at] = records[n] as number
      this.#checksum = checksumOf(page.subarray(start, start + upTo - at), this.#checksum)
      this.#end += (upTo - at) / RECORD_FLOATS
      at = upTo
    }
    const last = this.#marks.length - 1
    if (last > this.#nextMark && this.#marks[last] === dataEnd) this.#marks[last - 1] = this.#end
    else this.#marks.push(this.#end, dataEnd)
    if (this.#end - this.#written > BEHIND_RECORDS && !this.#isOver) this.#tellBehind()
  }

  /** Tells which interface of the capture's file is which socket. @param block where it is described there */
  appendSocket(interfaceNumber: number, id: SocketId, block: number, dataEnd: number): void {
    this.sockets++
    this.append([MARK.socket, interfaceNumber, id.charCodeAt(0), Number(id.slice(1)), block], dataEnd)
  }

  /** Tells of a custom block of the capture that is no row. @param kind of OTHER */
  appendOther(at: number, lengthBytes: number, kind: number, dataEnd: number): void {
    this.append([MARK.other, at, lengthBytes, kind, 0], dataEnd)
  }

  /** The capture ends here, and so does this. @param interfaces that the capture describes, also such as are no socket's */
  appendEnd(captureBytes: number, rows: number, interfaces: number, dataEnd: number): void {
    const told = Float64Array.of(MARK.end, captureBytes, rows, interfaces)
    this.append([...told, checksumOf(told, this.#checksum)], dataEnd)
  }

  /** Reads records into the target: from memory at once, or from the file. Rejects with Node's error. */
  async read(from: number, count: number, target: Float64Array, targetAt: number): Promise<void> {
    const reads: Promise<void>[] = []
    let at = from
    const to = from + count
    while (at < to) {
      const upTo = Math.min(to, at - (at % PAGE_RECORDS) + PAGE_RECORDS)
      const start = (at % PAGE_RECORDS) * RECORD_FLOATS
      const floats = (upTo - at) * RECORD_FLOATS
      const place = targetAt + (at - from) * RECORD_FLOATS
      const page = this.#pages.get(Math.floor(at / PAGE_RECORDS))
      if (page !== undefined) target.set(page.subarray(start, start + floats), place)
      else
        reads.push(
          this.#readFile(at, new Uint8Array(target.buffer, target.byteOffset + place * 8, floats * 8)),
        )
      at = upTo
    }
    if (reads.length > 0) await Promise.all(reads)
  }

  /** The capture's file has reached this length: what waited for it may be written. */
  dataReached(offset: number): void {
    let target = this.#written
    while (this.#nextMark < this.#marks.length && (this.#marks[this.#nextMark + 1] as number) <= offset) {
      target = this.#marks[this.#nextMark] as number
      this.#nextMark += 2
    }
    if (this.#nextMark > 4096 && this.#nextMark * 2 > this.#marks.length) {
      this.#marks = this.#marks.slice(this.#nextMark)
      this.#nextMark = 0
    }
    if (target > this.#due) this.#due = target
    this.#kick()
  }

  /** Stops writing, until `release`. Resolves once nothing is on its way to the disk. */
  async hold(): Promise<void> {
    this.#isHeld = true
    await this.settled()
  }

  /** Length of what is in its file. */
  get writtenBytes(): number {
    return this.#written * RECORD_BYTES
  }

  /** Goes on writing. @param descriptor from now on; it holds all that is written */
  release(descriptor: number | null): void {
    if (descriptor !== null) this.#descriptor = descriptor
    this.#isHeld = false
    this.#kick()
  }

  /** Resolves when all that may be written is in the file. */
  async settled(): Promise<void> {
    while (this.#isPumping !== null) await this.#isPumping
  }

  /** Writes what may be written and closes the file. */
  async close(): Promise<void> {
    await this.settled()
    this.#isOver = true
    await closeDescriptor(this.#descriptor)
  }

  #kick(): void {
    if (this.#isPumping !== null || this.#isOver || this.#isHeld || this.#written >= this.#due) return
    this.#isPumping = this.#pump().then(() => {
      this.#isPumping = null
      this.#kick()
    })
  }

  async #pump(): Promise<void> {
    try {
      while (this.#written < this.#due && !this.#isHeld) {
        const upTo = Math.min(this.#due, this.#written + PAGES_A_WRITE * PAGE_RECORDS)
        await this.#writeOut(upTo)
        for (let page = Math.floor(this.#written / PAGE_RECORDS); (page + 1) * PAGE_RECORDS <= upTo; page++) {
          this.#pages.delete(page)
        }
        this.#written = upTo
        this.#tellBehind()
      }
    } catch (error) {
      this.#isOver = true
      this.#listener.failed(error)
    }
  }

  async #writeOut(upTo: number): Promise<void> {
    const end = upTo * RECORD_BYTES
    let at = this.#written * RECORD_BYTES
    while (at < end) {
      const pieces: Uint8Array[] = []
      for (let from = at; from < end;) {
        const page = Math.floor(from / PAGE_BYTES)
        const to = Math.min(end, (page + 1) * PAGE_BYTES)
        const floats = this.#pageAt(page * PAGE_RECORDS)
        pieces.push(new Uint8Array(floats.buffer, from - page * PAGE_BYTES, to - from))
        from = to
      }
      at += (await writev(this.#descriptor, pieces, at)).bytesWritten
    }
  }

  #tellBehind(): void {
    const behind = this.#end - this.#written
    const isBehind = this.#isBehind ? behind > BEHIND_RECORDS / 2 : behind > BEHIND_RECORDS
    if (isBehind === this.#isBehind) return
    this.#isBehind = isBehind
    this.#listener.behind(isBehind)
  }

  #pageAt(position: number): Float64Array {
    const number = Math.floor(position / PAGE_RECORDS)
    let page = this.#pages.get(number)
    if (page === undefined) {
      page = new Float64Array(PAGE_FLOATS)
      this.#pages.set(number, page)
    }
    return page
  }

  async #readFile(position: number, target: Uint8Array): Promise<void> {
    let done = 0
    while (done < target.length) {
      const { bytesRead } = await read(
        this.#descriptor,
        target,
        done,
        target.length - done,
        position * RECORD_BYTES + done,
      )
      if (bytesRead === 0) throw new Error('The index is shorter than it was.')
      done += bytesRead
    }
  }
}
