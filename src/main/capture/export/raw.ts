import { type Encoder } from './formats'
import { type ExportedRow } from './exportedRows'

/** The bytes themselves. */
export class RawEncoder implements Encoder {
  head(): string {
    return ''
  }
  *rows(rows: readonly ExportedRow[]): Iterable<Uint8Array> {
    for (const row of rows) if (row.kind === 'data') yield row.bytes
  }
  tail(): string {
    return ''
  }
}
