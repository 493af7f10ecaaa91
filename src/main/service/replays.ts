import { parseEndpoint, type Endpoint } from '../../shared/model/endpoint'
import { fault, type Fault, type Reply } from '../../shared/model/fault'
import { isOfBench, type SocketId } from '../../shared/model/ids'
import {
  type ReplayAsked,
  type ReplayReport,
  type ReplayStatus,
  type ToldReport,
} from '../../shared/model/replay'
import { parseReplayMask, type ReplayMask } from '../../shared/wire/replayMask'
import { parseSendRules } from '../../shared/wire/replayRules'
import { type Capture, type CaptureReader } from '../capture/types'
import { type Engine } from '../engine/types'
import { makePlan } from '../replay/plan'
import { Player } from '../replay/player'

/** Each keeps its report until it is dismissed. */
const MAX_REPLAYS = 8
/** Of more connections than these, those that differ are told first, and the others only counted. */
const MAX_VERDICTS = 1000

export interface ReplaysOptions {
  readonly engine: Engine
  readonly recording: Capture
  /** All that can be played: what is being recorded, and recordings that were opened. */
  readonly record: CaptureReader
  readonly onProgress: (status: ReplayStatus) => void
  /** A thrown error as a fault; for what should never happen. */
  readonly onBug: (error: unknown) => Fault
}

interface Replay {
  readonly number: number
  readonly player: Player
  report: ReplayReport | null
  failure: Fault | null
  done: Promise<void>
}

/** Replays that go on in this session, or whose reports are still asked for. Their sockets are the session's, like all others. */
export class Replays {
  readonly #options: ReplaysOptions
  readonly #open = new Map<number, Replay>()
  #last = 0

  constructor(options: ReplaysOptions) {
    this.#options = options
  }

  /** Begins to play what is recorded by now. The fault tells why it cannot be played. */
  async begin(asked: ReplayAsked): Promise<Reply<ReplayStatus>> {
    if (this.#open.size >= MAX_REPLAYS)
      return { ok: false, fault: fault('SB_STATE', `${MAX_REPLAYS} replays are open already.`) }
    const at = endpointOf(asked)
    if (!at.ok) return at
    const masks = masksOf(asked)
    if (!masks.ok) return masks
    const rules = parseSendRules(asked.captures ?? [], asked.sets ?? [])
    if (!rules.ok) return rules
    const ids = this.#idsOf(asked)
    if (!ids.ok) return ids
    const { engine, recording, record } = this.#options
    // Payload is read from the file.
    await recording.flush()
    const plan = await makePlan(record, ids.value, asked.ids === null)
    if (!plan.ok) return plan
    const { role, speed, wait } = asked
    const number = ++this.#last
    const player = new Player({
      engine,
      recording,
      plan: plan.value,
      options: { role, at: at.value, speed, wait, masks: masks.value, rules: rules.value },
      onProgress: () => this.#tell(replay),
    })
    const replay: Replay = { number, player, report: null, failure: null, done: Promise.resolve() }
    const opened = await player.open()
    if (!opened.ok) return opened
    this.#open.set(number, replay)
    replay.done = this.#play(replay)
    return { ok: true, value: this.#statusOf(replay) }
  }

  pause(number: number): Reply<null> {
    return this.#with(number, (player) => player.pause())
  }
  resume(number: number): Reply<null> {
    return this.#with(number, (player) => player.resume())
  }
  /** While paused: what comes next happens. Refused when all wait for their peers. */
  step(number: number): Reply<null> {
    return this.#with(number, (player) => {
      if (player.step()) return null
      const why = player.isPaused ? 'All connections wait for their peers.' : 'It is not paused.'
      return fault('SB_STATE', why)
    })
  }
  stop(number: number): Reply<null> {
    return this.#with(number, (player) => player.stop())
  }

  report(number: number): Reply<ToldReport> {
    const replay = this.#open.get(number)
    if (replay === undefined) return { ok: false, fault: unknown(number) }
    if (replay.report === null) return { ok: false, fault: fault('SB_STATE', 'It has not come to its end.') }
    const { exchanges, verdicts, divergence, ...rest } = replay.report
    const isFirst = (each: (typeof verdicts)[number]): number => (each.outcome === 'equal' ? 1 : 0)
    const told = verdicts.toSorted((a, b) => isFirst(a) - isFirst(b)).slice(0, MAX_VERDICTS)
    const json = JSON.stringify({ ...rest, divergence, verdicts: told }, (_key, value: unknown) =>
      value instanceof Uint8Array ? { bytes: [...value] } : value,
    )
    return { ok: true, value: { json, exchanges } }
  }

  /** Stops it if it still goes on, and forgets it. */
  async end(number: number): Promise<void> {
    const replay = this.#open.get(number)
    if (replay === undefined) return
    replay.player.stop()
    await replay.done
    this.#open.delete(number)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((number) => this.end(number)))
  }

  async #play(replay: Replay): Promise<void> {
    try {
      replay.report = await replay.player.play()
    } catch (error) {
      replay.failure = this.#options.onBug(error)
    }
    this.#tell(replay)
  }

  #tell(replay: Replay): void {
    this.#options.onProgress(this.#statusOf(replay))
  }

  #statusOf({ number, player, report, failure }: Replay): ReplayStatus {
    const isDone = report !== null || failure !== null
    return {
      replay: number,
      phase: isDone ? 'done' : player.isPaused ? 'paused' : 'playing',
      ...player.status(),
      ...(report === null ? {} : { isEqual: report.isEqual, different: report.different }),
      ...(failure === null ? {} : { fault: failure }),
    }
  }

  #with(number: number, act: (player: Player) => Fault | null | void): Reply<null> {
    const replay = this.#open.get(number)
    if (replay === undefined) return { ok: false, fault: unknown(number) }
    const refused = act(replay.player) ?? null
    this.#tell(replay)
    return refused === null ? { ok: true, value: null } : { ok: false, fault: refused }
  }

  /** Those that are named, or all of one recording: times of two recordings cannot be compared. */
  #idsOf({ ids, beside }: ReplayAsked): Reply<readonly SocketId[]> {
    const { record, recording } = this.#options
    if (ids !== null) {
      const files = new Set(ids.map((id) => record.fileOf(id)))
      if (files.size <= 1) return { ok: true, value: ids }
      return { ok: false, fault: fault('SB_INPUT', 'The connections of one replay come from one recording.') }
    }
    const file = beside === null ? recording.file : record.fileOf(beside)
    const found = record
      .ids()
      .filter((id) => !id.startsWith('L') && !isOfBench(id) && record.fileOf(id) === file)
    return { ok: true, value: found }
  }
}

function endpointOf({ role, url }: ReplayAsked): Reply<Endpoint | null> {
  if (role === 'both') return { ok: true, value: null }
  return parseEndpoint(url ?? '')
}

function masksOf({ masks = [] }: ReplayAsked): Reply<readonly ReplayMask[]> {
  const parsed: ReplayMask[] = []
  for (const text of masks) {
    const mask = parseReplayMask(text)
    if (!mask.ok) return mask
    parsed.push(mask.value)
  }
  return { ok: true, value: parsed }
}

function unknown(number: number): Fault {
  return fault('SB_UNKNOWN', `There is no replay ${number}.`)
}
