import fs from 'node:fs'
import { type Fault } from '../../shared/model/fault'
import { type DataFile } from './dataFile'
import { diskFault } from './diskFault'
import { lastWholeBlock } from './lastWholeBlock'
import { PAGE_BYTES } from './pageMemory'

export const SLAB_BYTES = 4 * 1024 * 1024
export const SLAB_COUNT = 8
/** The largest block that a chunk can become; a slab with less room left is turned over. */
export const MAX_BLOCK_BYTES = 262_144 + 64
/**
 * So many slabs are given to the disk at once: while sockets are read at full speed, it takes milliseconds until the event loop
 * sees that one is written, and the disk should have the next by then. More would keep Node's four threads from reading.
 */
const WRITES_AT_ONCE = 2
/** Small traffic is in the file after this time at the latest. */
const FLUSH_MS = 10
/** At most this much is lost when the power fails, while little comes in. */
const SYNC_MS = 250

/** A part of the ring. What it holds can be read until it is taken again, written or not. */
interface Slab {
  /** Index of its first byte in the memory. */
  readonly at: number
  /** File offset of its first byte: a multiple of PAGE_BYTES. */
  from: number
  /** File offset after its last byte. */
  to: number
  /** How far it has to be written; the rest, less than a page, went on to the next slab. */
  writeTo: number
  /** The first block that begins in it, and not in what was carried on from the slab before. */
  firstBlock: number
  /** How far it is in the file. */
  written: number
  /** The write that is under way, with the error that it ends with. */
  writing: Promise<Error | null> | null
}

/**
 * An append-only file that is written through a ring of memory. Blocks are composed in place at `cursor`, then
 * `advance` makes them part of the tape; what was appended is in the ring until it is on disk, and readable throughout.
 * Offsets are those of the file. It knows blocks by their lengths only.
 */
export class Tape {
  readonly bytes: Buffer
  readonly words: Uint32Array
  /** Index into `bytes`, a multiple of 4, at which the next block goes. */
  cursor: number
  /** Why nothing is written any more. What was appended before stays readable; appending is over. */
  fault: Fault | null = null

  #file: DataFile
  readonly #slabs: Slab[]
  /** Oldest first: what waits to be written. */
  readonly #full: Slab[] = []
  readonly #free: Slab[]
  #current: Slab
  #limit: number
  #written = 0
  /** The start of some whole block at or before `#written`, from which the last one can be found. */
  #safeBlock = 0
  /** The piece of the last block that went to a file now cut before it. */
  #salvage: { readonly from: number; readonly bytes: Buffer } | null = null
  #pumping: Promise<void> | null = null
  #syncing: Promise<void> | null = null
  #isFlushDue = false
  #timer: NodeJS.Timeout | null = null
  #hasRoom = true
  #isOver = false
  #isAtFullSpeed = false
  /** Nothing is written for now. */
  #isHeld = false
  #lastSyncMs = 0
  #waiting: Waiting[] = []
  readonly #listener: TapeListener

