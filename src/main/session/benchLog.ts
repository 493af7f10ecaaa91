import { type BenchCall, type BenchLog } from '../../shared/model/bench'
import { MAX_ROWS_A_READ } from '../../shared/contract/limits'
import { type Reply } from '../../shared/model/fault'
import { type BenchId, isBenchSocketId, type SocketId } from '../../shared/model/ids'
import { type CaptureReader } from '../capture/types'

/** What the description of a bench's socket tells: `made by socket(): AF_INET SOCK_STREAM on B1`. */
const ABOUT = /(AF_\w+) (SOCK_\w+) on (B\d+)$/

export function benchNamedIn(about: string): {
  readonly family: string
  readonly type: string
  readonly bench: string
} {
  const [, family = 'AF_INET', type = 'SOCK_STREAM', bench = ''] = ABOUT.exec(about) ?? []
  return { family, type, bench }
}

/** The log of a bench that is recorded: its calls lie in the records of its sockets, and its own. */
export async function recordedLog(
  capture: CaptureReader,
  id: BenchId,
  from: number,
): Promise<Reply<BenchLog>> {
  const file = capture.fileOf(id)
  const calls: BenchCall[] = []
  for (const each of capture.ids()) {
    if (each !== id && !(isBenchSocketId(each) && capture.fileOf(each) === file)) continue
    const read = await callsIn(capture, each)
    if (!read.ok) return read
    calls.push(...read.value.filter((call) => call.bench === id))
  }
  calls.sort((a, b) => a.number - b.number)
  return {
    ok: true,
    value: {
      count: calls.at(-1)?.number ?? 0,
      entries: calls.filter(({ number }) => number >= from).map((of) => ({ state: 'done', of })),
    },
  }
}

async function callsIn(capture: CaptureReader, id: SocketId): Promise<Reply<BenchCall[]>> {
  const { rows } = capture.size(id)
  const calls: BenchCall[] = []
  for (let row = 0; row < rows; row += MAX_ROWS_A_READ) {
    const read = await capture.read(id, row, Math.min(rows, row + MAX_ROWS_A_READ))
    if (!read.ok) return read
    for (const each of read.value) {
      if (each.kind !== 'event' || each.event.what !== 'called') continue
      const { what: _, ...call } = each.event
      calls.push(call)
    }
  }
  return { ok: true, value: calls }
}
