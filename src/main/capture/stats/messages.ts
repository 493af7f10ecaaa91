/** What is counted. */
export interface StatsTask {
  readonly fromNanos: number
  /** Exclusive; null for no end. */
  readonly toNanos: number | null
}

export interface ToldSide {
  readonly chunks: number
  readonly bytes: number
  readonly sizes: readonly number[]
  readonly gaps: readonly number[]
}

export interface ToldEvent {
  readonly socket: number
  readonly row: number
  readonly atNanos: number
  readonly what: 'reset' | 'timeout' | 'fault'
}

/** Everything counted so far. */
export interface StatsTold {
  readonly in: ToldSide
  readonly out: ToldSide
  readonly events: number
  readonly notable: readonly ToldEvent[]
  readonly seenRows: number
}

/** So many events are marked; more than these nobody tells apart on a map. */
export const MAX_NOTABLE = 256
