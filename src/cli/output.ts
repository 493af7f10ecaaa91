import { type Writable } from 'node:stream'
import { hasCode } from '../main/capture/dataFile'

/**
 * Standard output or standard error. A reader that goes away (`… | head`) is no error here: it breaks the output, which then
 * swallows what comes, and the command ends by itself, as done. That a disk is full is one. Node writes to pipes without blocking; `waitingBytes` is what piled up.
 */
export class Output {
  /** Resolves when nobody reads any more (EPIPE), or nothing can be written (ENOSPC). */
  readonly broken: Promise<void>
  readonly #stream: Writable
  #failure: Error | null = null

  constructor(stream: Writable) {
    this.#stream = stream
    this.broken = new Promise((resolve) => {
      stream.on('error', (error) => {
        this.#failure ??= error
        resolve()
      })
    })
  }

  get isBroken(): boolean {
    return this.#failure !== null
  }

  /** Why nothing can be written any more, unless the reader has only gone away: Node's error. */
  get failure(): Error | null {
    return this.#failure !== null && hasCode(this.#failure, 'EPIPE') ? null : this.#failure
  }

  get waitingBytes(): number {
    return this.isBroken ? 0 : this.#stream.writableLength
  }

  /** Resolves when more may come. */
  async line(text: string): Promise<void> {
    if (this.isBroken) return
    if (!this.#stream.write(`${text}\n`)) await this.drained()
  }

  /** The memory must stay as it is until it is written. */
  bytes(chunk: Uint8Array): void {
    if (!this.isBroken) this.#stream.write(chunk)
  }

  /** Resolves when all that was given before has been taken, or nobody takes it any more. */
  drained(): Promise<void> {
    if (this.isBroken) return Promise.resolve()
    return Promise.race([
      this.broken,
      // Callbacks come in the order of the writes, so that of an empty one comes last.
      new Promise<void>((resolve) => this.#stream.write('', () => resolve())),
    ])
  }
}
