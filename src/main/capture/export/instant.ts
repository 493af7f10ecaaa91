const NANOS_A_SECOND = 1_000_000_000

/** Seconds with all nine digits: `12.345678901`. @param nanos since the session began */
export function exactSeconds(nanos: number): string {
  const rest = nanos % NANOS_A_SECOND
  return `${(nanos - rest) / NANOS_A_SECOND}.${String(rest).padStart(9, '0')}`
}

/** A moment as ISO 8601 with nanoseconds: `2026-11-23T05:26:41.123456789Z`. */
export function utcOf(epochNanos: bigint, nanos: number): string {
  const at = epochNanos + BigInt(nanos)
  const date = new Date(Number(at / 1_000_000n)).toISOString()
  return `${date.slice(0, 19)}.${String(at % 1_000_000_000n).padStart(9, '0')}Z`
}
