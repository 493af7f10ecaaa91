/** The one time axis of a session. All sockets share it, so that both ends of a connection can be compared. */
export interface Clock {
  /** Wall-clock time at which the session began, nanoseconds since 1970 (UTC). */
  readonly epochNanos: bigint
  /** Monotonic nanoseconds since then; a whole number, exact for 104 days (2^53). */
  nanos(): number
}

/** Reads CLOCK_MONOTONIC (`process.hrtime`), tied once to the wall clock; later steps of the wall clock do not move it. */
export function monotonicClock(): Clock {
  const origin = process.hrtime.bigint()
  const epochNanos = BigInt(Date.now()) * 1_000_000n
  return { epochNanos, nanos: () => Number(process.hrtime.bigint() - origin) }
}
