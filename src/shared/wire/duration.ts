/** setTimeout takes no more than this: 24 days. */
const MAX_MS = 2_147_483_647

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `100ms`, `1.5s`, `2m`, `1h` in milliseconds; null for what is none, or longer than 24 days. */
export function parseDuration(text: string): number | null {
  const found = /^(\d{1,12}(?:\.\d{1,6})?) ?(ms|s|m|h)$/.exec(text.trim())
  const ms = Number(found?.[1]) * (unitMs[found?.[2] ?? ''] ?? NaN)
  return ms <= MAX_MS ? ms : null
}

/** The shortest form that `parseDuration` reads back to the same: `100ms`, `1s`, `2m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's']) {
    const factor = unitMs[unit] ?? 1
    if (ms >= factor && ms % factor === 0) return `${ms / factor}${unit}`
  }
  return `${ms}ms`
}

/** How long something took, to be read: `47 µs`, `12.3 ms`, `1.02 s`. */
export function formatTook(ms: number): string {
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`
  return ms < 999.95 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`
}
