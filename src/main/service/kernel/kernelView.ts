import { type BenchSocketState } from '../../../shared/model/bench'
import { type Reply } from '../../../shared/model/fault'
import { isBenchSocketId, isUdpId, type SocketId } from '../../../shared/model/ids'
import {
  DEFAULT_KERNEL_RATE,
  TCP_CLOSE,
  type KernelLatest,
  type KernelRate,
  type KernelSample,
  type KernelSampling,
  type KernelSeries,
} from '../../../shared/model/kernel'
import { MAX_SAMPLE_BLOCKS_A_READ, unpackSamples } from '../../capture/samples'
import { type Capture, type CaptureReader } from '../../capture/types'
import { whatIsMissing } from '../../engine/kernel/calls'
import { type Engine, type Summarised } from '../../engine/types'
import { Afterlives, type Ends } from './afterlives'
import { SampleBatches } from './batches'
import { Sampler } from './sampler'
import { SeriesReader, type SampleSource, type SeriesQuery } from './series'

/** Whoever shows a datagram socket is told of its drops so often. */
const DROPS_MS = 500
const TELL_MS = 1000

export interface KernelViewOptions {
  readonly engine: Pick<Engine, 'readKernel' | 'countDrops' | 'live' | 'summary'>
  readonly recording: Pick<Capture, 'sampled' | 'clock'>
  readonly capture: CaptureReader
  readonly onSampled: (latest: KernelLatest) => void
  readonly onSampling: (sampling: KernelSampling) => void
}

/** What the kernel says of a session's sockets: asked for while somebody looks, or of all, and kept with the recording. */
export class KernelView {
  /** Where samples are read from, those that are not written yet among them. */
  readonly samples: SampleSource
  readonly #options: KernelViewOptions
  readonly #sampler: Sampler
  readonly #batches: SampleBatches
  readonly #afterlives: Afterlives
  readonly #series: SeriesReader
  readonly #latest = new Map<SocketId, KernelSample>()
  /** Of sockets whose descriptor is gone: the last sample of before. */
  readonly #before = new Map<SocketId, KernelSample>()
  /** Of sockets of benches that are connected. */
  readonly #ends = new Map<SocketId, Ends>()
  readonly #first = new Map<SocketId, number>()
  #sampled: ReadonlySet<SocketId> = new Set()
  #shown: ReadonlySet<SocketId> = new Set()
  #rate: KernelRate = DEFAULT_KERNEL_RATE
  #isAll = false
  #asked = 0
  #toldAtMs = -Infinity
  #dropsTimer: NodeJS.Timeout | null = null

