import { createContext, Script, type Context } from 'node:vm'
import { type SocketId } from '../../shared/model/ids'
import { type ReplayMask } from '../../shared/wire/replayMask'

/** An expression sees so much on each side of a difference; a longer match is none. */
export const SEEN_BEFORE_BYTES = 1024
export const SEEN_AFTER_BYTES = 4096
/** An expression that has not come to an end by then goes round in circles. */
const MAX_MS = 250

/** Where the match of an expression that covers a place, or ends there, ends in the recorded text, and where the one at the same place in the other. */
const script = new Script(`(() => {
  expression.lastIndex = 0
  for (let found; (found = expression.exec(expected)) !== null && found.index <= at;) {
    const to = found.index + found[0].length
    if (to >= at) {
      same.lastIndex = found.index
      const other = same.exec(actual)
      const end = other === null ? -1 : found.index + other[0].length
      if (end >= at && (to > at || end > at) && (canStretch || end === to)) return [to, end]
    }
    if (found[0].length === 0) expression.lastIndex++
  }
  return null
})()`)

/** Where a match ends in what was recorded, and in what came. */
export interface MatchEnds {
  readonly expected: number
  readonly actual: number
}

interface Expression {
  readonly written: string
  readonly context: Context
}

/** What may differ, of one replay. */
export class Masks {
  readonly #ranges: readonly (ReplayMask & { readonly is: 'range' })[]
  readonly #expressions: readonly Expression[]
  readonly #warn: (text: string) => void

  /** @param warn told of an expression that does not come to an end */
  constructor(masks: readonly ReplayMask[], warn: (text: string) => void) {
    this.#warn = warn
    this.#ranges = masks.filter((mask) => mask.is === 'range')
    this.#expressions = masks
      .filter((mask) => mask.is === 'regex')
      .map(({ source, flags }) => ({
        written: source,
        context: createContext({
          expression: new RegExp(source, flags),
          same: new RegExp(source, `${flags.replace('g', '')}y`),
        }),
      }))
  }

  get hasExpressions(): boolean {
    return this.#expressions.length > 0
  }

  /** Where the range that an offset of a stream lies in ends; null where it lies in none. */
  rangeEnd(connection: SocketId, offset: number): number | null {
    let end: number | null = null
    for (const { connection: only, from, to } of this.#ranges)
      if ((only === null || only === connection) && from <= offset && offset < to)
        end = Math.max(end ?? 0, to)
    return end
  }

  /**
   * Where a match of an expression that covers a place ends in both; null where there is none.
   * @param at the place, from the beginning of both
   * @param canStretch the matches may be of other lengths
   */
  matchEnds(expected: Uint8Array, actual: Uint8Array, at: number, canStretch: boolean): MatchEnds | null {
    for (const { written, context } of this.#expressions) {
      Object.assign(context, { expected: latin1(expected), actual: latin1(actual), at, canStretch })
      try {
        const ends = script.runInContext(context, { timeout: MAX_MS }) as readonly [number, number] | null
        if (ends !== null) return { expected: ends[0], actual: ends[1] }
      } catch (error) {
        // It is an Error of that context, which `instanceof` here does not know.
        const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
        if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
        this.#warn(`The mask /${written}/ takes too long: it goes round in circles on what came.`)
      }
    }
    return null
  }
}

/** Each byte as the character of its number. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
