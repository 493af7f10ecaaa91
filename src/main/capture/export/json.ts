import { isUtf8 } from 'node:buffer'
import { type Encoder, type ExportHead } from './formats'
import { type ExportedData, type ExportedRow } from './exportedRows'
import { utcOf } from './instant'

/** One JSON document (RFC 8259), a line for each row. Bytes are in base64, and as text too where they are whole UTF-8. */
export class JsonEncoder implements Encoder {
  readonly #head: ExportHead
  #isFirst = true

  constructor(head: ExportHead) {
    this.#head = head
  }

  head(): string {
    const { application, epochNanos, sockets } = this.#head
    const about = { application, beganAtUtc: utcOf(epochNanos, 0), sockets }
    return `${JSON.stringify(about).slice(0, -1)},"rows":[`
  }

  *rows(rows: readonly ExportedRow[]): Iterable<string> {
    for (const row of rows) {
      const before = this.#isFirst ? '\n' : ',\n'
      this.#isFirst = false
      yield before + JSON.stringify(this.#objectOf(row))
    }
  }

  tail(): string {
    return '\n]}\n'
  }

  #objectOf(row: ExportedRow): object {
    const { id, atNanos, kind } = row
    const common = { id, row: row.row, atNanos, utc: utcOf(this.#head.epochNanos, atNanos), kind }
    return row.kind === 'event' ? { ...common, event: row.event } : { ...common, ...dataOf(row) }
  }
}

function dataOf({ direction, offset, bytes, peer }: ExportedData): object {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return {
    direction,
    offset,
    lengthBytes: bytes.length,
    ...(peer !== null && { peer }),
    base64: buffer.toString('base64'),
    ...(isUtf8(buffer) && { text: buffer.toString() }),
  }
}
