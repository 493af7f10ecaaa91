import { type Reply } from '../shared/model/fault'
import { type SocketId } from '../shared/model/ids'
import { type DataRow, type Row } from '../shared/model/record'
import { type LocalService } from '../main/service/service'
import { Follower } from './follower'
import { complaint } from './complaint'
import { rowLine, rowObject, type ReadBytes } from './rows'
import { type Terminal } from './terminal'

/** Prints the record while it grows: lines for people, or one JSON object a line. */
export function narrate(
  service: LocalService,
  terminal: Terminal,
  { json, isTold }: { readonly json: boolean; readonly isTold: (id: SocketId, row: Row) => boolean },
): Follower {
  const readBytes: ReadBytes = (id, row) => wholeChunk(service, id, row)
  return new Follower({
    service,
    tell: async (id, row) => {
      if (terminal.stdout.isBroken || !isTold(id, row)) return
      const text = json
        ? JSON.stringify(await rowObject(id, row, readBytes))
        : rowLine(id, row, terminal.paint)
      await terminal.stdout.line(text)
    },
    complain: (fault) => terminal.stderr.line(complaint(fault)),
  })
}

async function wholeChunk({ capture }: LocalService, id: SocketId, row: DataRow): Promise<Reply<Uint8Array>> {
  if (row.head.length === row.lengthBytes) return { ok: true, value: row.head }
  const read = await capture.bytes(id, row.direction, row.offset, row.offset + row.lengthBytes)
  return read.ok ? { ok: true, value: read.value.bytes } : read
}
