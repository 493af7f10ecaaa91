import { fault, FaultError, type Fault } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { drop } from '../../shared/model/must'
import { type ConnectionVerdict, type PlayedSide } from '../../shared/model/replay'
import { type ConnectionState, type UdpState } from '../../shared/model/state'
import { type Reaction } from '../engine/types'
import { type Alarm, type Sleeper } from './alarm'
import { type StreamComparison } from './comparison'
import { type Durations } from './durations'
import { type Exchanges } from './exchanges'
import { type Line } from './lines'
import { type RecordedStream } from './pieces'
import { type Rewriter } from './rewriter'
import { otherSide, streamOf, type Conversation, type RecordedEnd } from './plan'
import { type Step, type StepReader } from './steps'
import { verdictOn } from './verdict'

/** Past this much waiting in the connection nothing more is handed over: the peer is slower than we. */
const MAX_QUEUED_BYTES = 256 * 1024
/** After so long without a pause others get their turn. */
const TURN_NANOS = 4_000_000
/** A peer whose answer differs already is not waited for any longer than this. */
const DIFFERENT_PATIENCE_MS = 250

/** What a party needs of the player that directs it. */
export interface Director {
  readonly waitsForPeer: boolean
  /** How much longer than recorded a silent peer is waited for. */
  readonly patienceMs: number
  readonly alarm: Alarm
  readonly lateness: Durations
  readonly exchanges: Exchanges
  /** On a clock that stands still while paused. */
  nowNanos(): number
  /** When something recorded at that time is due; null: at once. */
  dueAt(atNanos: number): number | null
  /** False while the replay is paused: the party is woken when it may go on. */
  mayAct(party: Party): boolean
  /** False while others are not open yet that were open when it ended: the party is woken when they are. */
  mayEnd(party: Party, atNanos: number): boolean
  /** It has a socket now. */
  took(party: Party, id: SocketId): void
  opened(party: Party): void
  /** Null while the recording has room, else resolves when it has. */
  whenRoom(): Promise<void> | null
  state(id: SocketId): ConnectionState | UdpState | null
  comparisonOf(party: Party, id: SocketId): StreamComparison
  /** What was recorded of what the party hears, and what it heard on a socket now. */
  heardBy(party: Party, id: SocketId): { readonly expected: RecordedStream; readonly actual: RecordedStream }
  /** Null where all is sent as it was recorded. */
  rewriterOf(id: SocketId): Rewriter | null
  over(party: Party): void
}

/** One side of one recorded connection, played on a socket. */
export class Party implements Sleeper, Reaction {
  readonly conversation: Conversation
  readonly side: PlayedSide
  /** The record that is played. */
  readonly end: RecordedEnd
  readonly #steps: StepReader
  readonly #director: Director
  #line: Line | null = null
  #phase: 'idle' | 'opening' | 'open' | 'over' = 'idle'
  #comparison: StreamComparison | null = null
  #rewriter: Rewriter | null = null
  #isLooking = false
  /** Times of a served connection count from its caller's arrival, those of a dialled one from its opening where that is late. */
  #shiftNanos = 0
  #receivedBytes = 0
  /** So much had come when it was last compared because the peer was silent. */
  #passedOverBytes = 0
  #receivedDatagrams = 0
  #sentBytes = 0
  #hasPeerFinished = false
  #isLoading = false
  #isPumping = false
  #isClogged = false
  /** The peer is waited for: for so many of its bytes, or for its end. */
  #isWaiting = false
  #allowedMs = 0
  #idleMs = 0
  /** The peer does not send what was recorded, and will not: what waits for it goes on. */
  #isPeerGivenUp = false
  #hasMoved = false
  #lastActAtNanos: number
  #lastSentAtNanos = 0
  /** When, if it was, it was let go on after something else had held it back. */
  #freeSinceNanos = 0
  #answer: { readonly offset: number; readonly delayNanos: number } | null = null
  #hasPlayedAll = false
  #endedBy: ConnectionState | UdpState | null = null
  #note: string | null = null
  #isCut = false

  constructor(
    conversation: Conversation,
    side: PlayedSide,
    end: RecordedEnd,
    steps: StepReader,
    by: Director,
  ) {
    this.conversation = conversation
    this.side = side
    this.end = end
    this.#steps = steps
    this.#director = by
    this.#lastActAtNanos = end.beganAtNanos
  }

