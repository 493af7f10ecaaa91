import { formatEndpoint, type Endpoint } from '../shared/model/endpoint'
import { type Reply } from '../shared/model/fault'
import { type SocketId } from '../shared/model/ids'
import { eventText } from '../shared/model/eventText'
import { type DataRow, type Row } from '../shared/model/record'
import { formatSeconds } from '../shared/model/units'
import { visibleText } from '../shared/wire/escape'
import { decodeUtf8 } from '../shared/wire/utf8'
import { type Terminal } from './terminal'

/** As much of a chunk as a line shows. */
const MAX_SHOWN = 96

/** A row of the record as a line for people: time, socket, what happened. */
export function rowLine(id: SocketId, row: Row, paint: Terminal['paint']): string {
  const what = row.kind === 'data' ? dataText(row, paint) : visibleText(eventText(row.event))
  return `${paint('dim', formatSeconds(row.atNanos).padStart(12))}  ${id.padEnd(4)} ${what}`
}

function dataText(row: DataRow, paint: Terminal['paint']): string {
  const direction = row.direction === 'in' ? paint('cyan', 'in ') : paint('green', 'out')
  const peer = row.peer === null ? '' : ` ${row.direction === 'in' ? 'from' : 'to'} ${visibleText(row.peer)}`
  const text = decodeUtf8(row.head, { before: row.before, isWhole: row.head.length === row.lengthBytes })
  const isCut = text.length > MAX_SHOWN || row.head.length < row.lengthBytes
  return `${direction} ${row.lengthBytes} B${peer}  ${text.slice(0, MAX_SHOWN)}${isCut ? ' …' : ''}`
}

/** All bytes of one chunk: those that its row carries, or else out of the recording. */
export type ReadBytes = (id: SocketId, row: DataRow) => Promise<Reply<Uint8Array>>

/** A row of the record for programs: one flat object, addresses as URLs, payload whole. */
export async function rowObject(id: SocketId, row: Row, readBytes: ReadBytes): Promise<object> {
  const { atNanos } = row
  if (row.kind === 'event') {
    const { what, ...rest } = row.event
    return { event: what, id, atNanos, ...withUrls(rest) }
  }
  const { direction, offset, lengthBytes, peer } = row
  const event = direction === 'in' ? 'received' : 'sent'
  const read = await readBytes(id, row)
  const carried = read.ok ? payload(read.value) : { fault: read.fault }
  return { event, id, atNanos, offset, lengthBytes, ...(peer === null ? {} : { peer }), ...carried }
}

function withUrls(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [
      name,
      isEndpoint(value) ? formatEndpoint(value) : value,
    ]),
  )
}

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'kind' in value
}

/** Text where the bytes are UTF-8, else base64: either way they can be had back exactly. */
function payload(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
}
