import { visibleText } from '../../../shared/wire/escape'
import { hexdump } from '../../../shared/wire/hexdump'
import { type Encoder } from './formats'
import { type ExportedRow } from './exportedRows'
import { exactSeconds } from './instant'

/** A hex dump as `hexdump -C` prints it, a line before each chunk with its socket, direction, length, offset and time. */
export class HexEncoder implements Encoder {
  head(): string {
    return ''
  }
  *rows(rows: readonly ExportedRow[]): Iterable<string> {
    for (const row of rows) {
      if (row.kind === 'event') continue
      const { id, direction, bytes, offset, peer, atNanos } = row
      const who = peer === null ? '' : ` ${direction === 'in' ? 'from' : 'to'} ${visibleText(peer)}`
      const head = `# ${id} ${direction} ${bytes.length} B${who} at offset ${offset}, ${exactSeconds(atNanos)} s\n`
      // A datagram is counted by itself.
      const dump = hexdump(bytes, row.isDatagram ? 0 : offset)
      yield `${head}${dump}${dump === '' ? '' : '\n'}\n`
    }
  }
  tail(): string {
    return ''
  }
}
