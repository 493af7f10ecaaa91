import { type DataRow, type Row } from '../model/record'

/**
 * Rows as they travel: the worker, main and the page each copy them, and every object and every small buffer costs more
 * than all the bytes of a row (through contextBridge most of all). So: one text and one buffer.
 */
export interface PackedRows {
  /** JSON of the rows, with lengths in place of their bytes. */
  readonly json: string
  /** Of each data row `before`, then `head`, in the order of the rows. */
  readonly bytes: Uint8Array
}

type Packed =
  | Exclude<Row, DataRow>
  | (Omit<DataRow, 'head' | 'before'> & { readonly head: number; readonly before: number })

export function packRows(rows: readonly Row[]): PackedRows {
  let length = 0
  for (const row of rows) if (row.kind === 'data') length += row.before.length + row.head.length
  const bytes = new Uint8Array(length)
  let at = 0
  const packed = rows.map((row): Packed => {
    if (row.kind === 'event') return row
    bytes.set(row.before, at)
    bytes.set(row.head, at + row.before.length)
    at += row.before.length + row.head.length
    return { ...row, head: row.head.length, before: row.before.length }
  })
  return { json: JSON.stringify(packed), bytes }
}

/** The rows again; their bytes are views on the one buffer. */
export function unpackRows({ json, bytes }: PackedRows): Row[] {
  let at = 0
  return (JSON.parse(json) as Packed[]).map((row): Row => {
    if (row.kind === 'event') return row
    const before = bytes.subarray(at, at + row.before)
    const head = bytes.subarray(at + row.before, at + row.before + row.head)
    at += row.before + row.head
    return { ...row, before, head }
  })
}
