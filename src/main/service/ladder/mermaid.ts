import { type Columns } from '../../../shared/ladder/columns'
import { arrowsByRank } from '../../../shared/ladder/drawing'
import { endOf, type LadderAck, type LadderArrow, type Line } from '../../../shared/ladder/model'
import { lapseOf, previewText } from '../../../shared/ladder/words'
import { eventText } from '../../../shared/model/eventText'
import { formatBytes, formatLength, formatSeconds } from '../../../shared/model/units'
import { visibleText } from '../../../shared/wire/escape'
import { utcOf } from '../../capture/export/instant'
import { type LadderForm, type LadderHead, type WrittenPage } from './forms'

const MOST_CHARACTERS = 48

const strokes = { arrived: '->>', level: '->>', underWay: '--)', lost: '-x', untold: '-->>' } as const
const words = { connect: 'connect', fin: 'FIN', reset: 'RST' } as const

/** A ladder as text for Mermaid: a sequence diagram, whose arrows are all level. Each tells when it was sent, and how long it took. */
export class MermaidLadder implements LadderForm {
  readonly #head: LadderHead
  readonly #columns: Columns

  constructor(head: LadderHead, columns: Columns) {
    this.#head = head
    this.#columns = columns
  }

  head(): string {
    const { application, epochNanos } = this.#head
    const named = this.#columns.all.map(
      ({ line, title, about }) =>
        `  participant ${this.#name(line)} as ${mermaidText(about === '' ? title : `${title} ${about}`)}\n`,
    )
    const began = `%% ${application}; began ${utcOf(epochNanos, 0)}, times are in seconds since then\n`
    return `${began}sequenceDiagram\n${named.join('')}`
  }

  *page({ rows, arrows, acks }: WrittenPage): Iterable<string> {
    const byRank = arrowsByRank(arrows)
    const waiting = acks.toSorted((a, b) => a.atNanos - b.atNanos)
    for (const { row, rank, line } of rows) {
      while ((waiting[0]?.atNanos ?? Infinity) < row.atNanos) yield this.#acked(waiting.shift())
      const own = byRank.get(rank) ?? []
      const at = formatSeconds(row.atNanos)
      const begun = own.filter((each) => (each.sent ?? each.received)?.rank === rank)
      for (const arrow of begun) {
        const told =
          row.kind === 'data'
            ? `${formatBytes(arrow.lengthBytes)} ${previewText(row, MOST_CHARACTERS)}`
            : wordOf(arrow)
        yield `  ${this.#stroke(arrow)}: ${at} ${mermaidText(`${told}${after(arrow)}`)}\n`
      }
      if (row.kind === 'event' && !own.some(isTold))
        yield `  Note over ${this.#name(line)}: ${at} ${mermaidText(visibleText(eventText(row.event)))}\n`
    }
    for (const ack of waiting) yield this.#acked(ack)
  }

  #acked(ack: LadderAck | undefined): string {
    if (ack === undefined) return ''
    const { line, atNanos, ackedBytes } = ack
    return `  Note over ${this.#name(line)}: ${formatSeconds(atNanos)} acked ${formatBytes(ackedBytes)}\n`
  }

  tail(): string {
    return ''
  }

  #stroke({ from, to, fate }: LadderArrow): string {
    return `${this.#name(from)}${strokes[fate]}${this.#name(to)}`
  }

  #name(line: Line): string {
    const { line: shown } = this.#columns.of(line)
    const id = this.#head.ends[endOf(shown)]?.id ?? 'C1'
    return shown < 0 ? `${id}peer` : id
  }
}

const wordOf = ({ kind }: LadderArrow): string =>
  kind === 'data' || kind === 'datagram' ? kind : words[kind]

/** An event that an arrow tells of; that a call came through, or came to nothing, is told besides. */
const isTold = ({ kind, fate }: LadderArrow): boolean => kind !== 'connect' || fate === 'arrived'

function after(arrow: LadderArrow): string {
  const lapse = lapseOf(arrow)
  if (lapse !== null) return ` +${formatLength(lapse)}`
  return arrow.fate === 'underWay' ? ' (not taken)' : ''
}

/** Text that means nothing to Mermaid: whatever is no letter, no digit and no plain sign becomes a number. */
export function mermaidText(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,:/+()=*'!?@|~[\]\\…·–-]/gu, (each) => `#${each.codePointAt(0)};`)
}