  get toSendBytes(): number {
    return this.end.bytes[streamOf(this.end, this.side)]
  }
  get expectedBytes(): number {
    return this.end.bytes[streamOf(this.end, otherSide(this.side))]
  }
  get sentBytes(): number {
    return this.#sentBytes
  }
  get receivedBytes(): number {
    return this.#receivedBytes
  }
  get isIdle(): boolean {
    return this.#phase === 'idle'
  }
  get isOver(): boolean {
    return this.#phase === 'over'
  }
  get isDifferent(): boolean {
    return this.#comparison !== null && this.#comparison.difference !== null
  }
  /** When the next step was recorded; Infinity where nothing can be done just now. */
  get nextAtNanos(): number {
    const step = this.#phase === 'open' ? this.#steps.peek() : undefined
    return step === undefined || !this.#isDue(step) ? Infinity : step.atNanos
  }

  /** The socket is about to open. */
  opening(line: Line): void {
    this.#phase = 'opening'
    this.#line = line
    this.#director.took(this, line.id)
    this.#wait(0)
    // What comes first is at hand when it has opened.
    this.#load()
  }

  /** The socket is open. @param shiftNanos added to all times */
  opened(line: Line, shiftNanos: number): void {
    if (this.#phase === 'over') return
    this.#phase = 'open'
    if (this.#line === null) this.#director.took(this, line.id)
    this.#line = line
    this.#shiftNanos = shiftNanos
    this.#isWaiting = false
    this.#director.opened(this)
    this.#comparison = this.#director.comparisonOf(this, line.id)
    this.#rewriter = this.#director.rewriterOf(line.id)
    this.#rewriter?.heard(this.#receivedBytes)
    if (this.end.failure !== null) {
      this.#note = 'It opened, where the recorded dial came to nothing.'
      line.close()
      return
    }
    this.#pump()
  }

  /** It came to no socket at all. */
  failed(of: Fault): void {
    this.#endedBy = { phase: 'failed', fault: of, attempts: [] }
    this.#end()
  }

  /** The user stops the replay. */
  stop(): void {
    if (this.#phase === 'over') return
    this.#isCut = true
    this.#note ??= 'Stopped.'
    this.#hangUp('reset')
  }

  /** The recording cannot be read, or something else of ours has failed. */
  broke(of: Fault): void {
    if (this.#phase === 'over') return
    this.#isCut = true
    this.#note = of.summary
    this.#hangUp('reset')
  }

  received(bytes: Uint8Array): void {
    if (this.conversation.kind === 'udp') this.#receivedDatagrams++
    this.caughtUp(bytes.length)
  }

  /** So many bytes more have come. */
  caughtUp(lengthBytes: number): void {
    this.#receivedBytes += lengthBytes
    this.#rewriter?.heard(this.#receivedBytes)
    this.#hasMoved = true
    const answer = this.#answer
    if (answer !== null && this.#comparableBytes > answer.offset) {
      this.#answer = null
      const now = this.#director.nowNanos()
      this.#director.exchanges.add(this.#lastSentAtNanos, answer.delayNanos, now - this.#lastSentAtNanos)
    }
    if (this.#isWaiting) this.#heard()
  }

  peerFinished(): void {
    this.#hasPeerFinished = true
    this.#hasMoved = true
    if (this.#isWaiting) this.#heard()
  }

  drained(): void {
    if (!this.#isClogged) return
    this.#isClogged = false
    this.#freed()
  }

  ended(): void {
    if (this.#line !== null) this.#endedBy = this.#director.state(this.#line.id)
    this.#end()
  }

  wake(): void {
    this.#pump()
  }

  /** The pause is over, or this party alone may act. */
  freed(): void {
    this.#freed()
  }

  /** Called now and then. @param ms since the last time */
  ticked(ms: number): void {
    if (this.#phase === 'over' || this.#phase === 'idle') return
    if (this.#hasMoved || !(this.#isWaiting || this.#isClogged)) {
      this.#hasMoved = false
      this.#idleMs = 0
      return
    }
    this.#idleMs += ms
    this.#passOver()
    const isKnown = this.isDifferent && this.#phase === 'open' && !this.#isClogged
    if (this.#idleMs < (isKnown ? DIFFERENT_PATIENCE_MS : this.#allowedMs)) return
    this.#idleMs = 0
    if (isKnown && !this.#hasPlayedAll) {
      this.#isPeerGivenUp = true
      this.#freed()
      return
    }
    const forWhat = this.#isClogged ? 'took nothing' : 'sent nothing'
    this.#note ??=
      this.#phase === 'opening'
        ? `No connection within ${(this.#allowedMs / 1000).toFixed(1)} s.`
        : `The peer ${forWhat} for ${(this.#allowedMs / 1000).toFixed(1)} s.`
    this.#hangUp(this.#hasPlayedAll ? 'close' : 'reset')
  }

  /** Compares what is there by now. */
  async compare(): Promise<void> {
    const comparison = this.#comparison
    if (comparison === null) return
    // What may be of another length is known to be at its end only when all is.
    const isAll =
      this.#phase === 'over' || (!comparison.hasExpressions && this.#comparableBytes >= this.expectedBytes)
    await comparison.advance(this.#receivedBytes, isAll)
  }

  /** What has come, counted as in the record: without what masks have let be longer or shorter. */
  get #comparableBytes(): number {
    return this.#receivedBytes - (this.#comparison?.shift ?? 0)
  }

  /** Where the peer is silent, what came is all there is for now: a shorter match is no reason to wait for more. */
  #passOver(): void {
    const comparison = this.#comparison
    if (comparison?.hasExpressions !== true || this.#phase !== 'open' || !this.#isWaiting) return
    if (this.#idleMs < DIFFERENT_PATIENCE_MS || this.#passedOverBytes === this.#receivedBytes) return
    this.#passedOverBytes = this.#receivedBytes
    drop(
      comparison.advance(this.#receivedBytes, 'forNow').then(
        () => {
          if (this.#isWaiting) this.#heard()
        },
        // What cannot be read is told by the verdict.
        () => undefined,
      ),
    )
  }

  /** Once it is over. Never rejects. */
  async verdict(): Promise<ConnectionVerdict> {
    return verdictOn({
      conversation: this.conversation,
      side: this.side,
      end: this.end,
      socket: this.#line?.id ?? null,
      sentBytes: this.#sentBytes,
      toSendBytes: this.toSendBytes,
      receivedBytes: this.#receivedBytes,
      expectedBytes: this.expectedBytes,
      comparison: this.#comparison,
      compare: () => this.compare(),
      expectedEnding: () => this.#steps.ending(),
      endedBy: this.#endedBy,
      hasPeerFinished: this.#hasPeerFinished,
      isPeerGivenUp: this.#isPeerGivenUp,
      isCut: this.#isCut,
      note: this.#note,
      heard: this.#line === null ? null : this.#director.heardBy(this, this.#line.id),
    })
  }

  #isDue(step: Step): boolean {
    if (!this.#director.waitsForPeer || this.#isPeerGivenUp || step.kind === 'answer') return true
    return (
      step.neededBytes <= this.#comparableBytes &&
      step.neededDatagrams <= this.#receivedDatagrams &&
      (!step.isAfterFin || this.#hasPeerFinished)
    )
  }

  /** Plays as far as it can be played now. */
  #pump(): void {
    if (this.#isPumping || this.#phase !== 'open' || this.#isClogged || this.#hasPlayedAll) return
    this.#isPumping = true
    const turnEnds = this.#director.nowNanos() + TURN_NANOS
    for (;;) {
      const step = this.#steps.peek()
      if (step === undefined) {
        if (this.#steps.isOver) this.#playedAll()
        else this.#load()
        break
      }
      if (!this.#mayTake(step)) break
      this.#steps.shift()
      this.#take(step)
      if (this.#isClogged || this.#phase !== 'open') break
      if (this.#director.nowNanos() > turnEnds) {
        setImmediate(() => this.#pump())
        break
      }
    }
    this.#isPumping = false
  }

  #mayTake(step: Step): boolean {
    if (step.kind === 'answer') return true
    if (!this.#isDue(step)) {
      this.#wait(step.atNanos - this.#lastActAtNanos)
      return false
    }
    this.#isWaiting = false
    if (step.kind === 'send' && !this.#hasLooked()) return false
    if (step.kind !== 'send' && !this.#director.mayEnd(this, step.atNanos)) return false
    if (!this.#director.mayAct(this)) return false
    const due = this.#dueAt(step)
    if (due !== null && due > this.#director.nowNanos()) {
      this.#director.alarm.set(due, this)
      return false
    }
    return true
  }

  /** What the peer has sent was looked through for what goes into this send; else that is done first. */
  #hasLooked(): boolean {
    const rewriter = this.#rewriter
    if (rewriter?.isReady !== false) return true
    if (this.#isLooking) return false
    this.#isLooking = true
    const done = (act: () => void) => (): void => {
      this.#isLooking = false
      act()
    }
    drop(
      rewriter.look().then(
        done(() => this.#freed()),
        (error: unknown) => done(() => this.broke(unreadable(error)))(),
      ),
    )
    return false
  }

  #dueAt(step: Step): number | null {
    const due = this.#director.dueAt(step.atNanos)
    return due === null ? null : due + this.#shiftNanos
  }

  #take(step: Step): void {
    const line = this.#line as Line
    switch (step.kind) {
      case 'answer':
        // One that has come already was none.
        this.#answer = this.#comparableBytes > step.offset ? null : step
        return
      case 'send':
        this.#send(line, step)
        break
      case 'finish':
        line.finish()
        break
      case 'reset':
        line.reset(this.#director.waitsForPeer)
        break
      case 'close':
        line.close()
        break
    }
    this.#lastActAtNanos = step.atNanos
  }

  #send(line: Line, step: Step & { kind: 'send' }): void {
    const now = this.#director.nowNanos()
    const due = this.#dueAt(step)
    if (due !== null && this.#freeSinceNanos <= due) this.#director.lateness.add(now - due)
    this.#lastSentAtNanos = now
    const queued = line.send(this.#rewriter?.apply(step.bytes) ?? step.bytes)
    if (typeof queued !== 'number') {
      // It has ended, or is about to: what could not be sent is told by the counts.
      this.#note ??= queued.summary
      return
    }
    this.#sentBytes += step.bytes.length
    this.#hasMoved = true
    if (queued > MAX_QUEUED_BYTES) {
      this.#isClogged = true
      this.#allowedMs = this.#director.patienceMs
    }
    const room = this.#director.whenRoom()
    if (room === null) return
    this.#isClogged = true
    drop(room.then(() => this.drained()))
  }

  /** Something that had held it back is gone. */
  #freed(): void {
    this.#freeSinceNanos = this.#director.nowNanos()
    this.#pump()
  }

  #heard(): void {
    const step = this.#steps.peek()
    if (step !== undefined && !this.#hasPlayedAll && this.#isDue(step)) this.#freed()
    else if (this.#hasPlayedAll) this.#lookForEnd()
  }

  #wait(recordedNanos: number): void {
    this.#isWaiting = true
    this.#idleMs = 0
    this.#allowedMs = this.#director.patienceMs + Math.max(0, recordedNanos) / 1e6
  }

  #load(): void {
    if (this.#isLoading) return
    this.#isLoading = true
    drop(
      this.#steps.load().then(
        () => {
          this.#isLoading = false
          this.#pump()
        },
        (error: unknown) => {
          this.#isLoading = false
          this.broke(unreadable(error))
        },
      ),
    )
  }

  #playedAll(): void {
    this.#hasPlayedAll = true
    this.#wait(this.end.endedAtNanos - this.#lastActAtNanos)
    this.#lookForEnd()
  }

  /** Datagrams have no end: it is over when all has come. */
  #lookForEnd(): void {
    if (this.conversation.kind === 'udp' && this.#receivedBytes >= this.expectedBytes) this.#line?.close()
  }

  #hangUp(how: 'close' | 'reset'): void {
    if (this.#phase === 'idle') {
      this.#end()
      return
    }
    this.#isWaiting = false
    this.#isPeerGivenUp = true
    this.#hasPlayedAll = true
    if (how === 'reset') this.#line?.reset(false)
    else this.#line?.close()
  }

  #end(): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#isWaiting = false
    this.#director.over(this)
  }
}

function unreadable(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault
  const why = error instanceof Error ? error.message : String(error)
  return fault('SB_CAPTURE', `The recording cannot be read: ${why}`)
}
