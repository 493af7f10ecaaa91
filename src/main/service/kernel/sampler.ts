import { type SocketId } from '../../../shared/model/ids'
import { type KernelRate, type KernelSample } from '../../../shared/model/kernel'
import { type Clock } from '../../engine/clock'
import { type Engine } from '../../engine/types'

/**
 * So long sockets are asked at a stretch, and so long they have the thread for themselves after it: however many there are and however
 * often they are to be asked, a fifth of the thread's time is the most that it takes.
 */
const SLICE_MS = 2
const REST_MS = 8
/** What it costs is told as of so long. */
const MEASURED_MS = 2000

export interface SamplerOptions {
  readonly engine: Pick<Engine, 'readKernel'>
  readonly clock: Clock
  /** Sockets to be asked in the next round. */
  readonly wanted: () => Iterable<SocketId>
  readonly onSample: (id: SocketId, sample: KernelSample) => void
  /** Told after each round. */
  readonly onRound: () => void
}

/** What it came to lately. */
export interface SamplerCost {
  readonly perSecond: number
  readonly costMicros: number
  readonly share: number
}

/** Asks the kernel about sockets, round after round, at a rate. A round that takes longer than its time delays the next one. */
export class Sampler {
  readonly #options: SamplerOptions
  #rate: KernelRate = 0
  #timer: NodeJS.Timeout | null = null
  #round: SocketId[] = []
  #at = 0
  #dueMs = 0
  #measuredFromMs = 0
  #samples = 0
  #spentMs = 0
  #cost: SamplerCost = { perSecond: 0, costMicros: 0, share: 0 }

  constructor(options: SamplerOptions) {
    this.#options = options
  }

  get cost(): SamplerCost {
    return this.#cost
  }

  /** @param rate 0 ends it */
  run(rate: KernelRate): void {
    if (rate === this.#rate) return
    const wasOff = this.#rate === 0
    this.#rate = rate
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#round = []
    this.#at = 0
    if (rate === 0) {
      this.#cost = { perSecond: 0, costMicros: 0, share: 0 }
      return
    }
    const now = performance.now()
    this.#dueMs = now
    if (wasOff) this.#measure(now)
    this.#later(0)
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => this.#step(), ms)
  }

  #step(): void {
    const began = performance.now()
    if (this.#at >= this.#round.length) {
      this.#round = [...this.#options.wanted()]
      this.#at = 0
    }
    while (this.#at < this.#round.length) {
      this.#ask(this.#round[this.#at++] as SocketId)
      if (performance.now() - began > SLICE_MS) break
    }
    const now = performance.now()
    this.#spentMs += now - began
    if (this.#at < this.#round.length) {
      this.#later(REST_MS)
      return
    }
    this.#told(now)
    const periodMs = 1000 / this.#rate
    this.#dueMs = Math.max(this.#dueMs + periodMs, now)
    this.#later(Math.max(1, this.#dueMs - now))
  }

  #ask(id: SocketId): void {
    const { engine, clock, onSample } = this.#options
    const reading = engine.readKernel(id)
    if (reading === null) return
    this.#samples++
    onSample(id, { atNanos: clock.nanos(), ...reading })
  }

  #told(now: number): void {
    const sinceMs = now - this.#measuredFromMs
    if (sinceMs >= MEASURED_MS || (this.#cost.perSecond === 0 && this.#samples > 0)) {
      this.#cost = {
        perSecond: sinceMs < 100 ? this.#samples * this.#rate : (this.#samples / sinceMs) * 1000,
        costMicros: this.#samples === 0 ? 0 : (this.#spentMs * 1000) / this.#samples,
        share: sinceMs < 100 ? 0 : this.#spentMs / sinceMs,
      }
      if (sinceMs >= MEASURED_MS) this.#measure(now)
    }
    this.#options.onRound()
  }

  #measure(now: number): void {
    this.#measuredFromMs = now
    this.#samples = 0
    this.#spentMs = 0
  }
}
