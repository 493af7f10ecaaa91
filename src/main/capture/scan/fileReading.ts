import { closeSync, openSync, readSync } from 'node:fs'
import { type Entry } from '../entries'
import { extentsOf, type Extent } from './extents'

/** Read at once. No chunk is longer. */
export const EXTENT_BYTES = 1024 * 1024

/** Reads payloads from captures that somebody else may still write. Throws Node's error. */
export class FileReading {
  readonly #memory: Buffer
  readonly #files = new Map<string, number>()

  /** @param memory into which is read, of EXTENT_BYTES at least */
  constructor(memory: Buffer = Buffer.alloc(EXTENT_BYTES)) {
    this.#memory = memory
  }

  /** Reads chunks in their order, and shows each where it lies in memory: good during the call only. */
  eachChunk(
    file: string,
    chunks: readonly Entry[],
    visit: (chunk: Entry, bytes: Buffer, at: number) => void,
  ): void {
    for (const extent of extentsOf(chunks, EXTENT_BYTES)) {
      this.#read(file, extent)
      for (const chunk of extent.chunks) visit(chunk, this.#memory, chunk.payload - extent.from)
    }
  }

  close(): void {
    for (const descriptor of this.#files.values()) closeSync(descriptor)
    this.#files.clear()
  }

  /** At once: nobody else needs this thread, and what has just been read is still in the processor's cache. */
  #read(file: string, { from, to }: Extent): void {
    const descriptor = this.#descriptor(file)
    for (let done = 0; done < to - from;) {
      const bytesRead = readSync(descriptor, this.#memory, done, to - from - done, from + done)
      if (bytesRead === 0) throw new Error('The recording is shorter than it was.')
      done += bytesRead
    }
  }

  #descriptor(file: string): number {
    const known = this.#files.get(file)
    if (known !== undefined) return known
    const descriptor = openSync(file, 'r')
    this.#files.set(file, descriptor)
    return descriptor
  }
}
