import { MAX_MERGED, MAX_ROWS_A_READ } from '../../../shared/contract/limits'
import { unpackRows } from '../../../shared/contract/packedRows'
import { columnsOf } from '../../../shared/ladder/columns'
import { type LadderEnd } from '../../../shared/ladder/model'
import { type ExportScope } from '../../../shared/model/export'
import { fault, FaultError } from '../../../shared/model/fault'
import { type SocketId } from '../../../shared/model/ids'
import { gathered } from '../../capture/export/gathered'
import { type ExportOptions } from '../../capture/export/exporting'
import { stretchesOf } from '../../capture/export/stretches'
import { type CaptureReader } from '../../capture/types'
import { type LadderForm } from './forms'
import { Ladders } from './ladders'
import { MermaidLadder } from './mermaid'
import { SvgLadder } from './svg'
import { must } from './strip'

export interface LadderExportOptions extends Omit<ExportOptions, 'format'> {
  readonly format: 'svg' | 'mermaid'
}

/** A ladder as a file, piece by piece; memory does not depend on its length. A piece is good until the next one is asked for. Throws a FaultError. */
export function exportedLadder(options: LadderExportOptions): AsyncGenerator<Uint8Array> {
  return gathered(pieces(options))
}

async function* pieces(options: LadderExportOptions): AsyncGenerator<string> {
  const { reader, scope, signal, onProgress } = options
  const ladders = new Ladders(reader, { capture: reader, pending: () => [] })
  const ends = await endsOf(ladders, reader, scope)
  const ids = ends.map(({ id }) => id)
  const sizes = ids.map((id) => reader.size(id))
  const total = sizes.reduce((sum, { rows }) => sum + rows, 0)
  const totalBytes = sizes.reduce((sum, { inBytes, outBytes }) => sum + inBytes + outBytes, 0)
  const form = formOf(options, ends, total)
  let doneBytes = 0
  onProgress?.(0, totalBytes)
  yield form.head()
  for (let from = 0; from < total; from += MAX_ROWS_A_READ) {
    if (signal.aborted) throw new FaultError(fault('SB_CANCELLED', 'The export was cancelled.'))
    const to = Math.min(total, from + MAX_ROWS_A_READ)
    const page = must(await ladders.read({ ends, by: 'rank', from, to }))
    const rows = unpackRows(page.rows).map((row, n) => ({
      row,
      rank: page.from + n,
      line: page.owners[n] ?? 0,
    }))
    if (rows.length === 0) break
    yield* form.page({ ...page, rows })
    for (const { row } of rows) if (row.kind === 'data') doneBytes += row.lengthBytes
    onProgress?.(Math.min(doneBytes, totalBytes), totalBytes)
  }
  yield form.tail()
}

/** Room for each line in a picture: for the beginning of what is said between two. */
const LINE_PX = 260

function formOf(
  { reader, format, application }: LadderExportOptions,
  ends: readonly LadderEnd[],
  rows: number,
): LadderForm {
  const head = { application, epochNanos: reader.epochNanos, ends, rows }
  const columns = columnsOf(ends, ends.length * LINE_PX)
  return format === 'svg' ? new SvgLadder(head, columns) : new MermaidLadder(head, columns)
}

async function endsOf(
  ladders: Ladders,
  reader: CaptureReader,
  scope: ExportScope,
): Promise<readonly LadderEnd[]> {
  if (scope.stream !== 'both' || scope.rows !== undefined || scope.bytes !== undefined)
    throw new FaultError(fault('SB_INPUT', 'A ladder is of whole connections, in both directions.'))
  const asked: readonly SocketId[] = (await stretchesOf(reader, scope)).map(({ id }) => id)
  if (asked.length === 0)
    throw new FaultError(fault('SB_INPUT', 'Nothing is recorded of which a ladder could be made.'))
  const { ends, left } = must(await ladders.cast(asked))
  if (left === 0) return ends
  throw new FaultError(
    fault('SB_INPUT', `A ladder shows at most ${MAX_MERGED} sockets, and there are ${ends.length + left}.`, {
      hint: `Choose one connection, such as ${ends.find(({ role }) => role !== 'listener')?.id ?? 'C1'}: its other end comes along.`,
    }),
  )
}
