import { type Fault } from './fault'
import { type SocketId } from './ids'
import { type StreamName } from './record'

/** What a record can be written as, with the file name's ending of each. */
export const exportEndings = {
  pcapng: 'pcapng',
  json: 'json',
  csv: 'csv',
  text: 'txt',
  hex: 'hex.txt',
  raw: 'bin',
  experiment: 'yaml',
  svg: 'svg',
  mermaid: 'mmd',
  python: 'py',
  node: 'mjs',
  c: 'c',
} as const

export type ExportFormat = keyof typeof exportEndings

export const exportFormats = Object.keys(exportEndings) as readonly ExportFormat[]

/** Which part of the record is written. */
export interface ExportScope {
  /** One socket, or null for all of them in the order of time. */
  readonly id: SocketId | null
  /** Where `id` is null: only these. */
  readonly ids?: readonly SocketId[] | undefined
  /** `both` with the events between; one direction without them. */
  readonly stream: StreamName
  /** Rows `from` (inclusive) to `to` (exclusive) of that socket. */
  readonly rows?: { readonly from: number; readonly to: number } | undefined
  /** Bytes `from` (inclusive) to `to` (exclusive) of that socket's stream. */
  readonly bytes?: { readonly from: number; readonly to: number } | undefined
}

/** How far an export is. */
export interface ExportStatus {
  readonly number: number
  /** The file that the user chose. */
  readonly file: string
  readonly format: ExportFormat
  /** Payload bytes gone through, of those that there are. */
  readonly doneBytes: number
  readonly totalBytes: number
  /** Length of the file, once it is whole. */
  readonly writtenBytes: number
  readonly phase: 'writing' | 'done' | 'cancelled' | 'failed'
  readonly fault?: Fault | undefined
}