  /**
   * @param memory SLAB_BYTES * SLAB_COUNT bytes, the same that the file writes from
   * @param end where the next block goes: the file's length. A page that is begun is read, to be written again as a whole.
   */
  constructor(file: DataFile, memory: Buffer, listener: TapeListener, end = 0) {
    this.#file = file
    this.#listener = listener
    this.bytes = memory
    this.words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4)
    const slabs: Slab[] = []
    for (let at = 0; at < memory.length; at += SLAB_BYTES) {
      slabs.push({ at, from: 0, to: 0, writeTo: 0, firstBlock: 0, written: 0, writing: null })
    }
    this.#slabs = slabs
    // Taken from the end, and given back there: a small session touches the first two only.
    this.#free = slabs.slice(1).reverse()
    this.#current = slabs[0] as Slab
    this.cursor = this.#current.at
    this.#limit = this.cursor + SLAB_BYTES
    if (end > 0) this.#goOnFrom(end)
  }

  #goOnFrom(end: number): void {
    const first = this.#current
    first.from = end - (end % PAGE_BYTES)
    first.to = end
    first.firstBlock = end
    first.written = end
    for (let at = first.from; at < end;) {
      const read = fs.readSync(this.#file.descriptor, this.bytes, first.at + at - first.from, end - at, at)
      if (read === 0) throw new Error('The recording is shorter than it was.')
      at += read
    }
    this.cursor += end - first.from
    this.#written = end
    this.#safeBlock = end
  }

  /** File offset of the end: of the next block. */
  get end(): number {
    return this.cursor - this.#current.at + this.#current.from
  }
  /** All before this is in the file. */
  get written(): number {
    return this.#written
  }
  get hasRoom(): boolean {
    return this.#hasRoom
  }
  get room(): number {
    return this.#limit - this.cursor
  }

  /**
   * Sees to it that a block of this size fits at `cursor`, which may move. False when the tape has failed.
   * When all memory waits for the disk, this waits too: the one place where anything here blocks. Whoever heeds `hasRoom` does not get there.
   * @param length at most MAX_BLOCK_BYTES
   */
  reserve(length: number): boolean {
    if (this.#limit - this.cursor >= length) return true
    return !this.#isOver && this.#reserveAtAnyCost(length)
  }

  /** The block at `cursor` is complete. @param length a multiple of 4 */
  advance(length: number): void {
    this.cursor += length
    this.#current.to = this.end
    if (this.#limit - this.cursor < MAX_BLOCK_BYTES) this.#turn()
    this.#timer ??= setTimeout(this.#onTimer, FLUSH_MS)
    this.#listener.moved()
  }

  /** Copies what memory holds of file bytes `from` to `to` to the target, and calls `missing` for each piece that has to be read from the file. */
  copy(
    from: number,
    to: number,
    target: Uint8Array,
    targetAt: number,
    missing: (from: number, to: number) => void,
  ): void {
    let at = from
    while (at < to) {
      let held: Slab | null = null
      let nextHeld = to
      for (const slab of this.#slabs) {
        if (slab.from <= at && at < slab.to) held = slab
        else if (slab.from > at && slab.to > slab.from) nextHeld = Math.min(nextHeld, slab.from)
      }
      const salvage = this.#salvage
      let upTo: number
      if (held !== null) {
        upTo = Math.min(to, held.to)
        const start = held.at + at - held.from
        target.set(this.bytes.subarray(start, start + upTo - at), targetAt + at - from)
      } else if (salvage !== null && salvage.from <= at && at < salvage.from + salvage.bytes.length) {
        upTo = Math.min(to, salvage.from + salvage.bytes.length)
        target.set(salvage.bytes.subarray(at - salvage.from, upTo - salvage.from), targetAt + at - from)
      } else {
        upTo = salvage !== null && salvage.from > at ? Math.min(nextHeld, salvage.from) : nextHeld
        missing(at, upTo)
      }
      at = upTo
    }
  }

  /** Resolves when all that is appended now is in the file, or the tape has failed. */
  flush(): Promise<void> {
    if (this.fault !== null || this.#written >= this.end) return Promise.resolve()
    const until = this.end
    return new Promise((resolve) => {
      this.#waiting.push({ until, resolve })
      this.#isFlushDue = true
      this.#kick()
    })
  }

  /** Stops writing; what comes is kept in memory until `release`. Resolves once nothing is on its way to the disk. */
  async hold(): Promise<void> {
    this.#isHeld = true
    while (this.#pumping !== null) await this.#pumping
    for (const slab of this.#slabs) {
      await slab.writing
      // An error that it met will be met again.
      slab.writing = null
    }
    await this.#syncing
  }

  /** While nothing is on its way: how far it is written now. */
  get reached(): number {
    this.#recount()
    return this.#written
  }

  /** The start of a whole block, from which the last one that is written can be found. */
  get safeBlock(): number {
    return this.#safeBlock
  }

  /** Goes on writing. @param file from now on; it holds all that is `reached` */
  release(file: DataFile | null): void {
    if (file !== null) {
      this.#file = file
      // What was written out of turn is in the old one only.
      for (const slab of this.#full) if (slab.from > this.#written) slab.written = slab.from
    }
    this.#isHeld = false
    this.#kick()
  }

  /** Writes all, cuts the file to its end. The file stays open. Nothing may be appended any more. */
  async finish(): Promise<void> {
    this.#isOver = true
    this.#limit = this.cursor
    await this.flush()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    while (this.#pumping !== null) await this.#pumping
    await this.#syncing
    if (this.fault !== null) return
    this.#setRoom(true)
    try {
      this.#file.cutSync(this.end)
      await this.#file.sync()
    } catch (error) {
      this.fail(diskFault(error, 'write', this.#file.path, 'The end of the recording could not be written'))
    }
  }

  /** Stops writing for good. The file is cut after its last whole block; memory keeps what it has. */
  fail(fault: Fault): void {
    if (this.fault !== null) return
    this.fault = fault
    this.#isOver = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#limit = this.cursor
    try {
      this.#cutAfterLastBlock()
    } catch {
      // The disk refuses this too. The next open finds the torn tail; the fault that is told is the first one.
    }
    this.#setRoom(true)
    this.#settle()
    this.#listener.failed(fault)
  }

  #cutAfterLastBlock(): void {
    const end = lastWholeBlock(this.#file.descriptor, this.#safeBlock, this.#written)
    if (this.#salvage === null && end < this.#written) {
      // Its other part may be in memory, so that together they can still be read.
      const bytes = Buffer.alloc(this.#written - end)
      fs.readSync(this.#file.descriptor, bytes, 0, bytes.length, end)
      this.#salvage = { from: end, bytes }
    }
    this.#file.truncateSync(end)
  }

  readonly #onTimer = () => {
    this.#timer = null
    this.#isFlushDue = true
    this.#listener.ticked()
    this.#kick()
  }

  /** Goes on in the next free slab, if there is one; the rest of a page goes with it, so that this one ends on a page's edge. */
  #turn(): void {
    const next = this.#free.pop()
    if (next === undefined) return
    const old = this.#current
    const used = this.cursor - old.at
    const carried = used % PAGE_BYTES
    next.from = old.from + used - carried
    next.to = old.from + used
    next.firstBlock = next.to
    next.written = next.from
    this.bytes.copyWithin(next.at, this.cursor - carried, this.cursor)
    old.writeTo = next.from
    this.#full.push(old)
    this.#current = next
    this.cursor = next.at + carried
    this.#limit = next.at + SLAB_BYTES
    if (this.#free.length === 0) this.#setRoom(false)
    if (this.#pumping === null) this.#kick()
    else if (this.#isAtFullSpeed && !this.#isHeld) this.#startWrites()
  }

  #reserveAtAnyCost(length: number): boolean {
    if (this.#free.length === 0) {
      // The oldest may be on their way to the disk just now.
      const slab = this.#full.find(({ writing }) => writing === null)
      if (slab === undefined) return false
      try {
        if (slab.written < slab.writeTo) {
          this.#file.writeSync(slab.at + slab.written - slab.from, slab.written, slab.writeTo)
        }
      } catch (error) {
        this.fail(diskFault(error, 'write', this.#file.path, 'The recording stopped'))
        return false
      }
      slab.written = slab.writeTo
      this.#full.splice(this.#full.indexOf(slab), 1)
      this.#free.push(slab)
    }
    this.#turn()
    return this.#limit - this.cursor >= length
  }

  #kick(): void {
    if (this.#pumping !== null || this.fault !== null || this.#isHeld) return
    this.#pumping = this.#pump().then(() => {
      this.#pumping = null
      // What came up after the last look.
      if (this.#full.length > 0 || this.#isFlushDue) this.#kick()
    })
  }

  /** Writes what is to be written: full slabs first, then, when it is due, what the current one holds. */
  async #pump(): Promise<void> {
    try {
      while (this.fault === null && !this.#isHeld) {
        const slab = this.#full[0]
        if (slab !== undefined) {
          this.#isAtFullSpeed = true
          this.#startWrites()
          await this.#finished(slab)
          if (slab.written >= slab.writeTo) {
            this.#safeBlock = Math.max(this.#safeBlock, slab.firstBlock)
            this.#full.splice(this.#full.indexOf(slab), 1)
            this.#release(slab)
          }
        } else if (this.#isFlushDue) {
          this.#isFlushDue = false
          this.#isAtFullSpeed = false
          const current = this.#current
          this.#startWrite(current, this.end, false)
          await this.#finished(current)
          // At once, not in the background: nothing may be written behind this end meanwhile.
          if (current.written === this.end) this.#file.cutSync(current.written)
        } else {
          return
        }
        this.#recount()
        this.#settle()
        this.#listener.wrote(this.#written)
        this.#syncNowAndThen()
      }
    } catch (error) {
      this.#recount()
      this.fail(diskFault(error, 'write', this.#file.path, 'The recording stopped'))
    }
    if (this.fault !== null) await this.#clearUp()
  }

  /** After a failure: what was under way meanwhile lies behind the cut. */
  async #clearUp(): Promise<void> {
    for (const { writing } of this.#slabs) await writing
    try {
      this.#cutAfterLastBlock()
    } catch {
      // As in `fail`.
    }
  }

  #startWrites(): void {
    for (const slab of this.#full.slice(0, WRITES_AT_ONCE)) {
      if (slab.writing === null) this.#startWrite(slab, slab.writeTo, true)
    }
  }

  #startWrite(slab: Slab, to: number, isFullSpeed: boolean): void {
    const from = slab.written
    if (from >= to) return
    const wrote = (reached: number) => {
      slab.written = Math.max(slab.written, reached)
    }
    slab.writing = this.#file.write(slab.at + from - slab.from, from, to, isFullSpeed, wrote).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    )
  }

  async #finished(slab: Slab): Promise<void> {
    const error = await slab.writing
    slab.writing = null
    if (error !== null) throw error
  }

  /** Everything is in the file up to the first thing that is not. */
  #recount(): void {
    for (const slab of this.#full) {
      this.#written = Math.max(this.#written, slab.written)
      if (slab.written < slab.writeTo) return
    }
    this.#written = Math.max(this.#written, this.#current.written)
  }

  #release(slab: Slab): void {
    this.#free.push(slab)
    if (this.#isOver) return
    if (this.#limit - this.cursor < MAX_BLOCK_BYTES) {
      this.#turn()
      this.#listener.moved()
    }
    if (this.#free.length >= 2) this.#setRoom(true)
  }

  #setRoom(hasRoom: boolean): void {
    if (this.#hasRoom === hasRoom) return
    this.#hasRoom = hasRoom
    this.#listener.room(hasRoom)
  }

  #settle(): void {
    if (this.#waiting.length === 0) return
    const isDone = (each: Waiting) => this.fault !== null || each.until <= this.#written
    const done = this.#waiting.filter(isDone)
    this.#waiting = this.#waiting.filter((each) => !isDone(each))
    for (const each of done) each.resolve()
  }

  /** For the case that the power fails. In the background: writes need not wait for it. */
  #syncNowAndThen(): void {
    const now = performance.now()
    if (this.#syncing !== null || now - this.#lastSyncMs < SYNC_MS) return
    this.#lastSyncMs = now
    this.#syncing = this.#file.sync().then(
      () => {
        this.#syncing = null
      },
      (error: unknown) => {
        this.#syncing = null
        this.fail(diskFault(error, 'fdatasync', this.#file.path, 'The recording stopped'))
      },
    )
  }
}

interface Waiting {
  readonly until: number
  readonly resolve: () => void
}

/** What the tape tells its owner. None of them may append. */
export interface TapeListener {
  /** The cursor has moved. */
  moved(): void
  room(hasRoom: boolean): void
  /** All before this offset is in the file. */
  wrote(offset: number): void
  /** Now and then while something is appended. */
  ticked(): void
  failed(fault: Fault): void
}
