import { type ScanKind, type ScanKinds } from './messages'
import { type RowBatch } from './rowBatch'

/** What a kind of scan has to tell now, and which of its memory goes along instead of being copied. */
export interface Telling<Told> {
  readonly told: Told
  readonly transfer?: readonly ArrayBuffer[]
}

/**
 * Reads through records, batch by batch, in a thread of its own; so it may read files and reckon as long as it likes.
 * An error that it throws ends the scan and is told.
 */
export interface Scanner<Kind extends ScanKind = ScanKind> {
  rows(batch: RowBatch): void
  /** All rows that there are have been seen. More may come. */
  rest(): void
  /** What is new since it was asked last. Asked after each batch, after each rest, and when the scanner says so in between. */
  tell(): Telling<ScanKinds[Kind]['told']>
  /** Answers a question about what it has seen so far; between two batches. */
  answer?(question: ScanKinds[Kind]['question']): Telling<ScanKinds[Kind]['answer']>
  close(): void
}
