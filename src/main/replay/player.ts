import { formatEndpoint } from '../../shared/model/endpoint'
import { fault, FaultError, type Fault, type Reply } from '../../shared/model/fault'
import { isListenerId, isOfBench, type SocketId } from '../../shared/model/ids'
import { drop } from '../../shared/model/must'
import {
  type ConnectionVerdict,
  type PlayedSide,
  type ReplayReport,
  type ReplayStatus,
} from '../../shared/model/replay'
import { type ConnectionState, type UdpState } from '../../shared/model/state'
import { type Capture } from '../capture/types'
import { type Engine } from '../engine/types'
import { whenRoom } from '../engine/whenRoom'
import { Alarm } from './alarm'
import { Calling } from './calling'
import { chooseFrom, type ReplayOptions } from './choosing'
import { StreamComparison } from './comparison'
import { Durations } from './durations'
import { Exchanges } from './exchanges'
import { Facing } from './facing'
import { Masks } from './masks'
import { Overlap } from './overlap'
import { Party, type Director } from './party'
import { type RecordedStream } from './pieces'
import { endFor, otherDirection, streamOf, type Plan } from './plan'
import { RecordedBytes } from './recordedBytes'
import { Serving, ServingDatagrams } from './serving'
import { Rewriter, Rewriting } from './rewriter'
import { type Stage } from './stage'
import { StepReader } from './steps'

/** Payload that is read ahead, of all connections together; and of one. */
const BUDGET_BYTES = 16 * 1024 * 1024
const MAX_BUDGET_BYTES = 4 * 1024 * 1024
const MIN_BUDGET_BYTES = 16 * 1024
/** Patience, comparisons and progress are looked after so often. */
const TICK_MS = 50
const COMPARISONS_AT_ONCE = 8
const DEFAULT_PATIENCE_MS = 5000

export interface PlayerParts {
  readonly engine: Engine
  /** Into which the engine records. */
  readonly recording: Capture
  readonly plan: Plan
  readonly options: ReplayOptions
  /** Called some times a second while it goes on. */
  readonly onProgress?: (() => void) | undefined
}

/** Plays recorded connections on real sockets, and compares what comes with what was recorded. */
export class Player implements Director {
  readonly waitsForPeer: boolean
  readonly patienceMs: number
  readonly lateness = new Durations()
  readonly exchanges = new Exchanges()
  readonly alarm = new Alarm(() => this.nowNanos())
  readonly #parts: PlayerParts
  readonly #bytes = new RecordedBytes()
  readonly #warnings: string[] = []
  readonly #masks: Masks
  readonly #rewriting: Rewriting | null
  #parties: readonly Party[] = []
  #overlap = new Overlap<Party>([])
  /** They wait for others to open before they end; and when they ended in the record. */
  readonly #held = new Map<Party, number>()
  #stage: Stage | null = null
  #overCount = 0
  #isStopped = false
  #beganMs: number | null = null
  #pausedSinceMs: number | null = null
  #pausedMs = 0
  /** Who may act once while all others are paused. */
  #granted: Party | null = null
  /** When the next connection begins, as the alarm knows it. */
  #nextBeginNanos: number | null = null
  #isComparing = false
  #finish: () => void = () => undefined
  #room: Promise<void> | null = null

