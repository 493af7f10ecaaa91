import { decodeUtf8 } from '../utf8'
import { MAX_DEPTH, MAX_FIELDS, MAX_INPUT_BYTES, type Decoded } from './field'

/** Why reading stops: the message is wrong, the input is too short, or a bound is reached. Never leaves `decodeWith`. */
class Stop extends Error {
  readonly why: 'damage' | 'short' | 'bound'
  constructor(why: Stop['why'], message: string) {
    super(message)
    this.why = why
  }
}

interface Draft {
  name: string
  value: string
  from: number
  to: number
  children?: Draft[]
  problem?: string
}

const MAX_VALUE_BYTES = 1000
const hexDigits = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')

/** Text as UTF-8, of at most 1,000 bytes; what is no text stands as escapes. */
export function textOf(bytes: Uint8Array): string {
  const part = bytes.subarray(0, MAX_VALUE_BYTES)
  return decodeUtf8(part, { isWhole: part.length === bytes.length }) + (part.length < bytes.length ? '…' : '')
}

/** The first 32 bytes in hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return hexDigits(bytes.subarray(0, 32)) + (bytes.length > 32 ? ` … (${bytes.length} B)` : '')
}

/** A number with its name, as `name (number)`. */
export function named(names: Readonly<Record<number, string>>, value: number, shown = String(value)): string {
  const name = Object.hasOwn(names, value) ? names[value] : undefined
  return name === undefined ? shown : `${name} (${shown})`
}

/**
 * Reads bytes from front to back and writes down what each is. A read past the end, a field too many, and `fail` stop the message: what was
 * written so far stays, and the innermost open group gets a field with the problem.
 */
export class Scribe {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly top: Draft[] = []
  at = 0
  end: number
  needsMore = false
  #open: Draft[]
  #depth = 0
  #count = 0
  /** What the innermost scope is called, for "goes past the end of". Empty at the input itself. */
  #scope = ''

  constructor(bytes: Uint8Array) {
    this.bytes = bytes.subarray(0, MAX_INPUT_BYTES)
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    this.end = this.bytes.length
    this.#open = this.top
  }

  get left(): number {
    return this.end - this.at
  }

  /** Whether all of what is being read is at hand. */
  get isScoped(): boolean {
    return this.#scope !== ''
  }

  fail(problem: string): never {
    throw new Stop('damage', problem)
  }
  short(): never {
    throw this.#scope === ''
      ? new Stop('short', 'The input ends here.')
      : new Stop('damage', `Goes past the end of ${this.#scope}.`)
  }
  need(count: number): void {
    if (count > this.left) this.short()
  }