  constructor(options: KernelViewOptions) {
    this.#options = options
    const { engine, recording, capture } = options
    const { clock } = recording
    this.#batches = new SampleBatches(recording)
    const onSample = (id: SocketId, sample: KernelSample): void => this.#take(id, sample)
    this.#afterlives = new Afterlives({ clock, onSample })
    this.#sampler = new Sampler({
      engine,
      clock,
      wanted: () => this.#wanted(),
      onSample,
      onRound: () => this.#rounded(),
    })
    this.samples = { capture, pending: (id) => this.#batches.of(id) }
    this.#series = new SeriesReader(this.samples)
  }

  look(sampled: readonly SocketId[], shown: readonly SocketId[]): KernelSampling {
    const before = this.#sampled
    this.#sampled = new Set(sampled)
    this.#shown = new Set(shown)
    for (const id of before) if (!this.#isAll && !this.#sampled.has(id)) this.#batches.write(id)
    for (const id of [...sampled, ...shown]) this.#outlives(id)
    this.#run()
    return this.sampling()
  }

  configure(rate: KernelRate, isAll: boolean): KernelSampling {
    this.#rate = rate
    this.#isAll = isAll
    this.#run()
    this.#tell(true)
    return this.sampling()
  }

  sampling(): KernelSampling {
    const missing = whatIsMissing()
    return {
      rate: this.#rate,
      isAll: this.#isAll,
      sockets: this.#asked,
      ...this.#sampler.cost,
      ...(missing !== undefined && { missing }),
    }
  }

  /** A socket is another one than before: if it has ended, the kernel may still have it. */
  changed({ id }: Summarised): void {
    if (this.#isAll || this.#shown.has(id) || this.#sampled.has(id) || isUdpId(id) || isBenchSocketId(id))
      this.#outlives(id)
  }

  forgotten(id: SocketId): void {
    this.#batches.write(id)
    this.#latest.delete(id)
    this.#before.delete(id)
    this.#first.delete(id)
    this.#ends.delete(id)
  }

  async latest(id: SocketId): Promise<Reply<KernelLatest>> {
    const { capture } = this.#options
    const blocks = capture.sampleBlocks(id)
    let firstNanos = this.#first.get(id) ?? null
    let sample = this.#latest.get(id) ?? null
    let before = this.#before.get(id)
    if (blocks > 0) {
      const head = await capture.readSamples(id, 0, 1)
      if (!head.ok) return head
      firstNanos = head.value[0]?.atNanos[0] ?? firstNanos
      if (sample === null) {
        const from = Math.max(0, blocks - MAX_SAMPLE_BLOCKS_A_READ)
        const tail = await capture.readSamples(id, from, blocks)
        if (!tail.ok) return tail
        const samples = tail.value.flatMap(unpackSamples)
        sample = samples.at(-1) ?? null
        before = samples.findLast(({ of }) => of !== 'afterlife')
      }
    }
    return { ok: true, value: toldOf(id, firstNanos, sample, before) }
  }

  series(query: SeriesQuery): Promise<Reply<KernelSeries>> {
    return this.#series.read(query)
  }

  cancelSeries(asker: string): void {
    this.#series.cancel(asker)
  }

  /** What has been sampled is in the recording, for whoever saves it. */
  write(): void {
    this.#batches.writeAll()
  }

  close(): void {
    this.#sampler.run(0)
    this.#afterlives.close()
    if (this.#dropsTimer !== null) clearInterval(this.#dropsTimer)
    this.#dropsTimer = null
    this.#batches.writeAll()
  }

  #wanted(): readonly SocketId[] {
    const ids = this.#isAll ? this.#options.engine.live() : [...this.#sampled]
    this.#asked = this.#isAll ? ids.length : 0
    return ids
  }

  #run(): void {
    const isWanted = this.#isAll || this.#sampled.size > 0
    this.#sampler.run(isWanted && whatIsMissing() === undefined ? this.#rate : 0)
    if (!isWanted || this.#rate === 0) {
      this.#asked = 0
      this.#batches.writeAll()
    }
    const hasUdp = [...this.#shown].some(isUdpId)
    if (hasUdp) {
      this.#dropsTimer ??= setInterval(() => {
        for (const id of this.#shown) if (isUdpId(id)) this.#options.engine.countDrops(id)
      }, DROPS_MS).unref()
    } else if (this.#dropsTimer !== null) {
      clearInterval(this.#dropsTimer)
      this.#dropsTimer = null
    }
  }

  #outlives(id: SocketId): void {
    const summary = this.#options.engine.summary(id)
    if (summary?.kind === 'connection') {
      if (summary.state.phase === 'closed') this.#afterlives.watch(id, summary.state)
    } else if (summary?.kind === 'benchSocket') {
      this.#benchSocket(id, summary.state)
    } else if (summary?.kind === 'udp' && summary.state.phase === 'closed') {
      this.#lastDrops(id, summary.dropped)
    }
  }

  /** Once it is closed its state does not tell its addresses any more. */
  #benchSocket(id: SocketId, state: BenchSocketState): void {
    if ('remote' in state) this.#ends.set(id, state)
    const ends = this.#ends.get(id)
    if (state.phase !== 'closed' || ends === undefined) return
    this.#ends.delete(id)
    if (state.handedTo === undefined) this.#afterlives.watch(id, ends)
  }

  /** The last word on a datagram socket, which was asked as it closed. */
  #lastDrops(id: SocketId, drops: number | null): void {
    const latest = this.#latest.get(id)
    if (drops === null || drops === (latest?.values.drops ?? 0)) return
    this.#take(id, {
      atNanos: this.#options.recording.clock.nanos(),
      of: 'udp',
      values: { ...latest?.values, drops },
    })
    this.#batches.write(id)
  }

  #take(id: SocketId, sample: KernelSample): void {
    if (!this.#isAll) this.#asked = this.#sampled.size
    if (!this.#first.has(id)) this.#first.set(id, sample.atNanos)
    const last = this.#latest.get(id)
    if (sample.of === 'afterlife' && last !== undefined && last.of !== 'afterlife') this.#before.set(id, last)
    this.#latest.set(id, sample)
    this.#batches.add(id, sample)
    // Nothing comes after it.
    if (sample.of === 'afterlife' && sample.values.state === TCP_CLOSE) this.#batches.write(id)
    if (this.#sampled.has(id) || this.#shown.has(id)) {
      this.#options.onSampled(toldOf(id, this.#first.get(id) ?? null, sample, this.#before.get(id)))
    }
  }

  #rounded(): void {
    this.#batches.writeOlder(this.#options.recording.clock.nanos())
    this.#tell(false)
  }

  #tell(isDue: boolean): void {
    const now = performance.now()
    if (!isDue && now - this.#toldAtMs < TELL_MS) return
    this.#toldAtMs = now
    this.#options.onSampling(this.sampling())
  }
}

function toldOf(
  id: SocketId,
  firstNanos: number | null,
  sample: KernelSample | null,
  before: KernelSample | undefined,
): KernelLatest {
  const isOver = sample?.of === 'afterlife' && before !== undefined
  return { id, firstNanos, sample, ...(isOver && { before }) }
}
