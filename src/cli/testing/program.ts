import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { type Readable, type Writable } from 'node:stream'

/** A program at work: its output so far, a way to wait for more of it, and its end. Disposing of it ends it. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess & { stdin: Writable; stdout: Readable; stderr: Readable }
  readonly #stdout: Buffer[] = []
  readonly #stderr: Buffer[] = []
  readonly #ended: Promise<number | NodeJS.Signals>

  /** @param env added to our own */
  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    this.#child.stdout.on('data', (chunk: Buffer) => this.#stdout.push(chunk))
    this.#child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk))
    // It may end before it has read all: its exit code tells.
    this.#child.stdin.on('error', () => undefined)
    this.#ended = once(this.#child, 'close').then(
      ([code, signal]) => (code as number | null) ?? (signal as NodeJS.Signals),
    )
  }

  get stdin(): Writable {
    return this.#child.stdin
  }
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('it did not start')
    return this.#child.pid
  }
  get bytes(): Buffer {
    return Buffer.concat(this.#stdout)
  }
  get stdout(): string {
    return this.bytes.toString()
  }
  get stderr(): string {
    return Buffer.concat(this.#stderr).toString()
  }
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1)
  }

  /** Leaves what it prints in the pipe from now on. */
  stopReading(): void {
    this.#child.stdout.pause()
  }
  readOn(): void {
    this.#child.stdout.resume()
  }
  /** Closes our end of its stdout: its next write there fails with EPIPE. */
  closeStdout(): void {
    this.#child.stdout.destroy()
  }

  /** The first match in what it prints. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(this.#child.stdout, () => this.stdout, pattern)
  }
  /** The first match in what it says on stderr. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(this.#child.stderr, () => this.stderr, pattern)
  }

  async #match(stream: Readable, text: () => string, pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(text())
      if (found !== null) return found
      if (stream.readableEnded) throw new Error(`it ended without ${pattern}: ${this.stdout} ${this.stderr}`)
      await Promise.race([once(stream, 'data'), once(stream, 'end')])
    }
  }

  /** Its exit code, or the signal that ended it, once all its output has been read. */
  async exit(): Promise<number | NodeJS.Signals> {
    return this.#ended
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdout.resume()
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.#ended
  }
}
