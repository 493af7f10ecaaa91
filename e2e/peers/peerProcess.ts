import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { Log } from './log'

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * A program that stands at the other end of a socket. Its standard output is read as bytes, its standard error as lines.
 * Whoever starts one disposes of it: that ends the program, by its process id, and waits until it is gone.
 */
export class PeerProcess implements AsyncDisposable {
  /** What came on standard output: chunk by chunk. */
  readonly output = new Log<Buffer>()
  /** What came on standard error: line by line. */
  readonly said = new Log<string>()
  readonly ended: Promise<Ending>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #name: string

  constructor(command: string, args: readonly string[]) {
    this.#name = command
    this.#child = spawn(command, args, { stdio: 'pipe' })
    this.#child.stdout.on('data', (chunk: Buffer) => this.output.add(chunk))
    let rest = ''
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.said.add(line)
    })
    // A program that has ended cannot be written to: that it ended is told by `ended`, the write's EPIPE adds nothing.
    this.#child.stdin.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#end(error.message)
        resolve({ code: null, signal: null })
      })
      this.#child.on('close', (code, signal) => {
        if (rest !== '') this.said.add(rest)
        this.#end(`ended with ${signal ?? `exit code ${code}`}: ${this.said.entries.slice(-3).join(' | ')}`)
        resolve({ code, signal })
      })
    })
  }

  #end(how: string): void {
    this.output.end(`${this.#name} ${how}`)
    this.said.end(`${this.#name} ${how}`)
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start`)
    return this.#child.pid
  }

  /** Everything on standard output so far. */
  get received(): Buffer {
    return Buffer.concat(this.output.entries)
  }

  /** Waits until standard output is as long as `expected`, and answers all of it, for the caller to compare. */
  async receives(expected: string | Uint8Array): Promise<Buffer> {
    const length = Buffer.from(expected).length
    return await this.output.until(`${length} bytes at ${this.#name}`, () =>
      this.received.length >= length ? this.received : undefined,
    )
  }

  /** Writes to standard input. */
  send(data: string | Uint8Array): void {
    this.#child.stdin.write(data)
  }

  /** Ends standard input: most programs take it for the end of their sending. */
  finish(): void {
    this.#child.stdin.end()
  }

  /** The first line of standard error that matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.said.until(`${this.#name} to say ${pattern}`, (lines) => {
      for (const line of lines) {
        const match = pattern.exec(line)
        if (match !== null) return match
      }
      return undefined
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.ended
  }
}
