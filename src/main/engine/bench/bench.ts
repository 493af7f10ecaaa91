import {
  type BenchAct,
  type BenchCall,
  type BenchEntry,
  type BenchLog,
  type BenchSummary,
} from '../../../shared/model/bench'
import { fault, FaultError } from '../../../shared/model/fault'
import { type BenchId, type BenchSocketId } from '../../../shared/model/ids'
import { type Counters } from '../../../shared/model/summary'
import { type Hub, type Owned } from '../hub'
import { type Calls, errnoName } from '../posix/calls'
import { numbers } from '../posix/numbers'
import { type Track } from '../recorder'
import { BenchSocket } from './benchSocket'
import { type Callers } from './callers'
import { type FromCaller, type Outcome } from './callerMessages'
import { applied, instantOutcome } from './effects'
import { errnoOf } from './errnos'
import { blockedOf, calledOf, type Going, refuseAddress } from './going'
import { protocolNumber } from './protocols'

/** A call that has not returned after so long is blocked: it is shown and recorded as that. */
const BLOCKED_MS = 20
/** Calls whose log is at hand; the record has all. */
const MOST_LOGGED = 5000

/**
 * When bytes passed between the program and the kernel: what was sent left with the beginning of its system call, what came was there at
 * its end. The thread tells it later, when the other side may have told long ago.
 */
function momentOf({ done }: Going, direction: 'in' | 'out'): number | null {
  const last = done.at(-1)
  if (last === undefined) return null
  return direction === 'out' ? last.beganAtNanos : last.beganAtNanos + last.tookNanos
}

/** The sockets that one bench has, and the calls that are made on them. */
export class Bench implements Owned {
  readonly id: BenchId
  hasMoved = false
  readonly #hub: Hub
  readonly #posix: Calls
  readonly #callers: Callers
  readonly #track: Track
  readonly #sockets = new Map<BenchSocketId, BenchSocket>()
  readonly #log: BenchCall[] = []
  readonly #going = new Map<number, Going>()
  #count = 0
  #isOver = false
  #atRest: (() => void)[] = []

  constructor(hub: Hub, posix: Calls, callers: Callers) {
    this.#hub = hub
    this.#posix = posix
    this.#callers = callers
    this.id = hub.nextBenchId()
    this.#track = hub.recorder.track(this.id, 'unix', 'syscall bench')
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Those that are open, and those that were. */
  get sockets(): IterableIterator<BenchSocket> {
    return this.#sockets.values()
  }

  /** Begins a call. Throws a `FaultError` where it cannot be made. @returns its number */
  call(act: BenchAct): number {
    if (this.#isOver) throw new FaultError(fault('SB_STATE', `${this.id} is closed.`))
    const socket = act.call === 'socket' ? null : this.#socketOf(act.socket)
    if (act.call === 'readline' && socket?.file === null) {
      const name = socket.id.toLowerCase()
      throw new FaultError(
        fault('SB_STATE', `There is no ${name}_file yet.`, { hint: `Call makefile on ${name} first.` }),
      )
    }
    if ('address' in act) refuseAddress(act.address)
    const going: Going = {
      number: ++this.#count,
      act,
      socket,
      beganAtNanos: this.#hub.recorder.clock.nanos(),
      done: [],
      entered: null,
      running: null,
      timer: null,
    }
    const instant = socket === null ? null : instantOutcome(act, socket)
    if (instant !== null) {
      this.#finish(going, instant, 0)
      return going.number
    }
    const placeholder = act.call === 'close' && socket !== null ? this.#aboutToClose(socket) : null
    try {
      going.running = this.#callers.run(
        {
          act,
          mode: socket?.mode ?? { kind: 'blocking' },
          descriptor: socket?.descriptor ?? null,
          placeholder,
          rest: socket?.file?.rest ?? new Uint8Array(0),
        },
        (message) => this.#told(going, message, placeholder),
      )
    } catch (error) {
      if (placeholder !== null) this.#posix.close(placeholder)
      this.#count--
      throw error
    }
    if (socket !== null) socket.going++
    this.#going.set(going.number, going)
    this.#hub.changed(this)
    return going.number
  }

  #socketOf(id: BenchSocketId): BenchSocket {
    const socket = this.#sockets.get(id)
    if (socket !== undefined) return socket
    throw new FaultError(fault('SB_UNKNOWN', `${this.id} has no socket ${id.toLowerCase()}.`))
  }

