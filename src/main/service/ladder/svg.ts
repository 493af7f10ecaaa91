import { type Columns } from '../../../shared/ladder/columns'
import {
  barPx,
  drawLadder,
  type DrawnAck,
  type DrawnArrow,
  type DrawnBar,
  type DrawnLabel,
  type Drawing,
} from '../../../shared/ladder/drawing'
import { previewText } from '../../../shared/ladder/words'
import { formatBytes, formatSeconds } from '../../../shared/model/units'
import { visibleText } from '../../../shared/wire/escape'
import { utcOf } from '../../capture/export/instant'
import { type LadderForm, type LadderHead, type WrittenPage } from './forms'

const ROW_PX = 22
const HEAD_PX = 64
const FOOT_PX = 14
const TIME_PX = 96
const KERNEL_PX = 84
const CHAR_PX = 6.7

/** Both looks, as the reader's system has it. Neither fonts nor anything else is fetched. */
const STYLE = `
text{font:11px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1b2027;white-space:pre}
.b{font-weight:700;font-size:12px}.s{fill:#4d5662}
.l{paint-order:stroke;stroke:#fff;stroke-width:3.5px;stroke-linejoin:round}
.ground{fill:#fff}.life{stroke:#bcc4ce}.peer{stroke-dasharray:3 4}
.a{stroke-width:1.2;fill:none}.dash{stroke-dasharray:4 3}
.a.right,.m.right{stroke:#2450b4}.a.left,.m.left{stroke:#0b6b4c}.a.event,.m.event{stroke:#8a5a0c}.a.bad,.m.bad{stroke:#b3261e}.m.soft{stroke:#5e6773}
.l.right,.f.right{fill:#2450b4}.l.left,.f.left{fill:#0b6b4c}.l.event,.f.event{fill:#8a5a0c}.l.bad,.f.bad{fill:#b3261e}.l.soft,.f.soft{fill:#5e6773}
.ack{stroke:#5e6773;stroke-width:2}.m{fill:#fff;stroke-width:1.5}.bar{fill:#15966a}.halfOpen{fill:#c58518}.blocked{fill:#fff;stroke:#2f66d8}.paused{fill:#f3e2c0;stroke:#845300}
@media (prefers-color-scheme:dark){text{fill:#e4e6e9}.s{fill:#a7aeb8}.l{stroke:#0c0e10}.ground,.m,.blocked{fill:#0c0e10}.life{stroke:#3b424c}
.a.right,.m.right{stroke:#8fb3ff}.a.left,.m.left{stroke:#5fcfa9}.a.event,.m.event{stroke:#e3b062}.a.bad,.m.bad{stroke:#ff8a80}.m.soft{stroke:#8c949f}
.l.right,.f.right{fill:#8fb3ff}.l.left,.f.left{fill:#5fcfa9}.l.event,.f.event{fill:#e9bd78}.l.bad,.f.bad{fill:#ff8a80}.l.soft,.f.soft{fill:#8c949f}.paused{fill:#6b5310;stroke:#e8b45a}}`

const tones = ['right', 'left', 'event', 'bad', 'soft'] as const

/** A ladder as a picture that stands alone: rows at even distances, each with its time and what lies in the kernel after it. */
export class SvgLadder implements LadderForm {
  readonly #head: LadderHead
  readonly #columns: Columns
  readonly #bottom: number

  constructor(head: LadderHead, columns: Columns) {
    this.#head = head
    this.#columns = columns
    this.#bottom = HEAD_PX + head.rows * ROW_PX
  }

