import {
  type BenchId,
  type BenchSocketId,
  type ConnectionId,
  type ListenerId,
  type RawId,
  type SocketId,
  type UdpId,
  type UnixgramId,
} from '../../shared/model/ids'
import { type Counters } from '../../shared/model/summary'
import { type KernelSocket } from './kernel/readSocket'
import { type Watcher } from './posix/watcher'
import { ReadMemory } from './stream/readMemory'
import { Staging } from './stream/staging'
import { type Recorder } from './recorder'
import { type EngineEvent, type Summarised } from './types'

/** What every kind of socket can be asked. */
export interface Owned extends Summarised {
  readonly isOver: boolean
  /** Set while the counters have moved since somebody took them. */
  hasMoved: boolean
  counters(): Counters
  /** To ask the kernel about; null before it is there and after it is gone. */
  kernelSocket(): KernelSocket | null
  /** Told once per turn of the loop in which something changed, before the summary is made. */
  beforeSummary?(): void
}

type Letter = 'L' | 'C' | 'U' | 'D' | 'R' | 'B' | 'S'

/** Ended connections that callers left behind are kept up to this number; the record keeps them all. */
const MOST_ENDED = 10_000

/**
 * What the sockets of one engine share: the recorder, memory to read and write through, ids, and the way to tell of
 * changes. Changes are gathered and told once per turn of the loop, so that a thousand callers cost a thousand notices
 * and not three thousand.
 */
export class Hub {
  readonly recorder: Recorder
  readonly readMemory: ReadMemory
  readonly staging = new Staging()
  readonly lingerMs: number
  /** Sockets that may be open at once. */
  readonly socketLimit: number
  /** False: read with 'data' events, as where Node lacks what `internals.ts` needs. */
  readonly isDirect: boolean
  readonly watcher: Watcher
  openSockets = 0
  /** Set as the engine ends: what was about to open then closes again. */
  isEnding = false

  readonly #listeners = new Set<(event: EngineEvent) => void>()
  readonly #changed = new Set<Owned>()
  readonly #sockets = new Map<SocketId, Owned>()
  readonly #ended: SocketId[] = []
  #moved: Owned[] = []
  #isTelling = false
  /** The number last given, by the id's letter. */
  readonly #last: Record<Letter, number> = { L: 0, C: 0, U: 0, D: 0, R: 0, B: 0, S: 0 }

  constructor(
    recorder: Recorder,
    options: { lingerMs: number; socketLimit: number; isDirect: boolean; watcher: Watcher },
  ) {
    this.recorder = recorder
    this.readMemory = new ReadMemory(recorder)
    this.lingerMs = options.lingerMs
    this.socketLimit = options.socketLimit
    this.isDirect = options.isDirect
    this.watcher = options.watcher
  }

  nextListenerId(): ListenerId {
    return `L${++this.#last.L}`
  }
  nextConnectionId(): ConnectionId {
    return `C${++this.#last.C}`
  }
  nextUdpId(): UdpId {
    return `U${++this.#last.U}`
  }
  nextUnixgramId(): UnixgramId {
    return `D${++this.#last.D}`
  }
  nextRawId(): RawId {
    return `R${++this.#last.R}`
  }
  nextBenchId(): BenchId {
    return `B${++this.#last.B}`
  }
  nextBenchSocketId(): BenchSocketId {
    return `S${++this.#last.S}`
  }

  /** Gives a socket from elsewhere an id of this session: its own, if it is beyond all that were used, or the next one. */
  adopt(id: SocketId): SocketId {
    const letter = id.charAt(0) as Letter
    this.#last[letter] = Math.max(this.#last[letter] + 1, Number(id.slice(1)))
    return `${letter}${this.#last[letter]}`
  }

  add(socket: Owned): void {
    this.#sockets.set(socket.id, socket)
    this.changed(socket)
  }

  find(id: SocketId): Owned | undefined {
    return this.#sockets.get(id)
  }

  all(): IterableIterator<Owned> {
    return this.#sockets.values()
  }

  forget(socket: Owned): void {
    this.#changed.delete(socket)
    if (this.#sockets.delete(socket.id)) this.#emit({ type: 'forgotten', id: socket.id })
  }

  /** An accepted connection has ended. The oldest of very many such are forgotten. */
  ended(id: SocketId): void {
    this.#ended.push(id)
    if (this.#ended.length <= MOST_ENDED + 1_000) return
    for (const old of this.#ended.splice(0, 1_000)) {
      const socket = this.#sockets.get(old)
      if (socket !== undefined) this.forget(socket)
    }
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The socket's summary is another one now. */
  changed(socket: Owned): void {
    this.counted(socket) // events are rows too
    this.#changed.add(socket)
    if (this.#isTelling) return
    this.#isTelling = true
    setImmediate(() => this.tell())
  }

  /** The socket's counters are others now. */
  counted(socket: Owned): void {
    if (socket.hasMoved) return
    socket.hasMoved = true
    this.#moved.push(socket)
  }

  /** Tells of what has changed, now. */
  tell(): void {
    this.#isTelling = false
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const socket of changed) {
      socket.beforeSummary?.()
      if (this.#listeners.size > 0 && this.#sockets.has(socket.id)) this.#emit({ type: 'changed', socket })
    }
  }

  takeMovedCounters(each: (id: SocketId, counters: Counters) => void, most: number): void {
    const moved = this.#moved.splice(0, most)
    for (const socket of moved) {
      socket.hasMoved = false
      each(socket.id, socket.counters())
    }
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
