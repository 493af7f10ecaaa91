import { fault, FaultError } from '../../../shared/model/fault'
import { type ExportScope } from '../../../shared/model/export'
import { type CaptureReader } from '../types'
import { openingsOf, secondEnds } from './bothEnds'
import { CsvEncoder } from './csv'
import { exportedRows } from './exportedRows'
import { needsEvents, type Encoder, type ExportHead, type RowFormat } from './formats'
import { gathered } from './gathered'
import { HexEncoder } from './hex'
import { JsonEncoder } from './json'
import { PcapngEncoder } from './pcapng'
import { RawEncoder } from './raw'
import { stretchesOf, type Stretch } from './stretches'
import { TranscriptEncoder } from './transcript'

export interface ExportOptions {
  readonly reader: CaptureReader
  readonly scope: ExportScope
  readonly format: RowFormat
  /** Written into the head of what has one: "Switchboard 0.1.0". */
  readonly application: string
  readonly signal: AbortSignal
  /** Payload bytes gone through, of those that there are. Told after each batch. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

/**
 * Part of a record in one of the formats, as it was when this began, piece by piece. A piece is good until the next one is asked for.
 * Memory does not grow with the record. Throws a FaultError.
 */
export function exported(options: ExportOptions): AsyncGenerator<Uint8Array> {
  return gathered(pieces(options))
}

async function* pieces(options: ExportOptions): AsyncGenerator<Uint8Array | string> {
  const { reader, scope, format, application, signal, onProgress } = options
  const named = await stretchesOf(reader, scope)
  const { encoder, stretches } = await encoderFor(options, named, {
    application,
    epochNanos: reader.epochNanos,
    sockets: named.map(({ id }) => ({ id, about: reader.about(id) })),
  })
  const totalBytes = stretches.reduce((sum, { bytes }) => sum + bytes, 0)
  let doneBytes = 0
  onProgress?.(0, totalBytes)
  yield encoder.head()
  const hasEvents = scope.bytes === undefined && (scope.stream === 'both' || needsEvents(format))
  for await (const rows of exportedRows(reader, stretches, hasEvents, signal)) {
    yield* encoder.rows(rows)
    for (const row of rows) if (row.kind === 'data') doneBytes += row.bytes.length
    onProgress?.(doneBytes, totalBytes)
  }
  yield encoder.tail()
}

async function encoderFor(
  { reader, scope, format, signal }: ExportOptions,
  stretches: readonly Stretch[],
  head: ExportHead,
): Promise<{ readonly encoder: Encoder; readonly stretches: readonly Stretch[] }> {
  switch (format) {
    case 'pcapng': {
      const ids = stretches.map(({ id }) => id)
      const openings = await openingsOf(reader, ids, signal)
      const left = scope.id === null ? secondEnds(openings, (id) => totalOf(reader, id)) : new Set()
      return {
        encoder: new PcapngEncoder(head, openings),
        stretches: stretches.filter(({ id }) => !left.has(id)),
      }
    }
    case 'json':
      return { encoder: new JsonEncoder(head), stretches }
    case 'csv':
      return { encoder: new CsvEncoder(head), stretches }
    case 'text':
      return { encoder: new TranscriptEncoder(head), stretches }
    case 'hex':
      return { encoder: new HexEncoder(), stretches }
    case 'raw':
      return { encoder: new RawEncoder(), stretches: oneOf(stretches) }
  }
}

function totalOf(reader: CaptureReader, id: Stretch['id']): number {
  const { inBytes, outBytes } = reader.size(id)
  return inBytes + outBytes
}

const MOST_NAMED = 20

/** Bytes of several sockets in one heap are of no use to anybody. */
function oneOf(stretches: readonly Stretch[]): readonly Stretch[] {
  const filled = stretches.filter(({ bytes }) => bytes > 0)
  if (filled.length < 2) return filled
  const names = filled.slice(0, MOST_NAMED).map(({ id }) => id)
  throw new FaultError(
    fault('SB_INPUT', 'Raw bytes are those of one connection, and there are several.', {
      hint: `Choose one of ${names.join(', ')}${filled.length > MOST_NAMED ? ' …' : ''}.`,
    }),
  )
}
