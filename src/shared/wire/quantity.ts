import { isMoment } from '../model/record'

/** A whole number from 0: decimal, with thousands apart if one likes (`4,096`), or hex (`0x1000`). Null for anything else. */
export function parseWhole(text: string): number | null {
  const isGrouped = /^\d{1,3}(?:[,_]\d{3})+$/.test(text)
  const plain = isGrouped ? text.replace(/[,_]/g, '') : text
  if (!/^(?:\d+|0x[0-9a-f]+)$/i.test(plain)) return null
  const value = Number(plain)
  return Number.isSafeInteger(value) ? value : null
}

const unitNanos: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
}

/** A duration in nanoseconds: `12.5s`, `250 ms`, `3us`; without a unit, seconds. Null for anything else, and for more than a record holds (MAX_NANOS). */
export function parseDuration(text: string): number | null {
  const match = /^(\d+)(?:\.(\d{1,9}))? ?(ns|us|µs|ms|s|min|h)?$/.exec(text)
  if (match === null) return null
  const unit = unitNanos[match[3] ?? 's'] ?? 1e9
  // The fraction by itself: no digit is lost to the whole part.
  const fraction = match[2] === undefined ? 0 : Math.round((Number(match[2]) * unit) / 10 ** match[2].length)
  const nanos = Number(match[1]) * unit + fraction
  return isMoment(nanos) ? nanos : null
}
