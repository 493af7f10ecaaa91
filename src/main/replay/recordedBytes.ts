import { open, type FileHandle } from 'node:fs/promises'

/** Reads from recordings by position in the file. Rejects with Node's error. */
export class RecordedBytes {
  readonly #files = new Map<string, Promise<FileHandle>>()

  /** Fills a part of `memory`. */
  async read(file: string, position: number, memory: Buffer, at: number, lengthBytes: number): Promise<void> {
    const handle = await this.#open(file)
    for (let done = 0; done < lengthBytes;) {
      const { bytesRead } = await handle.read(memory, at + done, lengthBytes - done, position + done)
      if (bytesRead === 0) throw new Error('The recording is shorter than it was.')
      done += bytesRead
    }
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()]
    this.#files.clear()
    for (const file of files) {
      const handle = await file.catch(() => null)
      await handle?.close()
    }
  }

  #open(file: string): Promise<FileHandle> {
    let handle = this.#files.get(file)
    if (handle === undefined) {
      handle = open(file, 'r')
      this.#files.set(file, handle)
    }
    return handle
  }
}