  /** Moves over bytes, and returns where they begin. */
  skip(count: number): number {
    this.need(count)
    const from = this.at
    this.at += count
    return from
  }
  take(count: number): Uint8Array {
    const from = this.skip(count)
    return this.bytes.subarray(from, this.at)
  }
  /** The byte `ahead` of here, or -1. */
  peek(ahead = 0): number {
    return this.at + ahead < this.end ? (this.bytes[this.at + ahead] ?? -1) : -1
  }
  u8(): number {
    return this.#view.getUint8(this.skip(1))
  }
  u16(): number {
    return this.#view.getUint16(this.skip(2))
  }
  u24(): number {
    return this.u8() * 0x10000 + this.u16()
  }
  u32(): number {
    return this.#view.getUint32(this.skip(4))
  }
  /** A view of the next bytes, which are moved over. */
  view(count: number): DataView {
    const from = this.skip(count)
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + from, count)
  }

  /** Writes down a field that is already read. */
  note(name: string, value: string, from: number, to = this.at, problem?: string): Draft {
    if (this.#count >= MAX_FIELDS - 1) throw new Stop('bound', `The first ${MAX_FIELDS} fields are shown.`)
    this.#count++
    const draft: Draft = { name, value, from, to, ...(problem === undefined ? {} : { problem }) }
    this.#open.push(draft)
    return draft
  }
  /** Reads a value and writes it down. */
  field<T>(name: string, read: () => T, show: (value: T) => string = String): T {
    const from = this.at
    const value = read()
    this.note(name, show(value), from)
    return value
  }
  /** The next bytes as a field, nothing where there are none. */
  rest(name: string, count: number, show: (bytes: Uint8Array) => string = hexOf): void {
    if (count > 0) this.field(name, () => this.take(count), show)
  }

  /** A field with parts. `read` returns its value, and may write down parts. `from` may be before here: where its name stands. */
  group(name: string, read: (draft: Draft) => string, from = this.at): string {
    if (this.#depth >= MAX_DEPTH - 1) throw new Stop('bound', `Nested deeper than ${MAX_DEPTH} levels.`)
    const draft = this.note(name, '', from, this.at)
    const outer = this.#open
    this.#open = draft.children = []
    this.#depth++
    try {
      draft.value = read(draft)
      draft.to = Math.max(this.at, draft.from)
      return draft.value
    } catch (error) {
      if (error instanceof Stop && !this.#told.has(error)) this.#tell(error)
      draft.to = draft.children.reduce((to, child) => Math.max(to, child.to), this.at)
      throw error
    } finally {
      this.#depth--
      this.#open = outer
      if (draft.children.length === 0) delete draft.children
    }
  }

  /** A group of a known length. What is wrong inside stays inside; what is left over is told. */
  within(name: string, length: number, read: (draft: Draft) => string): string {
    return this.group(name, (draft) => {
      const outerEnd = this.end
      const outerScope = this.#scope
      const isCut = length > this.left
      const to = this.at + Math.min(length, this.left)
      if (!isCut) {
        this.end = to
        this.#scope = name
      }
      try {
        const value = read(draft)
        if (isCut) this.short()
        if (this.at < to) this.rest('left over', to - this.at)
        return value
      } catch (error) {
        if (!(error instanceof Stop) || error.why !== 'damage' || isCut) throw error
        if (!this.#told.has(error)) this.#tell(error)
        this.at = to
        return draft.value
      } finally {
        this.end = outerEnd
        this.#scope = outerScope
      }
    })
  }

  readonly #told = new WeakSet<Stop>()
  #tell(stop: Stop): void {
    this.#told.add(stop)
    this.#count++
    if (stop.why === 'short') this.needsMore = true
    const to = stop.why === 'short' ? this.at : this.end
    const name = stop.why === 'bound' ? 'left out' : stop.why === 'short' ? 'missing' : 'unreadable'
    this.#open.push({ name, value: '', from: this.at, to: Math.max(this.at, to), problem: stop.message })
    this.at = Math.max(this.at, to)
  }

  /** Runs a decoder to its end, whatever that is. Returns false where it was stopped. */
  run(read: () => void): boolean {
    try {
      read()
      return true
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      if (!this.#told.has(error)) this.#tell(error)
      return false
    }
  }
}

/** Reads messages until the input ends or one makes no sense. `read` must move on. */
export function decodeWith(bytes: Uint8Array, read: (scribe: Scribe, state: DecodingState) => void): Decoded {
  const scribe = new Scribe(bytes)
  const state: DecodingState = {}
  const isWhole = scribe.run(() => {
    while (scribe.left > 0) read(scribe, state)
  })
  if (isWhole && bytes.length > MAX_INPUT_BYTES) {
    const problem = 'The first 1 MiB is decoded.'
    scribe.top.push({ name: 'left out', value: '', from: MAX_INPUT_BYTES, to: bytes.length, problem })
  }
  const { top } = scribe
  const messages = top.filter(({ problem, children }) => problem === undefined || children !== undefined)
  const first = messages[0]
  const more = messages.length > 1 ? `, and ${messages.length - 1} more` : ''
  const summary = first === undefined ? 'nothing' : `${first.name}${first.value && `: ${first.value}`}${more}`
  return { summary, fields: top, usedBytes: scribe.at, needsMore: scribe.needsMore }
}

/** What messages of one input tell about those after them. */
export interface DecodingState {
  mqttVersion?: number
}