  constructor(parts: PlayerParts) {
    this.#parts = parts
    this.waitsForPeer = parts.options.wait === 'peer'
    this.patienceMs = parts.options.patienceMs ?? DEFAULT_PATIENCE_MS
    const warn = (text: string): void => {
      if (!this.#warnings.includes(text)) this.#warnings.push(text)
    }
    this.#masks = new Masks(parts.options.masks ?? [], warn)
    const { rules } = parts.options
    this.#rewriting = rules === undefined || rules.sets.length === 0 ? null : new Rewriting(rules, warn)
  }

  /** Opens what has to be there first: a server's listener. The fault tells why it cannot be played. */
  async open(): Promise<Reply<null>> {
    try {
      this.#parties = this.#choose()
      this.#overlap = new Overlap(this.#parties.filter(({ side }) => side === 'client'))
      this.#stage = this.#makeStage()
      this.#beganMs = performance.now()
      await this.#stage.open()
      return { ok: true, value: null }
    } catch (error) {
      await this.#close()
      if (error instanceof FaultError) return { ok: false, fault: error.fault }
      throw error
    }
  }

  /** Plays all, once it is open. */
  async play(): Promise<ReplayReport> {
    const done = new Promise<void>((resolve) => (this.#finish = resolve))
    const ticker = setInterval(() => this.#tick(), TICK_MS)
    // Those who call a server may have come before.
    if (this.#parts.options.role !== 'server') this.#beganMs = performance.now()
    this.#begin()
    this.#lookForEnd()
    await done
    const durationNanos = this.nowNanos()
    clearInterval(ticker)
    this.alarm.clear()
    const verdicts: ConnectionVerdict[] = []
    for (const party of this.#parties) verdicts.push(await party.verdict())
    await this.#close()
    return this.#report(verdicts, durationNanos)
  }

  pause(): void {
    if (this.#pausedSinceMs !== null) return
    this.#pausedSinceMs = performance.now()
    this.alarm.clear()
    this.#nextBeginNanos = null
  }

  resume(): void {
    if (this.#pausedSinceMs === null) return
    this.#pausedMs += performance.now() - this.#pausedSinceMs
    this.#pausedSinceMs = null
    for (const party of this.#parties) if (!party.isIdle && !party.isOver) party.freed()
    this.#begin()
  }

  /** While paused: what comes next in the record happens. False when all wait for their peers. */
  step(): boolean {
    if (this.#pausedSinceMs === null) return false
    const caller = this.#overlap.first()
    let next: Party | null = null
    let atNanos = caller?.conversation.beganAtNanos ?? Infinity
    for (const party of this.#parties)
      if (party.nextAtNanos < atNanos) [next, atNanos] = [party, party.nextAtNanos]
    if (next !== null) {
      this.#granted = next
      next.freed()
      return true
    }
    if (caller === null) return false
    this.#call(caller)
    return true
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.alarm.clear()
    for (const party of this.#parties) party.stop()
  }

  get isPaused(): boolean {
    return this.#pausedSinceMs !== null
  }
  /** Where a server listens. */
  get listening(): string | null {
    return this.#stage?.listening ?? null
  }

  status(): Omit<ReplayStatus, 'replay' | 'phase'> {
    const parties = this.#parties
    const sum = (of: (party: Party) => number): number =>
      parties.reduce((total, party) => total + of(party), 0)
    return {
      listening: this.listening,
      connections: parties.length,
      playing: sum((party) => (party.isIdle || party.isOver ? 0 : 1)),
      over: this.#overCount,
      different: sum((party) => (party.isDifferent ? 1 : 0)),
      doneBytes: sum((party) => party.sentBytes + Math.min(party.receivedBytes, party.expectedBytes)),
      totalBytes: sum((party) => party.toSendBytes + party.expectedBytes),
      elapsedNanos: this.nowNanos(),
      lateness: this.lateness.quantiles,
    }
  }

  nowNanos(): number {
    if (this.#beganMs === null) return 0
    const now = this.#pausedSinceMs ?? performance.now()
    return Math.round((now - this.#beganMs - this.#pausedMs) * 1e6)
  }

  dueAt(atNanos: number): number | null {
    // Whoever is granted a step while paused does it at once.
    return this.#pausedSinceMs === null ? this.#playedAt(atNanos) : null
  }

  mayAct(party: Party): boolean {
    if (this.#pausedSinceMs === null) return true
    if (this.#granted !== party) return false
    this.#granted = null
    return true
  }

  whenRoom(): Promise<void> | null {
    const { recording } = this.#parts
    if (recording.hasRoom) return null
    this.#room ??= whenRoom(recording).finally(() => (this.#room = null))
    return this.#room
  }

  state(id: SocketId): ConnectionState | UdpState | null {
    const summary = this.#parts.engine.summary(id)
    return summary?.kind === 'connection' || summary?.kind === 'udp' ? summary.state : null
  }

  comparisonOf(party: Party, id: SocketId): StreamComparison {
    const { plan, recording } = this.#parts
    const stream = otherDirection(streamOf(party.end, party.side))
    return new StreamComparison(
      (from, to) => plan.reader.bytes(party.end.id, stream, from, to),
      (from, to) => recording.bytes(id, 'in', from, to),
      party.expectedBytes,
      {
        hasExpressions: this.#masks.hasExpressions,
        rangeEnd: (offset) => this.#masks.rangeEnd(party.end.id, offset),
        // Datagrams have edges, which are compared, too.
        matchEnds: (expected, actual, at) =>
          this.#masks.matchEnds(expected, actual, at, party.conversation.kind !== 'udp'),
      },
    )
  }

  heardBy(
    party: Party,
    id: SocketId,
  ): { readonly expected: RecordedStream; readonly actual: RecordedStream } {
    const { plan, recording } = this.#parts
    const direction = otherDirection(streamOf(party.end, party.side))
    return {
      expected: { reader: plan.reader, id: party.end.id, direction },
      actual: { reader: recording, id, direction: 'in' },
    }
  }

  rewriterOf(id: SocketId): Rewriter | null {
    const { recording } = this.#parts
    if (this.#rewriting === null) return null
    return new Rewriter(this.#rewriting, (from, to) => recording.bytes(id, 'in', from, to))
  }

  mayEnd(party: Party, atNanos: number): boolean {
    // Whether more clients come is theirs to say.
    if (this.#parts.options.role === 'server' || this.#overlap.mayEnd(atNanos)) return true
    this.#held.set(party, atNanos)
    return false
  }

  took({ end, side }: Party, id: SocketId): void {
    if (!isListenerId(id) && !isOfBench(id)) this.#parts.engine.plays(id, end.id, side)
  }

  opened(party: Party): void {
    this.#overlap.opened(party)
    this.#release()
  }

  over(party: Party): void {
    this.#overCount++
    this.#overlap.over(party)
    if (!this.#isStopped) {
      this.#release()
      this.#stage?.over(party)
      this.#begin()
    }
    this.#lookForEnd()
  }

  /** Those that may end now do, each in a turn of its own. */
  #release(): void {
    for (const [party, atNanos] of this.#held) {
      if (!this.#overlap.mayEnd(atNanos)) continue
      this.#held.delete(party)
      setImmediate(() => party.freed())
    }
  }

  /** When something recorded at that time is due; null: at once. */
  #playedAt(atNanos: number): number | null {
    const { options, plan } = this.#parts
    return options.speed === 'max' ? null : (atNanos - plan.beganAtNanos) / options.speed
  }

  /** One party for each side of each connection that can be played. Throws a FaultError where there is none. */
  #choose(): readonly Party[] {
    const { plan, options } = this.#parts
    const sides: readonly PlayedSide[] = options.role === 'both' ? ['client', 'server'] : [options.role]
    const { chosen, warnings } = chooseFrom(plan, options)
    this.#warnings.push(...warnings)
    if (chosen.length === 0) throw new FaultError(nothingLeft(this.#warnings))
    const count = Math.max(1, chosen.length * sides.length)
    const budgetBytes = Math.max(
      MIN_BUDGET_BYTES,
      Math.min(MAX_BUDGET_BYTES, Math.floor(BUDGET_BYTES / count)),
    )
    return chosen.flatMap((conversation) =>
      sides.map((side) => {
        const end = endFor(conversation, side)
        const steps = new StepReader({ reader: plan.reader, end, side, bytes: this.#bytes, budgetBytes })
        return new Party(conversation, side, end, steps, this)
      }),
    )
  }

  #makeStage(): Stage {
    const { engine, plan, options } = this.#parts
    const parts = {
      engine,
      reader: plan.reader,
      parties: this.#parties,
      state: (id: SocketId) => this.state(id),
      shiftOf: (party: Party) => this.nowNanos() - (this.#playedAt(party.conversation.beganAtNanos) ?? 0),
      lateOf: ({ conversation, end }: Party) =>
        Math.max(
          0,
          this.nowNanos() - (this.#playedAt(end.opening?.atNanos ?? conversation.beganAtNanos) ?? 0),
        ),
      warn: (text: string) => void this.#warnings.push(text),
    }
    if (options.role === 'both') return new Facing(parts)
    const { at } = options
    if (at === null) throw new FaultError(fault('SB_INPUT', `A ${options.role} needs an address.`))
    if (options.role === 'client') return new Calling(parts, at)
    return at.kind === 'udp' ? new ServingDatagrams(parts, at) : new Serving(parts, at)
  }

  /** Lets those call whose time has come. */
  readonly #begin = (): void => {
    if (this.#isStopped || this.#pausedSinceMs !== null) return
    for (let party = this.#overlap.first(); party !== null; party = this.#overlap.first()) {
      const due = this.#playedAt(party.conversation.beganAtNanos)
      if (due === null && !this.#overlap.mayBegin(party)) return
      if (due !== null && due > this.nowNanos()) {
        if (due !== this.#nextBeginNanos) this.alarm.set(due, { wake: this.#begin })
        this.#nextBeginNanos = due
        return
      }
      this.#call(party)
    }
  }

  #call(party: Party): void {
    this.#overlap.take(party, this.#parts.options.role === 'both' ? 2 : 1)
    this.#stage?.call(party)
  }

  #tick(): void {
    if (this.#pausedSinceMs === null) {
      for (const party of this.#parties) party.ticked(TICK_MS)
      this.#stage?.ticked(TICK_MS)
    }
    if (!this.#isComparing) {
      this.#isComparing = true
      drop(this.#compare().finally(() => (this.#isComparing = false)))
    }
    this.#parts.onProgress?.()
  }

  async #compare(): Promise<void> {
    const playing = this.#parties.filter((party) => !party.isIdle && !party.isOver)
    for (let at = 0; at < playing.length; at += COMPARISONS_AT_ONCE) {
      const some = playing.slice(at, at + COMPARISONS_AT_ONCE)
      // What cannot be read is told by the verdict.
      await Promise.allSettled(some.map((party) => party.compare()))
    }
  }

  #lookForEnd(): void {
    if (this.#overCount >= this.#parties.length) this.#finish()
  }

  async #close(): Promise<void> {
    await this.#stage?.close()
    await this.#bytes.close()
  }

  #report(verdicts: readonly ConnectionVerdict[], durationNanos: number): ReplayReport {
    const { plan, options } = this.#parts
    const count = (outcome: ConnectionVerdict['outcome']): number =>
      verdicts.filter((each) => each.outcome === outcome).length
    return {
      session: plan.reader.file,
      role: options.role,
      url: options.role === 'client' && options.at !== null ? formatEndpoint(options.at) : this.listening,
      speed: options.speed,
      wait: options.wait,
      isEqual: verdicts.every(({ outcome }) => outcome === 'equal'),
      isStopped: this.#isStopped,
      equal: count('equal'),
      different: count('different'),
      notPlayed: count('notPlayed'),
      sentBytes: verdicts.reduce((sum, each) => sum + each.sentBytes, 0),
      receivedBytes: verdicts.reduce((sum, each) => sum + each.receivedBytes, 0),
      durationNanos,
      verdicts,
      divergence: verdicts.find(({ divergence }) => divergence !== null)?.divergence ?? null,
      lateness: this.lateness.quantiles,
      recordedDelays: this.exchanges.recordedDelays,
      delays: this.exchanges.delays,
      exchanges: this.exchanges.kept,
      warnings: this.#warnings,
    }
  }
}

function nothingLeft(warnings: readonly string[]): Fault {
  return fault('SB_INPUT', `Nothing in the recording can be played like that. ${warnings.join(' ')}`.trim())
}
