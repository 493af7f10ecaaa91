import { type StreamName } from '../../../shared/model/record'
import { type Pattern } from '../../../shared/wire/pattern'

/** What is looked for. */
export interface SearchTask {
  readonly pattern: Pattern
  readonly stream: StreamName
}

export interface SearchTold {
  /** New matches, floats of MATCH one after the other. */
  readonly matches: Float64Array
  /** How many there are in all. */
  readonly found: number
  readonly searchedBytes: number
}

/** The first so many matches are told, the others only counted. */
export const MAX_MATCHES = 50_000

/** Floats of one match. `direction` is 0 for in and 1 for out. */
export const MATCH = {
  socket: 0,
  row: 1,
  atNanos: 2,
  direction: 3,
  offset: 4,
  combinedOffset: 5,
  lengthBytes: 6,
} as const
export const MATCH_FLOATS = 7
