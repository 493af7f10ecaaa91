import { fault, type Reply } from '../model/fault'
import { type StreamName } from '../model/record'
import { formatCount, formatSeconds } from '../model/units'
import { parseDuration, parseWhole } from './quantity'

/** A place in a record, as somebody named it. */
export type Jump =
  /** @property row counted from 0; people count from 1 */
  | { readonly to: 'row'; readonly row: number }
  /** @property stream null for the one that is shown */
  | {
      readonly to: 'offset'
      readonly stream: StreamName | null
      readonly offset: number
      readonly lengthBytes: number
    }
  /** Since the session began. */
  | { readonly to: 'elapsed'; readonly atNanos: number }
  /** Since midnight, local time. */
  | { readonly to: 'clock'; readonly dayNanos: number }
  /** A day and time of day, local: whole seconds as ms since 1970, and nanoseconds of the second. */
  | { readonly to: 'date'; readonly secondMs: number; readonly nanos: number }
  | { readonly to: 'mark'; readonly name: string }

export const JUMP_HINT =
  'Write a row (120), an offset or a range of bytes (@4096, in @0x1000+16, @0..99), a time (12.5s, 14:05:09.250, 2026-01-31 14:05) or a part of a mark’s note.'

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
  const date = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?$/.exec(
    asked,
  )
  if (date !== null) return readDate(date)
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

/** `4096`, `0x1000+16` for so many bytes, `0..99` for all from the one to the other. */
function readOffset(stream: string | undefined, text: string): Reply<Jump> {
  const [, begin = text, sign, end = ''] = /^(.*?) ?(\+|\.\.) ?(.*)$/.exec(text) ?? []
  const offset = parseWhole(begin)
  if (offset === null)
    return refuse(
      text === '' ? 'An offset follows the @.' : `${begin} is no offset: @4096 or @0x1000 is one.`,
    )
  const given = sign === undefined ? 1 : parseWhole(end)
  if (given === null)
    return refuse(
      sign === '+' ? 'A number of bytes follows the +.' : 'The offset of the last byte follows the two dots.',
    )
  const lengthBytes = sign === '..' ? given - offset + 1 : given
  if (lengthBytes < 1) return refuse('There is no byte in that range.')
  const lower = stream?.toLowerCase()
  const name = lower === 'in' || lower === 'out' || lower === 'both' ? lower : null
  return { ok: true, value: { to: 'offset', stream: name, offset, lengthBytes } }
}

function readClock([text, hours, minutes, seconds = '0', fraction = '']: readonly (
  string | undefined
)[]): Reply<Jump> {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)]
  if (h > 23 || m > 59 || s > 59) return refuse(`${text ?? ''} is no time of day.`)
  const dayNanos = (h * 3600 + m * 60 + s) * 1e9 + Number(fraction.padEnd(9, '0'))
  return { ok: true, value: { to: 'clock', dayNanos } }
}

function readDate([text, ...parts]: readonly (string | undefined)[]): Reply<Jump> {
  const [year = 0, month = 0, day = 0, h = 0, m = 0, s = 0] = parts
    .slice(0, 6)
    .map((part) => Number(part ?? 0))
  const at = new Date(year, month - 1, day, h, m, s)
  // What does not exist, the calendar moves on: 30 February to March.
  if (at.getMonth() !== month - 1 || at.getDate() !== day || h > 23 || m > 59 || s > 59)
    return refuse(`${text ?? ''} is no day and time.`)
  const nanos = Number((parts[6] ?? '').padEnd(9, '0'))
  return { ok: true, value: { to: 'date', secondMs: at.getTime(), nanos } }
}

const streamWords = { in: ' of what came in', out: ' of what went out', both: ' of both sides' } as const

/** What was understood, as a phrase: `byte 4,096 (0x1000) of what came in`. */
export function describeJump(jump: Jump): string {
  switch (jump.to) {
    case 'row':
      return `row ${formatCount(jump.row + 1)}`
    case 'offset': {
      const hex = jump.offset > 9 ? ` (0x${jump.offset.toString(16)})` : ''
      const what = jump.lengthBytes === 1 ? 'byte' : `${formatCount(jump.lengthBytes)} bytes from`
      return `${what} ${formatCount(jump.offset)}${hex}${jump.stream === null ? '' : streamWords[jump.stream]}`
    }
    case 'elapsed':
      return `${formatSeconds(jump.atNanos, 9)} s after the session began`
    case 'clock':
      return `${clockText(jump.dayNanos)} of the day`
    case 'date':
      return dateText(jump)
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

function dateText({ secondMs, nanos }: { readonly secondMs: number; readonly nanos: number }): string {
  const at = new Date(secondMs)
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const seconds = at.getHours() * 3600 + at.getMinutes() * 60 + at.getSeconds()
  return `${day} ${clockText(seconds * 1e9 + nanos)}`
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
