import { type SocketId } from '../../../shared/model/ids'
import { type KernelSample } from '../../../shared/model/kernel'
import { MAX_SAMPLES_A_BLOCK, packSamples } from '../../capture/samples'
import { type Capture } from '../../capture/types'

/** So long samples wait to be written together: what a crash may cost of them. */
const BLOCK_NANOS = 2e9

interface Batch {
  readonly samples: KernelSample[]
  readonly congestion: string | undefined
  readonly fields: number
}

/** Samples on their way to the recording: those of a socket are gathered into blocks of some seconds. */
export class SampleBatches {
  readonly #recording: Pick<Capture, 'sampled'>
  readonly #open = new Map<SocketId, Batch>()

  constructor(recording: Pick<Capture, 'sampled'>) {
    this.#recording = recording
  }

  add(id: SocketId, sample: KernelSample): void {
    const fields = Object.keys(sample.values).length
    let batch = this.#open.get(id)
    const first = batch?.samples[0]
    // A block's columns are all of the same length.
    if (
      batch !== undefined &&
      (first?.of !== sample.of || batch.fields !== fields || batch.congestion !== sample.congestion)
    ) {
      this.write(id)
      batch = undefined
    }
    if (batch === undefined) {
      batch = { samples: [], congestion: sample.congestion, fields }
      this.#open.set(id, batch)
    }
    batch.samples.push(sample)
    const since = sample.atNanos - (batch.samples[0]?.atNanos ?? 0)
    if (batch.samples.length >= MAX_SAMPLES_A_BLOCK || since >= BLOCK_NANOS) this.write(id)
  }

  /** What is not written yet of a socket. */
  of(id: SocketId): readonly KernelSample[] {
    return this.#open.get(id)?.samples ?? []
  }

  write(id: SocketId): void {
    const batch = this.#open.get(id)
    this.#open.delete(id)
    if (batch !== undefined) this.#recording.sampled(packSamples(id, batch.samples))
  }

  /** Those of sockets that were not asked for a while. */
  writeOlder(nowNanos: number): void {
    for (const [id, { samples }] of this.#open)
      if (nowNanos - (samples[0]?.atNanos ?? 0) >= BLOCK_NANOS) this.write(id)
  }

  writeAll(): void {
    for (const id of [...this.#open.keys()]) this.write(id)
  }
}
