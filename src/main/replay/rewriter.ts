import { createContext, Script, type Context } from 'node:vm'
import { FaultError } from '../../shared/model/fault'
import { VARIABLE, type SendRules } from '../../shared/wire/replayRules'
import { type ReadStream } from './comparison'

/** What came is looked through in pieces that overlap: a longer match is not seen. */
const PIECE_BYTES = 256 * 1024
const OVERLAP_BYTES = 4096
/** An expression that has not come to an end by then goes round in circles. */
const MAX_MS = 250
/** Further matches in one send are left as they are. */
const MAX_MATCHES = 10_000

/** The ends of the first group (or of all) of each match, one after the other. */
const script = new Script(`(() => {
  const ends = []
  expression.lastIndex = 0
  for (let found; ends.length < 2 * most && (found = expression.exec(text)) !== null;) {
    const [from, to] = found.indices[1] ?? found.indices[0]
    ends.push(from, to)
    if (found[0].length === 0) expression.lastIndex++
  }
  return ends
})()`)

/** What the connections of one replay share. */
export class Rewriting {
  readonly rules: SendRules
  readonly warn: (text: string) => void
  /** What was taken last, of whichever connection. */
  readonly values = new Map<string, string>()
  /** Their peers have sent what was not looked through yet. */
  readonly behind = new Set<Rewriter>()
  /** What goes into sends, of what is captured. */
  readonly needed: readonly string[]
  #count = 0

  constructor(rules: SendRules, warn: (text: string) => void) {
    this.rules = rules
    this.warn = warn
    this.needed = rules.captures
      .map(({ name }) => name)
      .filter((name) => rules.sets.some(({ text }) => text.includes(`{${name}}`)))
  }

  /** Counts on with each value that is made. */
  count(): number {
    return ++this.#count
  }
}

/**
 * Puts other values into what one side sends: times, counts, and what its peer has sent; where that holds no such value, what another
 * connection's has.
 */
export class Rewriter {
  readonly #shared: Rewriting
  readonly #read: ReadStream
  readonly #expressions = new Map<object, Context>()
  readonly #values = new Map<string, string>()
  #heardBytes = 0
  #looking: Promise<void> | null = null
  #hasLooked = false
  #lookedTo = 0

  /** @param read what the peer sends now */
  constructor(shared: Rewriting, read: ReadStream) {
    this.#shared = shared
    this.#read = read
  }

  /** So much has come of its peer. */
  heard(receivedBytes: number): void {
    const { rules, behind } = this.#shared
    if (rules.captures.length === 0) return
    this.#heardBytes = receivedBytes
    if (this.#lookedTo < receivedBytes) behind.add(this)
  }

  /** Whatever had come when the next send was asked for was looked through. */
  get isReady(): boolean {
    const { behind } = this.#shared
    return this.#hasLooked || behind.size === 0 || !(behind.has(this) || this.#isWanting)
  }

  /** Takes values from what has come by now. Rejects with a FaultError. */
  async look(): Promise<void> {
    await this.#lookOnce()
    if (this.#isWanting) for (const other of [...this.#shared.behind]) await other.#lookOnce()
    this.#hasLooked = true
  }

  /** Something goes into sends that its own peer has not sent. */
  get #isWanting(): boolean {
    return this.#shared.needed.some((name) => !this.#values.has(name))
  }

  async #lookOnce(): Promise<void> {
    // One that is under way may have begun before the last bytes came.
    if (this.#looking !== null) await this.#looking
    this.#looking ??= this.#look().finally(() => (this.#looking = null))
    await this.#looking
  }

  async #look(): Promise<void> {
    const { behind, values } = this.#shared
    const upTo = this.#heardBytes
    while (this.#lookedTo < upTo) {
      const from = Math.max(0, this.#lookedTo - OVERLAP_BYTES)
      const read = await this.#read(from, Math.min(upTo, from + PIECE_BYTES))
      if (!read.ok) throw new FaultError(read.fault)
      const { bytes } = read.value
      // Less is there than was told: the comparison tells of it.
      if (from + bytes.length <= this.#lookedTo) this.#lookedTo = upTo
      else this.#lookedTo = from + bytes.length
      const text = latin1(bytes)
      for (const capture of this.#shared.rules.captures) {
        const ends = this.#ends(capture, text)
        const [start, end] = ends.slice(-2)
        if (start === undefined || end === undefined) continue
        this.#values.set(capture.name, text.slice(start, end))
        values.set(capture.name, text.slice(start, end))
      }
    }
    if (this.#lookedTo >= this.#heardBytes) behind.delete(this)
  }

  /** @returns the same bytes where nothing is set in them */
  apply(bytes: Uint8Array): Uint8Array {
    this.#hasLooked = false
    let text = latin1(bytes)
    let isSame = true
    for (const set of this.#shared.rules.sets) {
      const ends = this.#ends(set, text)
      let made = ''
      let upTo = 0
      for (let n = 0; n + 1 < ends.length; n += 2) {
        const [from = 0, to = 0] = [ends[n], ends[n + 1]]
        const value = from < upTo ? null : this.#fill(set.text)
        if (value === null) continue
        made += text.slice(upTo, from) + value
        upTo = to
        isSame = false
      }
      text = made + text.slice(upTo)
    }
    return isSame ? bytes : Buffer.from(text, 'latin1')
  }

  /** The text with its variables, as bytes; null where one of them has not been captured. */
  #fill(text: string): string | null {
    let missing: string | null = null
    const now = new Date()
    // What was captured is bytes already.
    const filled = latin1(Buffer.from(text)).replace(VARIABLE, (_written, name: string) => {
      if (name === 's') return String(Math.floor(now.getTime() / 1000))
      if (name === 'ms') return String(now.getTime())
      if (name === 'iso') return now.toISOString()
      if (name === 'count') return String(this.#shared.count())
      const value = this.#values.get(name) ?? this.#shared.values.get(name)
      if (value === undefined) missing = name
      return value ?? ''
    })
    if (missing === null) return filled
    this.#shared.warn(
      `{${String(missing)}} had not been captured when it was to be sent: it went as recorded.`,
    )
    return null
  }

  #ends(expression: { readonly source: string; readonly flags: string }, text: string): readonly number[] {
    const { source, flags } = expression
    let context = this.#expressions.get(expression)
    if (context === undefined) {
      context = createContext({ expression: new RegExp(source, flags), most: MAX_MATCHES })
      this.#expressions.set(expression, context)
    }
    context.text = text
    try {
      return script.runInContext(context, { timeout: MAX_MS }) as readonly number[]
    } catch (error) {
      // It is an Error of that context, which `instanceof` here does not know.
      const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      this.#shared.warn(`/${source}/ takes too long: it goes round in circles.`)
      return []
    }
  }
}

/** Each byte as the character of its number. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
