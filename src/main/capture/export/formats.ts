import { type ExportFormat } from '../../../shared/model/export'
import { type ProgramLanguage } from '../../../shared/model/program'
import { type SocketId } from '../../../shared/model/ids'
import { type ExportedRow } from './exportedRows'

/** Forms that have rows one after the other. */
export type RowFormat = Exclude<ExportFormat, 'experiment' | 'svg' | 'mermaid' | ProgramLanguage>

/** What is known of an export before its first row. */
export interface ExportHead {
  /** "Switchboard 0.1.0" */
  readonly application: string
  /** Nanoseconds since 1970 (UTC) at which the session's clock stood at 0. */
  readonly epochNanos: bigint
  readonly sockets: readonly { readonly id: SocketId; readonly about: string }[]
}

/** One form of writing rows down. What it answers is good until it is asked again. */
export interface Encoder {
  head(): Uint8Array | string
  rows(rows: readonly ExportedRow[]): Iterable<Uint8Array | string>
  tail(): Uint8Array | string
}

/** Forms in which the events of a connection have a place, even where only one direction is wanted. */
export const needsEvents = (format: RowFormat): boolean => format === 'pcapng'
