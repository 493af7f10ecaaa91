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
export interface Rewriting {
  readonly rules: SendRules
  /** Counts on with each value that is made. */
  count(): number
  readonly warn: (text: string) => void
}

/** Puts other values into what one side sends: times, counts, and what its peer has sent. */
export class Rewriter {
  readonly #shared: Rewriting
  readonly #read: ReadStream
  readonly #expressions = new Map<object, Context>()
  readonly #values = new Map<string, string>()
  #lookedTo = 0

  /** @param read what the peer sends now */
  constructor(shared: Rewriting, read: ReadStream) {
    this.#shared = shared
    this.#read = read
  }

  /** Nothing has come that was not looked through. */
  isReady(receivedBytes: number): boolean {
    return this.#shared.rules.captures.length === 0 || this.#lookedTo >= receivedBytes
  }

  /** Takes values from what has come. Rejects with a FaultError. */
  async look(receivedBytes: number): Promise<void> {
    while (this.#lookedTo < receivedBytes) {
      const from = Math.max(0, this.#lookedTo - OVERLAP_BYTES)
      const read = await this.#read(from, Math.min(receivedBytes, from + PIECE_BYTES))
      if (!read.ok) throw new FaultError(read.fault)
      const { bytes } = read.value
      // Less is there than was told: the comparison tells of it.
      if (from + bytes.length <= this.#lookedTo) this.#lookedTo = receivedBytes
      else this.#lookedTo = from + bytes.length
      const text = latin1(bytes)
      for (const capture of this.#shared.rules.captures) {
        const ends = this.#ends(capture, text)
        const [start, end] = ends.slice(-2)
        if (start !== undefined && end !== undefined) this.#values.set(capture.name, text.slice(start, end))
      }
    }
  }

  /** @returns the same bytes where nothing is set in them */
  apply(bytes: Uint8Array): Uint8Array {
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
      const value = this.#values.get(name)
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
