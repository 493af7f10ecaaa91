import { type Endpoint, type TcpEndpoint } from '../../../shared/model/endpoint'
import { type SocketId } from '../../../shared/model/ids'
import { TCP_CLOSE, type KernelSample } from '../../../shared/model/kernel'
import { type Clock } from '../../engine/clock'
import { lookUpTcp, lookUpTcpInTable, type DiagState } from '../../engine/kernel/sockDiag'

/** Just after the end more happens than later. */
const SOON_MS = 200
const SOON_TIMES = 10
const LATER_MS = 1000
/** TIME_WAIT takes a minute; what still waits for an acknowledgement after five is not waited for. */
const LONGEST_MS = 5 * 60_000
const MOST = 1000
/** States in which a new connection between the same two addresses is: the one that ended is gone. */
const BEGUN: ReadonlySet<number> = new Set([1, 2, 3])

/** The two addresses of a connection. */
export interface Ends {
  readonly local: Endpoint
  readonly remote: Endpoint
}

interface Afterlife {
  readonly local: TcpEndpoint
  readonly remote: TcpEndpoint
  readonly beganMs: number
  times: number
  nextMs: number
}

export interface AfterlivesOptions {
  readonly clock: Clock
  readonly onSample: (id: SocketId, sample: KernelSample) => void
}

/** What becomes of TCP connections after their descriptors are gone: asked now and then, until the kernel knows them no more. */
export class Afterlives {
  readonly #options: AfterlivesOptions
  readonly #watched = new Map<SocketId, Afterlife>()
  /** Asked to the end. */
  readonly #gone = new Set<SocketId>()
  #timer: NodeJS.Timeout | null = null

  constructor(options: AfterlivesOptions) {
    this.#options = options
  }

  /** Begins to watch one that has ended, if it was a TCP connection, and is not known to be gone. */
  watch(id: SocketId, { local, remote }: Ends): void {
    if (this.#watched.has(id) || this.#gone.has(id)) return
    if (local.kind !== 'tcp' || remote.kind !== 'tcp' || local.port === 0 || remote.port === 0) return
    if (this.#watched.size >= MOST) return
    const now = performance.now()
    this.#watched.set(id, { local, remote, beganMs: now, times: 0, nextMs: now })
    this.#schedule(0)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#watched.clear()
  }

  #schedule(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      void this.#look()
    }, ms).unref()
  }

  async #look(): Promise<void> {
    const began = performance.now()
    for (const [id, each] of this.#watched) {
      if (each.nextMs > began) continue
      each.times++
      each.nextMs = began + (each.times < SOON_TIMES ? SOON_MS : LATER_MS)
      const found = lookUpTcp(each.local, each.remote) ?? (await lookUpTcpInTable(each.local, each.remote))
      if (found === null || !this.#watched.has(id)) {
        this.#watched.delete(id)
        continue
      }
      const isGone = found === 'gone' || BEGUN.has(found.state)
      this.#options.onSample(id, this.#sampleOf(isGone ? GONE : found))
      if (isGone) this.#gone.add(id)
      if (isGone || began - each.beganMs > LONGEST_MS) this.#watched.delete(id)
    }
    if (this.#watched.size === 0) return
    const next = Math.min(...[...this.#watched.values()].map(({ nextMs }) => nextMs))
    this.#schedule(Math.max(20, next - performance.now()))
  }

  #sampleOf({ state, timer, timerMs, recvQ, sendQ, retransmits }: DiagState): KernelSample {
    return {
      atNanos: this.#options.clock.nanos(),
      of: 'afterlife',
      values: { state, timer, timerMs, recvQ, sendQ, retransmits },
    }
  }
}

const GONE: DiagState = { state: TCP_CLOSE, timer: 0, timerMs: 0, recvQ: 0, sendQ: 0, retransmits: 0 }
