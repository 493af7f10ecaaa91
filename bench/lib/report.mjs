import { median } from './statistics.mjs'
import { targets } from './targets.mjs'

/**
 * One comparison. With a `target` it is judged, without one it is told for information.
 * @typedef {object} Row
 * @property {keyof typeof targets} [target]
 * @property {string} what
 * @property {string} ours the median, with its unit
 * @property {string} other
 * @property {readonly number[]} values one a round: a ratio, or what the target's unit says
 */

/**
 * @typedef {'reached' | 'missed' | 'not judged' | ''} Verdict
 * @typedef {Row & { median: number, lowest: number, highest: number, floor?: number, aim?: number, unit: string, verdict: Verdict,
 *   aimReached?: boolean }} JudgedRow
 */

/**
 * @param {Row} row
 * @param {boolean} isJudged small sizes tell nothing about speed
 * @returns {JudgedRow}
 */
export function judge(row, isJudged) {
  const middle = median(row.values)
  const target = row.target === undefined ? undefined : targets[row.target]
  const told = { ...row, median: middle, lowest: Math.min(...row.values), highest: Math.max(...row.values) }
  if (target === undefined) return { ...told, unit: '', verdict: '' }
  const { floor, aim, unit } = target
  // More is better where the aim lies above the floor.
  const reaches = (/** @type {number} */ mark) => (aim > floor ? middle >= mark : middle <= mark)
  const verdict = isJudged ? (reaches(floor) ? 'reached' : 'missed') : 'not judged'
  return { ...told, floor, aim, unit, verdict, ...(isJudged && { aimReached: reaches(aim) }) }
}

/** @param {readonly JudgedRow[]} rows */
export function table(rows) {
  const head = ['what', 'ours', 'other', 'median (range)', 'floor', 'aim', 'floor is', 'to the aim']
  const lines = rows.map((row) => [
    row.what,
    row.ours,
    row.other,
    `${show(row.median, row.unit)} (${show(row.lowest)}–${show(row.highest)})`,
    row.floor === undefined ? '' : show(row.floor, row.unit),
    row.aim === undefined ? '' : show(row.aim, row.unit),
    row.verdict,
    distance(row),
  ])
  const widths = head.map((title, i) =>
    Math.max(title.length, ...lines.map((line) => (line[i] ?? '').length)),
  )
  const format = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [
    format(head),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...lines.map(format),
  ].join('\n')
}

/** @param {JudgedRow} row */
function distance({ aimReached, aim, median: middle, unit }) {
  if (aimReached === undefined || aim === undefined) return ''
  return aimReached ? 'aim reached' : show(Math.abs(aim - middle), unit)
}

/**
 * @param {number} value
 * @param {string} [unit]
 */
export function show(value, unit = '') {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return `${value.toFixed(digits)}${unit && ` ${unit}`}`
}
