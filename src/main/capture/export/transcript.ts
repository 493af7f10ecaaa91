import { eventText } from '../../../shared/model/eventText'
import { visibleText } from '../../../shared/wire/escape'
import { type Encoder, type ExportHead } from './formats'
import { type ExportedRow } from './exportedRows'
import { exactSeconds, utcOf } from './instant'
import { StreamText } from './streamText'

const ID_WIDTH = 5
const TIME_WIDTH = 16

/** A transcript for people: time, socket, and what came or happened. Text with escapes, broken after each line feed. */
export class TranscriptEncoder implements Encoder {
  readonly #head: ExportHead
  readonly #text = new StreamText()

  constructor(head: ExportHead) {
    this.#head = head
  }

  head(): string {
    const { epochNanos, sockets } = this.#head
    const named = sockets.map(({ id, about }) => `${id.padEnd(ID_WIDTH)} ${visibleText(about)}\n`)
    return `Began ${utcOf(epochNanos, 0)}; times are in seconds since then.\n${named.join('')}\n`
  }

  *rows(rows: readonly ExportedRow[]): Iterable<string> {
    for (const row of rows) {
      const begin = `${exactSeconds(row.atNanos).padStart(TIME_WIDTH)}  ${row.id.padEnd(ID_WIDTH)} `
      if (row.kind === 'event') {
        yield `${begin}${visibleText(eventText(row.event))}\n`
        continue
      }
      const { direction, bytes, peer } = row
      const who = peer === null ? '' : ` ${direction === 'in' ? 'from' : 'to'} ${visibleText(peer)}`
      const lead = `${begin}${direction.padEnd(3)} ${bytes.length} B${who}  `
      yield `${lead}${broken(this.#text.of(row), ' '.repeat(lead.length))}\n`
    }
  }

  tail(): string {
    return ''
  }
}

/** What follows a line feed goes on a line of its own, under the first. */
function broken(text: string, indent: string): string {
  return text.replace(/(?<=(?:^|[^\\])(?:\\\\)*\\n)(?!$)/g, `\n${indent}`)
}
