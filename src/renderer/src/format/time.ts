import { formatSeconds } from '@shared/model/units'

/** `+0.000123`, the time since the row before. @param nanos difference, never negative on one clock */
export function formatDelta(nanos: number): string {
  return `+${formatSeconds(Math.max(0, nanos))}`
}

/** Wall-clock time of day with microseconds. @param beganAtMs when the session began, ms since 1970 */
export function formatClock(beganAtMs: number, nanos: number): string {
  const micros = Math.floor(nanos / 1000)
  const at = new Date(beganAtMs + Math.floor(micros / 1000))
  const two = (part: number): string => String(part).padStart(2, '0')
  const fraction = String(at.getMilliseconds()).padStart(3, '0') + String(micros % 1000).padStart(3, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${fraction}`
}

/** Bytes per second, short: `1.2 MB/s`. Nothing for silence, so that only what moves draws the eye. */
export function formatRate(bytesPerSecond: number): string {
  if (bytesPerSecond < 1) return ''
  const units = ['B/s', 'kB/s', 'MB/s', 'GB/s']
  let value = bytesPerSecond
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`
}
