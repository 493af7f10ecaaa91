/** The one time axis of a session. All sockets share it, so that both ends of a connection can be compared. */
export interface Clock {
  /** Wall-clock time at which the session began, nanoseconds since 1970 (UTC). */
  readonly epochNanos: bigint
  /** Monotonic nanoseconds since then; a whole number, exact for 104 days (2^53), and to some dozen nanoseconds for 36 years (MAX_NANOS). */
  nanos(): number
}

/** Reads CLOCK_MONOTONIC (`process.hrtime`), tied once to the wall clock; later steps of the wall clock do not move it. */
export function monotonicClock(): Clock {
  const origin = process.hrtime.bigint()
  const epochNanos = BigInt(Date.now()) * 1_000_000n
  return { epochNanos, nanos: () => Number(process.hrtime.bigint() - origin) }
}

/**
 * The clock of a session that is gone on with: so far from its beginning as the wall clock says, and never before what it holds already.
 * @param lastNanos the latest time that is recorded
 * @param nowMs the wall clock, in ms since 1970 (UTC)
 */
export function resumedClock(epochNanos: bigint, lastNanos: number, nowMs: number): Clock {
  const since = Number(BigInt(nowMs) * 1_000_000n - epochNanos)
  const began = BigInt(Math.max(since, lastNanos))
  const origin = process.hrtime.bigint() - began
  return { epochNanos, nanos: () => Number(process.hrtime.bigint() - origin) }
}
