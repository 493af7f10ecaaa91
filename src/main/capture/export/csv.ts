import { eventText } from '../../../shared/model/eventText'
import { visibleText } from '../../../shared/wire/escape'
import { type Encoder, type ExportHead } from './formats'
import { type ExportedRow } from './exportedRows'
import { exactSeconds, utcOf } from './instant'
import { StreamText } from './streamText'

const COLUMNS = 'id,row,time_s,utc,kind,direction,offset,length,peer,text,hex'

/** In hex and with escapes, so many bytes still fit a cell of a spreadsheet (32,767 characters). */
const PART_BYTES = 8000

/**
 * Comma-separated values (RFC 4180), a line for each row, or several for a chunk of more than PART_BYTES. Text is with escapes, as the window shows it; `hex` has the bytes themselves.
 */
export class CsvEncoder implements Encoder {
  readonly #head: ExportHead
  readonly #text = new StreamText()

  constructor(head: ExportHead) {
    this.#head = head
  }

  head(): string {
    return `${COLUMNS}\r\n`
  }

  *rows(rows: readonly ExportedRow[]): Iterable<string> {
    for (const row of rows) {
      const { id, atNanos } = row
      const begin = `${id},${row.row},${exactSeconds(atNanos)},${utcOf(this.#head.epochNanos, atNanos)}`
      if (row.kind === 'event') {
        yield `${begin},event,,,,,${quoted(visibleText(eventText(row.event)))},\r\n`
        continue
      }
      const { direction, offset, bytes, peer } = row
      const who = quoted(visibleText(peer ?? ''))
      let at = 0
      do {
        const part = bytes.subarray(at, at + PART_BYTES)
        const text = quoted(this.#text.of(row, at, at + part.length))
        yield `${begin},data,${direction},${offset + at},${part.length},${who},${text},${hexOf(part)}\r\n`
        at += part.length
      } while (at < bytes.length)
    }
  }

  tail(): string {
    return ''
  }
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
