import { type PlacedRow } from '../../../shared/ladder/drawing'
import { type LadderEnd, type LadderPage } from '../../../shared/ladder/model'

/** What is known of a ladder before its first row. */
export interface LadderHead {
  readonly application: string
  readonly epochNanos: bigint
  readonly ends: readonly LadderEnd[]
  readonly rows: number
}

/** A page with its rows unpacked. */
export interface WrittenPage extends Omit<LadderPage, 'rows'> {
  readonly rows: readonly PlacedRow[]
}

/** One form of writing a ladder down. */
export interface LadderForm {
  head(): string
  page(page: WrittenPage): Iterable<string>
  tail(): string
}