  /** What keeps the number of a descriptor from being given to another socket, while calls are still on it. */
  #aboutToClose(socket: BenchSocket): number | null {
    socket.aboutToClose()
    if (socket.going === 0) return null
    const placeholder = this.#posix.socket(numbers?.families.AF_UNIX ?? 1, numbers?.types.SOCK_DGRAM ?? 2, 0)
    return placeholder < 0 ? null : placeholder
  }

  cancel(number: number): void {
    const going = this.#going.get(number)
    if (going === undefined) {
      throw new FaultError(fault('SB_STATE', `Call ${number} of ${this.id} has come back already.`))
    }
    going.running?.cancel()
  }

  #isBlocked(going: Going): void {
    if (!this.#going.has(going.number)) return
    const blocked = blockedOf(this.id, going)
    const event = { what: 'blocked', ...blocked } as const
    if (going.socket === null || going.socket.isOver) this.#track.event(event)
    else going.socket.happened(event)
    this.#hub.changed(this)
    going.socket?.changed()
  }

  #told(going: Going, message: Exclude<FromCaller, { type: 'ready' }>, placeholder: number | null): void {
    switch (message.type) {
      case 'entered':
        going.entered = { text: message.text, atNanos: this.#nanos(message.at) }
        // Whatever its thread has told by then is heard first.
        going.timer ??= setTimeout(() => setImmediate(() => this.#isBlocked(going)), BLOCKED_MS)
        return
      case 'left': {
        const { name, text, returned, note, at, took } = message
        going.entered = null
        going.done.push({
          name,
          text,
          returned: Math.max(-1, returned),
          errno: returned < 0 ? errnoOf(errnoName(returned)) : null,
          note,
          beganAtNanos: this.#nanos(at),
          tookNanos: Number(took),
        })
        return
      }
      case 'moved':
        going.socket?.moved(
          message.direction,
          message.bytes,
          message.peer,
          momentOf(going, message.direction),
        )
        return
      case 'done':
        clearTimeout(going.timer ?? undefined)
        this.#going.delete(going.number)
        if (going.socket !== null) going.socket.going--
        this.#finish(going, message.outcome, Number(message.took), this.#nanos(message.at))
        if (going.socket !== null) this.#afterwards(going, going.socket, placeholder)
        if (this.#going.size === 0) for (const rest of this.#atRest.splice(0)) rest()
    }
  }

  /** A moment of another thread on the session's clock. */
  #nanos(at: bigint): number {
    return this.#hub.recorder.clock.nanos() - Number(process.hrtime.bigint() - at)
  }

  #finish(going: Going, outcome: Outcome, tookNanos: number, beganAtNanos = going.beganAtNanos): void {
    const { act, socket } = going
    const fd = socket?.fd ?? null
    const made = outcome.kind === 'value' ? this.#makes(act, socket, outcome) : null
    const call = calledOf(this.id, going, outcome, made, fd, { beganAtNanos, tookNanos })
    this.#remember(call)
    const record = act.call === 'socket' ? made : socket
    if (outcome.kind === 'value' && socket !== null) applied(act, socket, outcome)
    if (outcome.kind === 'failed' && outcome.errno === 'ECONNRESET') socket?.wasReset()
    if (outcome.kind === 'timedOut' && socket?.file && act.call === 'readline') socket.file.isTimedOut = true
    if (record === null || record.isOver) this.#track.event({ what: 'called', ...call })
    else record.happened({ what: 'called', ...call })
    made?.look('remote')
    socket?.look()
    this.#hub.changed(this)
    socket?.changed()
  }

  /** The socket that a call has made. */
  #makes(
    act: BenchAct,
    listener: BenchSocket | null,
    { number }: Extract<Outcome, { kind: 'value' }>,
  ): BenchSocket | null {
    if (number === undefined || (act.call !== 'socket' && act.call !== 'accept')) return null
    const kind =
      act.call === 'socket'
        ? { family: act.family, type: act.type, protocol: protocolNumber(act.protocol) }
        : listener?.kind
    if (kind === undefined) return null
    const about = act.call === 'socket' ? 'made by socket():' : `accepted by ${listener?.id}:`
    const socket = new BenchSocket(this.#hub, this.#posix, this.id, number, kind, about)
    this.#sockets.set(socket.id, socket)
    this.#hub.add(socket)
    return socket
  }

  /** Once a call on a socket has come back. */
  #afterwards({ act, done }: Going, socket: BenchSocket, placeholder: number | null): void {
    if (act.call === 'close' && placeholder !== null) {
      this.#posix.close(placeholder)
      // The number is ours until the last call on it is back.
      const number = done.at(-1)?.returned ?? -1
      if (number >= 0) this.#kept.set(socket.id, number)
    }
    if (socket.going > 0 || socket.fd !== null || socket.isOver) return
    const kept = this.#kept.get(socket.id)
    if (kept !== undefined) this.#posix.close(kept)
    this.#kept.delete(socket.id)
    socket.closed()
  }
  readonly #kept = new Map<BenchSocketId, number>()

  #remember(call: BenchCall): void {
    this.#log.push(call)
    if (this.#log.length > MOST_LOGGED) this.#log.shift()
  }

  /** The calls from a number on, in the order begun. */
  log(from: number): BenchLog {
    const now = this.#hub.recorder.clock.nanos()
    const entries: BenchEntry[] = this.#log
      .filter(({ number }) => number >= from)
      .map((of) => ({ state: 'done', of }))
    for (const going of this.#going.values()) {
      if (going.number < from) continue
      const of = blockedOf(this.id, going)
      entries.push({ state: 'blocked', of, done: [...going.done], forNanos: now - of.sinceNanos })
    }
    entries.sort((a, b) => a.of.number - b.of.number)
    return { count: this.#count, entries }
  }

  /** Asks the kernel anew how the sockets stand. */
  look(): void {
    for (const socket of this.#sockets.values()) socket.look()
  }

  /** Adds a descriptor from elsewhere. */
  take(fd: number, kind: BenchSocket['kind'], from: string): BenchSocket {
    const socket = new BenchSocket(this.#hub, this.#posix, this.id, fd, kind, `taken over from ${from}:`)
    // Whoever had it before has set the flag, and dup(2) shares it.
    if (this.#posix.isNonBlocking(fd)) socket.mode = { kind: 'nonBlocking' }
    this.#sockets.set(socket.id, socket)
    this.#hub.add(socket)
    socket.look()
    return socket
  }

  /** Ends its calls, closes its descriptors. */
  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    const rest = new Promise<void>((resolve) => this.#atRest.push(resolve))
    for (const { running } of this.#going.values()) running?.cancel()
    if (this.#going.size > 0) await rest
    for (const socket of this.#sockets.values()) {
      const { fd } = socket
      if (fd === null) continue
      socket.aboutToClose()
      new Int32Array(socket.descriptor)[0] = -1
      this.#posix.close(fd)
      socket.closed()
    }
    this.#hub.changed(this)
    this.#track.event({ what: 'closed', how: 'fin', by: 'local', unsentBytes: 0 })
    this.#track.end()
  }

  summary(): BenchSummary {
    return {
      kind: 'bench',
      id: this.id,
      asked: 'syscall bench',
      state: { phase: this.#isOver ? 'closed' : 'open' },
      calls: this.#count,
      blocked: this.#going.size,
    }
  }

  kernelSocket(): null {
    return null
  }

  counters(): Counters {
    return { inBytes: 0, inChunks: 0, outBytes: 0, outChunks: 0, rows: this.#track.rows }
  }
}