  head(): string {
    const { application, epochNanos, ends } = this.#head
    const { all, widthPx } = this.#columns
    const width = TIME_PX + widthPx + KERNEL_PX
    const height = this.#bottom + FOOT_PX
    const title = `Ladder of ${ends.map(({ id }) => id).join(', ')}`
    const began = `${application}; began ${utcOf(epochNanos, 0)}, times are in seconds since then`
    const markers = tones.map(
      (
        tone,
      ) => `<marker id="arrow-${tone}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path class="f ${tone}" d="M0 .6L7.6 4L0 7.4Z"/></marker>
<marker id="open-${tone}" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse"><circle class="m ${tone}" cx="4" cy="4" r="3"/></marker>
<marker id="cross-${tone}" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse"><path class="m ${tone}" d="M1 1L9 9M9 1L1 9"/></marker>
`,
    )
    const names = all.map(({ x, title: name, about, isPeer }) => {
      const at = TIME_PX + x
      return `<text class="b" x="${at}" y="36" text-anchor="middle">${xml(name)}</text><text class="s" x="${at}" y="51" text-anchor="middle">${xml(about)}</text>
<line class="life${isPeer ? ' peer' : ''}" x1="${at}" x2="${at}" y1="${HEAD_PX - 6}" y2="${this.#bottom}"/>
`
    })
    return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${xml(title)}</title>
<style>${STYLE}
</style>
<defs>
${markers.join('')}</defs>
<rect class="ground" width="${width}" height="${height}"/>
<text class="s" x="10" y="16">${xml(began)}</text>
<text class="s" x="${TIME_PX - 12}" y="51" text-anchor="end">Time</text><text class="s" x="${width - 10}" y="51" text-anchor="end">In kernel</text>
${names.join('')}`
  }

  *page(page: WrittenPage): Iterable<string> {
    const { rows, arrows, spans, acks, inKernel } = page
    const isFirst = page.from === 0
    const isHere = (rank: number): boolean => rank >= page.from && rank < page.from + rows.length
    const yOf = ({ rank }: { readonly rank: number }): number => HEAD_PX + (rank + 0.5) * ROW_PX
    const drawing: Drawing = drawLadder({
      rows,
      arrows,
      // Each is drawn once, with the page in which it begins.
      spans: spans.filter(({ from }) => (from === null ? isFirst : isHere(from.rank))),
      acks,
      columns: this.#columns,
      yOf,
      top: HEAD_PX,
      bottom: this.#bottom,
      labelPx: 0,
      preview: previewText,
      charPx: CHAR_PX,
    })
    for (const bar of drawing.bars) yield barSvg(bar)
    for (const [n, arrow] of drawing.arrows.entries()) {
      const began = arrows[n]?.sent ?? arrows[n]?.received
      if (began !== undefined && began !== null && isHere(began.rank)) yield arrowSvg(arrow)
    }
    for (const ack of drawing.acks) yield ackSvg(ack)
    for (const { x, y, tone } of drawing.dots)
      yield `<circle class="m ${tone}" cx="${TIME_PX + x}" cy="${y}" r="3.5"/>\n`
    for (const label of drawing.labels) yield labelSvg(label)
    const right = TIME_PX + this.#columns.widthPx + KERNEL_PX - 10
    for (const [n, { row, rank }] of rows.entries()) {
      const y = yOf({ rank }) + 4
      const lies = inKernel[n] ?? NaN
      yield `<text class="s" x="${TIME_PX - 12}" y="${y}" text-anchor="end">${formatSeconds(row.atNanos)}</text>`
      yield lies >= 0
        ? `<text class="s" x="${right}" y="${y}" text-anchor="end">${formatBytes(lies)}</text>\n`
        : '\n'
    }
  }

  tail(): string {
    return '</svg>\n'
  }
}

function barSvg({ x, y1, y2, kind, label }: DrawnBar): string {
  return `<rect class="bar ${kind}" x="${TIME_PX + x - barPx(kind)}" y="${y1}" width="${2 * barPx(kind)}" height="${y2 - y1}"><title>${xml(label)}</title></rect>\n`
}

function arrowSvg({ x1, y1, x2, y2, tone, head, isDashed }: DrawnArrow): string {
  const at = (x: number): string => String(Math.round((TIME_PX + x) * 100) / 100)
  return `<line class="a ${tone}${isDashed ? ' dash' : ''}" x1="${at(x1)}" y1="${y1}" x2="${at(x2)}" y2="${y2}" marker-end="url(#${head}-${tone})"/>\n`
}

function ackSvg({ x1, x2, y, anchor, text }: DrawnAck): string {
  const at = TIME_PX + x2 + (anchor === 'start' ? 3 : -3)
  return `<line class="ack" x1="${TIME_PX + x1}" x2="${TIME_PX + x2}" y1="${y}" y2="${y}"/><text class="l soft" x="${at}" y="${y + 4}" text-anchor="${anchor}">${xml(text)}</text>\n`
}

function labelSvg({ x, y, anchor, text, tone }: DrawnLabel): string {
  return `<text class="l ${tone}" x="${TIME_PX + x}" y="${y}" text-anchor="${anchor}">${xml(text)}</text>\n`
}

/** Text for XML: nothing in it is markup, and no character that XML has no place for. */
export function xml(text: string): string {
  return text
    .replace(/[^\\]+/g, (part) => visibleText(part))
    .replace(/[<>&"']/g, (each) => `&#${each.charCodeAt(0)};`)
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
}
