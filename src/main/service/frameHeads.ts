import { MAX_BYTES_A_READ } from '../../shared/contract/limits'
import { type Reply } from '../../shared/model/fault'
import { FRAME_HEAD_BYTES, type Frame } from '../../shared/model/frame'
import { type Framing } from '../../shared/model/framing'
import { type ByteRange, type Direction } from '../../shared/model/record'
import { payloadOf } from '../../shared/wire/framing/framer'
import { type FoundFrame } from '../capture/frames/walk'

export type ReadStream = (direction: Direction, from: number, to: number) => Promise<Reply<ByteRange>>

/** So many bytes of a frame hold the head of its payload, in any framing: in SLIP every byte may be two. */
const RAW_HEAD_BYTES = 2 * FRAME_HEAD_BYTES + 32
/** What lies between two heads is read along if it is no longer than this: one read is quicker than two. */
const MAX_GAP_BYTES = 8192

/** Frames with the beginnings of their payloads. Those that lie close together in a stream are read together. */
export async function withHeads(
  found: readonly FoundFrame[],
  isComplete: boolean,
  { framing, read }: { readonly framing: Framing; readonly read: ReadStream },
): Promise<Reply<readonly Frame[]>> {
  const frames: Frame[] = []
  for (const direction of ['in', 'out'] as const) {
    for (const run of runsOf(found.filter((frame) => frame.direction === direction))) {
      const from = run[0]?.offset ?? 0
      const bytes = await read(direction, from, endOf(run.at(-1)))
      if (!bytes.ok) return bytes
      for (const frame of run) {
        const raw = bytes.value.bytes.subarray(frame.offset - from, endOf(frame) - from)
        const isWhole = isComplete && raw.length === frame.lengthBytes
        const payload = payloadOf(framing, raw, isWhole).bytes
        const head = payload.subarray(0, FRAME_HEAD_BYTES)
        frames.push({ ...frame, isComplete, head, isHeadWhole: isWhole && head.length === payload.length })
      }
    }
  }
  return { ok: true, value: frames.sort((a, b) => a.number - b.number) }
}

/** Where the head of a frame ends in its stream. */
function endOf(frame: FoundFrame | undefined): number {
  return frame === undefined ? 0 : frame.offset + Math.min(frame.lengthBytes, RAW_HEAD_BYTES)
}

/** Frames of one direction, in their order, by what is read in one go. */
function runsOf(frames: readonly FoundFrame[]): readonly (readonly FoundFrame[])[] {
  const runs: FoundFrame[][] = []
  for (const frame of frames) {
    const run = runs.at(-1)
    const begin = run?.[0]?.offset ?? 0
    const gap = frame.offset - endOf(run?.at(-1))
    if (run !== undefined && gap <= MAX_GAP_BYTES && endOf(frame) - begin <= MAX_BYTES_A_READ) run.push(frame)
    else runs.push([frame])
  }
  return runs
}
