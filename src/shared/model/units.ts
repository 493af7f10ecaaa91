/** `1,234 B`, `1.2 MB` … decimal units (1 kB = 1000 B), as networks count. @param bytes a whole number */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes
  let unit = 'B'
  for (const next of units) {
    if (value < 999.95) break
    value /= 1000
    unit = next
  }
  return `${value.toFixed(1)} ${unit}`
}

/** Thousands apart, for exact counts: 1,234,567. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Digits after the second: microseconds, which is what most look at, or nanoseconds, which is what is recorded. */
export type SecondDigits = 6 | 9

/** Seconds with the microseconds that matter, `12.345678`, or all that was recorded. @param nanos since the session began */
export function formatSeconds(nanos: number, digits: SecondDigits = 6): string {
  const rest = nanos % 1e9
  return `${Math.round((nanos - rest) / 1e9)}.${String(Math.floor(rest)).padStart(9, '0').slice(0, digits)}`
}

/** The text of status "Counters": fixed, scripts read it. */
export function formatCounter(label: 'in' | 'out', bytes: number, count: number): string {
  return `${label} ${bytes} B (${count})`
}

/** How long something took, in the unit that suits: `12 µs`, `3.4 ms`, `1.20 s`. */
export function formatLength(nanos: number): string {
  if (nanos < 1000) return `${Math.round(nanos)} ns`
  if (nanos < 1e6) return `${short(nanos / 1e3)} µs`
  if (nanos < 1e9) return `${short(nanos / 1e6)} ms`
  return `${short(nanos / 1e9)} s`
}

const short = (value: number): string =>
  value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)
