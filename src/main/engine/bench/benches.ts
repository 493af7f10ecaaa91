import {
  type BenchAct,
  type BenchLog,
  type BenchSocketSummary,
  type BenchSummary,
} from '../../../shared/model/bench'
import { fault, FaultError, type Reply } from '../../../shared/model/fault'
import {
  type BenchId,
  type BenchSocketId,
  type ConnectionId,
  type ListenerId,
  type SocketId,
  type UdpId,
} from '../../../shared/model/ids'
import { type ConnectionSummary, type ListenerSummary, type UdpSummary } from '../../../shared/model/summary'
import { attempt, attemptLater } from '../fault'
import { unfit } from '../finder'
import { type Hub } from '../hub'
import { calls } from '../posix/calls'
import { type BenchApi } from './api'
import { Bench } from './bench'
import { BenchSocket } from './benchSocket'
import { Callers } from './callers'
import { handOver, takeBack } from './handOver'

function unknown(id: SocketId): FaultError {
  return new FaultError(fault('SB_UNKNOWN', `There is no socket ${id}.`))
}

/** The syscall benches of a session. */
export class Benches implements BenchApi {
  readonly #hub: Hub
  readonly #callers: Callers

  /** @param caller the built thread (out/main/caller.js) that makes their calls; without it there are no benches */
  constructor(hub: Hub, caller: string | undefined) {
    this.#hub = hub
    this.#callers = new Callers(caller)
  }

  open(): Reply<BenchSummary> {
    return attempt(() => {
      const missing = this.#callers.missing()
      const posix = calls()
      if (missing !== null || posix === null) throw missing ?? new Error('no library')
      const bench = new Bench(this.#hub, posix, this.#callers)
      this.#hub.add(bench)
      return bench.summary()
    })
  }

  /** Begins a call. How it goes on is in the log. */
  call(id: BenchId, act: BenchAct): Reply<{ readonly number: number }> {
    return attempt(() => ({ number: this.#bench(id).call(act) }))
  }

  /** Its system call returns EINTR. */
  cancel(id: BenchId, number: number): Reply<null> {
    return attempt(() => {
      this.#bench(id).cancel(number)
      return null
    })
  }

  log(id: BenchId, from: number): Reply<BenchLog> {
    return attempt(() => this.#bench(id).log(from))
  }

  /** Asks the kernel anew how the sockets of a bench stand. */
  look(id: BenchId): Reply<null> {
    return attempt(() => {
      this.#bench(id).look()
      return null
    })
  }

  async close(id: BenchId): Promise<Reply<BenchSummary>> {
    const found = attempt(() => this.#bench(id))
    if (!found.ok) return found
    await found.value.close()
    return { ok: true, value: found.value.summary() }
  }

  async handOver(id: BenchSocketId): Promise<Reply<ConnectionSummary | ListenerSummary | UdpSummary>> {
    return attemptLater(async () => {
      const socket = this.#hub.find(id)
      if (!(socket instanceof BenchSocket)) throw unknown(id)
      return (await handOver(this.#hub, socket)).summary() as ConnectionSummary | ListenerSummary | UdpSummary
    })
  }

  async takeBack(id: ConnectionId | ListenerId | UdpId, bench: BenchId): Promise<Reply<BenchSocketSummary>> {
    return attemptLater(async () => {
      const socket = this.#hub.find(id)
      const posix = calls()
      if (socket === undefined || posix === null) throw unknown(id)
      return (await takeBack(posix, socket, this.#bench(bench))).summary()
    })
  }

  has(id: BenchId): boolean {
    return this.#hub.find(id) instanceof Bench
  }

  /** Drops a closed bench with its sockets, or one closed socket, from the list. */
  forget(id: BenchId | BenchSocketId): Reply<null> {
    return attempt(() => {
      const found = this.#hub.find(id)
      if (!(found instanceof Bench) && !(found instanceof BenchSocket)) {
        throw unknown(id)
      }
      if (!found.isOver) unfit(id, 'is still open.', 'Close it first.')
      if (found instanceof Bench) for (const socket of found.sockets) this.#hub.forget(socket)
      this.#hub.forget(found)
      return null
    })
  }

  /** Cancels what blocks, closes every descriptor, ends the threads. */
  async dispose(): Promise<void> {
    const benches = [...this.#hub.all()].filter((each) => each instanceof Bench)
    await Promise.all(benches.map((bench) => bench.close()))
    await this.#callers.close()
  }

  #bench(id: BenchId): Bench {
    const found = this.#hub.find(id)
    if (found instanceof Bench) return found
    throw new FaultError(fault('SB_UNKNOWN', `There is no syscall bench ${id}.`))
  }
}
