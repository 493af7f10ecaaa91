import { formatSeconds, type SecondDigits } from '@shared/model/units'
import type { TimeMode } from '../stores/settings'

/** How a column tells times. */
export interface TimeFormat {
  readonly mode: TimeMode
  readonly digits: SecondDigits
  /** When the session began, ms since 1970; null while nobody knows. */
  readonly beganAtMs: number | null
}

/** The time of a line. @param before that of the line before: null for the first, undefined while it is not known */
export function formatTime(nanos: number, before: number | null | undefined, format: TimeFormat): string {
  const { mode, digits, beganAtMs } = format
  if (mode === 'delta') return before === undefined ? '…' : formatDelta(nanos - (before ?? nanos), digits)
  if (mode === 'clock' && beganAtMs !== null) return formatClock(beganAtMs, nanos, digits)
  return formatSeconds(nanos, digits)
}

/** Width in px that the times of a column take. */
export function timeWidthPx({ mode, digits }: Pick<TimeFormat, 'mode' | 'digits'>): number {
  return (mode === 'clock' ? 118 : 84) + (digits === 9 ? 24 : 0)
}

/** `+0.000123`, the time since the row before. @param nanos difference, never negative on one clock */
export function formatDelta(nanos: number, digits: SecondDigits = 6): string {
  return `+${formatSeconds(Math.max(0, nanos), digits)}`
}

/** Wall-clock time of day: `09:01:02.004005`. @param beganAtMs when the session began, ms since 1970 */
export function formatClock(beganAtMs: number, nanos: number, digits: SecondDigits = 6): string {
  const at = new Date(beganAtMs + Math.floor(nanos / 1e6))
  const two = (part: number): string => String(part).padStart(2, '0')
  const three = String(at.getMilliseconds()).padStart(3, '0')
  const fraction = `${three}${String(nanos % 1e6).padStart(6, '0')}`.slice(0, digits)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${fraction}`
}

/** The day and time of day, to the nanosecond, in local time: `2026-01-31 09:01:02.004005006`. */
export function formatMoment(beganAtMs: number, nanos: number): string {
  const at = new Date(beganAtMs + Math.floor(nanos / 1e6))
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${formatClock(beganAtMs, nanos, 9)}`
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
