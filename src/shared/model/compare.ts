import { type Fault } from './fault'
import { type SocketId } from './ids'
import { type StreamName } from './record'
import { formatCount } from './units'

/** One side of a comparison: bytes of one direction, or of both counted together. */
export interface ComparedSide {
  readonly id: SocketId
  readonly stream: StreamName
  /** In bytes of the stream; all that there is when the comparison begins, if not given. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Bytes `from` to `to` (exclusive) of a side's stream. */
export interface ComparedRange {
  readonly from: number
  readonly to: number
}

/** Bytes of A in whose place B has others, or none; or has some where A has none. Offsets in each side's stream. */
export interface Difference {
  readonly aFrom: number
  readonly aTo: number
  readonly bFrom: number
  readonly bTo: number
}

/** How far a comparison has come. */
export interface CompareStatus {
  readonly compare: number
  readonly comparedBytes: number
  readonly totalBytes: number
  /** All that were found, and how many of them can be asked for: the first ones. */
  readonly differences: number
  readonly kept: number
  readonly isDone: boolean
  readonly fault?: Fault
}

/** The first so many differences are kept, the others only counted. */
export const MAX_DIFFERENCES = 10_000

/** Floats of one difference as it travels: aFrom, aTo, bFrom, bTo. */
export const DIFFERENCE_FLOATS = 4

export function differencesOf(floats: ArrayLike<number>): Difference[] {
  const found: Difference[] = []
  for (let at = 0; at + 3 < floats.length; at += DIFFERENCE_FLOATS) {
    const [aFrom = 0, aTo = 0, bFrom = 0, bTo = 0] = [
      floats[at],
      floats[at + 1],
      floats[at + 2],
      floats[at + 3],
    ]
    found.push({ aFrom, aTo, bFrom, bTo })
  }
  return found
}

/** The outcome in one line, the first difference first. @param first of the differences; undefined where there is none */
export function describeOutcome(
  a: ComparedRange,
  b: ComparedRange,
  first: Difference | undefined,
  differences: number,
): string {
  if (first === undefined) return `equal, ${formatCount(a.to - a.from)} B`
  const more = differences === 1 ? '' : `; ${formatCount(differences)} differences in all`
  const isLast = first.aTo === a.to && first.bTo === b.to
  const upTo = `equal up to ${formatCount(first.aFrom)}`
  if (isLast && first.bFrom === b.to)
    return `${upTo}, then B ends: A has ${formatCount(a.to - first.aFrom)} B more`
  if (isLast && first.aFrom === a.to)
    return `${upTo}, then A ends: B has ${formatCount(b.to - first.bFrom)} B more`
  const atB = first.aFrom === first.bFrom ? '' : ` of A, ${formatCount(first.bFrom)} of B`
  return `first difference at offset ${formatCount(first.aFrom)}${atB}${more}`
}
