import { MAX_FRAME_BYTES_A_READ } from '../../shared/contract/limits'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { type Frame, type FramesStatus } from '../../shared/model/frame'
import { type Framing } from '../../shared/model/framing'
import { type SocketId } from '../../shared/model/ids'
import { unpackFrames, type FramesTold } from '../capture/frames/messages'
import { PLACE, type FoundFrame } from '../capture/frames/walk'
import { diskFault } from '../capture/diskFault'
import { recordsWithin } from '../capture/scan/extents'
import { type CaptureReader } from '../capture/types'
import { withHeads, type ReadStream } from './frameHeads'
import { type Scan, type Scans } from './scans'

export interface FramingsOptions {
  readonly scans: Scans
  readonly capture: Pick<CaptureReader, 'size' | 'records' | 'bytes' | 'fileOf'>
  readonly onProgress: (status: FramesStatus) => void
}

/** Gone through at once to come to the frames that are asked for. */
const ROWS_A_STEP = 512
const BYTES_A_STEP = 4 * 1024 * 1024

/** Short lines take the thread a second for every fifty megabytes: who looks at frames meanwhile waits for one batch or two. */
const BYTES_A_BATCH = 1024 * 1024

interface FramesRead {
  readonly frames: readonly Frame[]
  /** Complete frames. */
  readonly count: number
}

/** The records that are being cut into frames. */
export class Framings {
  readonly #options: FramingsOptions
  readonly #open = new Map<number, Cutting>()
  #last = 0

  constructor(options: FramingsOptions) {
    this.#options = options
  }

  /** Begins to cut one socket's record. The number answered names the cutting from now on. */
  begin(id: SocketId, framing: Framing): Reply<{ readonly frames: number }> {
    const number = this.#last + 1
    const cutting = new Cutting(number, id, framing, this.#options)
    const began = this.#options.scans.begin({
      ids: [id],
      task: { kind: 'frames', framing },
      batchBytes: BYTES_A_BATCH,
      onTold: (told) => cutting.take(told),
      onFailed: (of) => cutting.fail(of),
    })
    if (!began.ok) return began
    cutting.scan = began.value
    this.#last = number
    this.#open.set(number, cutting)
    return { ok: true, value: { frames: number } }
  }

  /** Frames `from` to `to`, as many as are read in a bounded time; beyond the complete ones what is unfinished. */
  async read(frames: number, from: number, to: number): Promise<Reply<FramesRead>> {
    const cutting = this.#open.get(frames)
    if (cutting === undefined)
      return { ok: false, fault: fault('SB_UNKNOWN', `There is no cutting into frames ${frames}.`) }
    return cutting.read(from, to)
  }

  /** Ends a cutting, wherever it is. One that has ended already is fine. */
  async end(frames: number): Promise<void> {
    const cutting = this.#open.get(frames)
    this.#open.delete(frames)
    await cutting?.scan?.end()
  }
}

/** One record's cutting: asks its thread where frames are. */
class Cutting {
  scan: Scan<'frames'> | null = null
  readonly #number: number
  readonly #id: SocketId
  readonly #framing: Framing
  readonly #options: FramingsOptions
  #told: FramesTold = { count: 0, problems: 0, unfinished: 0, scannedBytes: 0 }
  #fault: Fault | null = null

  constructor(number: number, id: SocketId, framing: Framing, options: FramingsOptions) {
    this.#number = number
    this.#id = id
    this.#framing = framing
    this.#options = options
  }

  take(told: FramesTold): void {
    this.#told = told
    this.#tell()
  }

  fail(of: Fault): void {
    this.#fault = of
    this.#tell()
  }

  async read(from: number, to: number): Promise<Reply<FramesRead>> {
    const scan = this.scan as Scan<'frames'>
    const asked = await scan.ask({ ask: 'place', frame: from })
    if (!asked.ok) return asked
    if (asked.value.ask !== 'place') throw new Error('the thread answered another question')
    const { count, place, unfinished } = asked.value
    const found = await this.#walk(scan, place, from, Math.min(to, count))
    if (!found.ok) return found
    // What is unfinished comes after all others, so only once they have all been read.
    const isToEnd = (found.value.at(-1)?.number ?? from - 1) + 1 >= count
    const rest = isToEnd ? unpackFrames(unfinished).filter(({ number }) => number >= from && number < to) : []
    const heads = { framing: this.#framing, read: this.#bytes }
    const complete = await withHeads(found.value, true, heads)
    if (!complete.ok) return complete
    const incomplete = await withHeads(rest, false, heads)
    if (!incomplete.ok) return incomplete
    return { ok: true, value: { frames: [...complete.value, ...incomplete.value], count } }
  }

  readonly #bytes: ReadStream = (direction, from, to) =>
    this.#options.capture.bytes(this.#id, direction, from, to)

  /** Lets the thread walk through the rows once more, from a place before the frames that are wanted. */
  async #walk(
    scan: Scan<'frames'>,
    from: Float64Array,
    first: number,
    upTo: number,
  ): Promise<Reply<readonly FoundFrame[]>> {
    const { capture } = this.#options
    const file = capture.fileOf(this.#id)
    const found: FoundFrame[] = []
    let place = from
    let bytes = 0
    while ((place[PLACE.frames] as number) < upTo && (found.length === 0 || bytes < MAX_FRAME_BYTES_A_READ)) {
      const firstRow = place[PLACE.row] as number
      let records: Float64Array
      try {
        records = recordsWithin(await capture.records(this.#id, firstRow, ROWS_A_STEP), BYTES_A_STEP)
      } catch (error) {
        return { ok: false, fault: diskFault(error, 'read', file, 'The frames cannot be read') }
      }
      if (records.length === 0) break
      const batch = { file, firstRow, records }
      const walked = await scan.ask({ ask: 'walk', place, batch, from: first, to: upTo })
      if (!walked.ok) return walked
      if (walked.value.ask !== 'walk') throw new Error('the thread answered another question')
      found.push(...unpackFrames(walked.value.frames))
      place = walked.value.place
      bytes += BYTES_A_STEP
    }
    return { ok: true, value: found }
  }

  #tell(): void {
    const { inBytes, outBytes } = this.#options.capture.size(this.#id)
    this.#options.onProgress({
      frames: this.#number,
      id: this.#id,
      ...this.#told,
      totalBytes: inBytes + outBytes,
      isDone: this.#fault !== null || this.scan?.isDone === true,
      ...(this.#fault !== null && { fault: this.#fault }),
    })
  }
}
