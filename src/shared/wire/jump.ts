import { fault, type Reply } from '../model/fault'
import { type StreamName } from '../model/record'
import { formatCount, formatSeconds } from '../model/units'
import { parseDuration, parseWhole } from './quantity'

/** A place in a record, as somebody named it. */
export type Jump =
  /** @property row counted from 0; people count from 1 */
  | { readonly to: 'row'; readonly row: number }
  /** @property stream null for the one that is shown */
  | { readonly to: 'offset'; readonly stream: StreamName | null; readonly offset: number }
  /** Since the session began. */
  | { readonly to: 'elapsed'; readonly atNanos: number }
  /** Since midnight, local time. */
  | { readonly to: 'clock'; readonly dayNanos: number }
  | { readonly to: 'mark'; readonly name: string }

export const JUMP_HINT =
  'Write a row (120), an offset (@4096, in @0x1000), a time (12.5s, 14:05:09.250) or a part of a mark’s note.'

/** Reads where to go: a row, an offset, a time, or else a mark by a part of its note. Refuses with `SB_INPUT` what is empty or makes no sense. */
export function parseJump(text: string): Reply<Jump> {
  const asked = text.trim()
  if (asked === '') return refuse('There is nowhere to go yet.')
  const row = /^(?:row ?|#)?([\d,_]+)$/i.exec(asked)
  if (row !== null) return readRow(row[1] ?? '')
  const offset = /^(in|out|both)? ?@ ?(.*)$/i.exec(asked)
  if (offset !== null) return readOffset(offset[1], offset[2] ?? '')
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/.exec(asked)
  if (clock !== null) return readClock(clock)
  if (/^\d/.test(asked)) {
    const atNanos = parseDuration(asked)
    if (atNanos !== null) return { ok: true, value: { to: 'elapsed', atNanos } }
  }
  return { ok: true, value: { to: 'mark', name: asked.replace(/^mark[: ] ?(?=.)/i, '') } }
}

function readRow(text: string): Reply<Jump> {
  const number = parseWhole(text)
  if (number === null) return refuse(`${text} is no row’s number.`)
  if (number === 0) return refuse('Rows are counted from 1.')
  return { ok: true, value: { to: 'row', row: number - 1 } }
}

function readOffset(stream: string | undefined, text: string): Reply<Jump> {
  const offset = parseWhole(text)
  if (offset === null)
    return refuse(text === '' ? 'An offset follows the @.' : `${text} is no offset: @4096 or @0x1000 is one.`)
  const lower = stream?.toLowerCase()
  const name = lower === 'in' || lower === 'out' || lower === 'both' ? lower : null
  return { ok: true, value: { to: 'offset', stream: name, offset } }
}

function readClock([text, hours, minutes, seconds = '0', fraction = '']: readonly (
  string | undefined
)[]): Reply<Jump> {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)]
  if (h > 23 || m > 59 || s > 59) return refuse(`${text ?? ''} is no time of day.`)
  const dayNanos = (h * 3600 + m * 60 + s) * 1e9 + Number(fraction.padEnd(9, '0'))
  return { ok: true, value: { to: 'clock', dayNanos } }
}

const streamWords = { in: ' of what came in', out: ' of what went out', both: ' of both sides' } as const

/** What was understood, as a phrase: `byte 4,096 (0x1000) of what came in`. */
export function describeJump(jump: Jump): string {
  switch (jump.to) {
    case 'row':
      return `row ${formatCount(jump.row + 1)}`
    case 'offset': {
      const hex = jump.offset > 9 ? ` (0x${jump.offset.toString(16)})` : ''
      return `byte ${formatCount(jump.offset)}${hex}${jump.stream === null ? '' : streamWords[jump.stream]}`
    }
    case 'elapsed':
      return `${formatSeconds(jump.atNanos, 9)} s after the session began`
    case 'clock':
      return `${clockText(jump.dayNanos)} of the day`
    case 'mark':
      return `the mark “${jump.name}”`
  }
}

function clockText(dayNanos: number): string {
  const seconds = Math.floor(dayNanos / 1e9)
  const two = (part: number): string => String(part).padStart(2, '0')
  const fraction = formatSeconds(dayNanos, 9).replace(/^\d+/, '')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`
}

/**
 * When a time of day was, or will be, in nanoseconds since the session began. The day is that of the beginning; a time more than
 * half a day before that is of the next day, and one less before is the beginning.
 * @param beganDayNanos since the local midnight before the session began
 */
export function sinceBeginning(dayNanos: number, beganDayNanos: number): number {
  const DAY = 86_400e9
  const since = dayNanos - beganDayNanos
  if (since >= 0) return since
  return since < -DAY / 2 ? since + DAY : 0
}

function refuse(summary: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', summary, { hint: JUMP_HINT }) }
}
