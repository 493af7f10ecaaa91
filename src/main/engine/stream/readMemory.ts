import { type Recorder } from '../recorder'

/** What one cold read takes at most: libuv's own suggestion. */
export const SCRATCH_BYTES = 65_536

/** A reader that has been given the recorder's memory for its next read. */
export interface MemoryHolder {
  /** The memory is no longer good: the next read must go elsewhere. */
  memoryMoved(): void
}

/**
 * Where streams read to. libuv reads one socket at a time and hands each read over before the next, so all sockets share
 * one buffer; the recorder copies from it. Only one socket at a time, one that receives in bulk, reads straight into the
 * recorder's memory: whatever anybody appends makes that memory stale, so there is never use for a second holder,
 * and with one it is plain that no read can ever go into memory that has become part of the record.
 */
export class ReadMemory {
  readonly scratch: Uint8Array = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #holder: MemoryHolder | null = null
  readonly stop: () => void

  constructor(recorder: Recorder) {
    this.stop = recorder.onMoved(() => {
      const holder = this.#holder
      if (holder === null) return
      this.#holder = null
      holder.memoryMoved()
    })
  }

  /** The next read of `holder` goes into the recorder's memory. Whoever held it before is sent elsewhere. */
  lend(holder: MemoryHolder): void {
    if (this.#holder === holder) return
    this.#holder?.memoryMoved()
    this.#holder = holder
  }

  /** A read of `holder` has come in, or it has ended. */
  giveBack(holder: MemoryHolder): void {
    if (this.#holder === holder) this.#holder = null
  }
}
