import { callerOf, formatEndpoint, isLoopback, type Endpoint } from '../../shared/model/endpoint'
import { type DatagramEndpoint, type UdpEndpoint } from '../../shared/model/endpoint'
import { drop } from '../../shared/model/must'
import {
  type BehavedSocket,
  type DatagramBehaviour,
  type DatagramReaction,
  type Engine,
} from '../engine/types'
import { fatesOf, type Fate, type ImpairRules, type Way } from './impairRules'

/** Each has a socket of its own. Who has been silent longest gives way to one more. */
const MOST_CALLERS = 256
/** One that is to be overtaken waits this long for another that does it. */
const OVERTAKEN_WITHIN_MS = 1000

/**
 * Passes datagrams on to another address, and answers back, as a network does that is not perfect: some are lost, come twice,
 * in another order, or late, by rule. For each caller a socket of its own is bound and connected to the target, and recorded.
 */
export function impairing(name: string, target: UdpEndpoint, rules: ImpairRules): DatagramBehaviour {
  return { name, begin: (socket, engine) => new Impairing(socket, engine, target, rules) }
}

class Impairing implements DatagramReaction {
  readonly #socket: BehavedSocket
  readonly #engine: Engine
  readonly #target: UdpEndpoint
  readonly #rules: ImpairRules
  /** By address; who was heard last stands last. */
  readonly #callers = new Map<string, Caller>()
  readonly #isItself: boolean

  constructor(socket: BehavedSocket, engine: Engine, target: UdpEndpoint, rules: ImpairRules) {
    this.#socket = socket
    this.#engine = engine
    this.#target = target
    this.#rules = rules
    this.#isItself = isAt(socket.at, target)
    // It would pass on to itself without end.
    if (this.#isItself) socket.note(`${formatEndpoint(target)} is this socket itself: nothing is passed on.`)
  }

  received(bytes: Uint8Array, from: DatagramEndpoint): Promise<void> {
    return this.#isItself ? Promise.resolve() : this.#callerAt(from).there.pass(new Uint8Array(bytes))
  }

  #callerAt(from: DatagramEndpoint): Caller {
    const name = formatEndpoint(from)
    const caller =
      this.#callers.get(name) ?? new Caller(this.#socket, this.#engine, from, this.#target, this.#rules)
    this.#callers.delete(name)
    this.#callers.set(name, caller)
    const [oldest] = this.#callers
    if (this.#callers.size > MOST_CALLERS && oldest !== undefined) {
      this.#callers.delete(oldest[0])
      oldest[1].end()
    }
    return caller
  }

  ended(): void {
    for (const caller of this.#callers.values()) caller.end()
    this.#callers.clear()
  }
}

/** Who sends, with the socket by which it is passed on. */
class Caller {
  readonly there: Path
  readonly #back: Path
  readonly #end: () => void

  constructor(
    socket: BehavedSocket,
    engine: Engine,
    from: DatagramEndpoint,
    target: UdpEndpoint,
    rules: ImpairRules,
  ) {
    const caller = formatEndpoint(from)
    let hasEnded = false
    const upstream = engine.bindUdp(callerOf(target), {}, socket.id).then(async (bound) => {
      if (!bound.ok) {
        socket.note(`not passed on, what ${caller} sends: ${bound.fault.summary}`)
        return null
      }
      const { id } = bound.value
      const connected = await engine.connectUdp(id, target)
      if (!connected.ok) socket.note(`not passed on, what ${caller} sends: ${connected.fault.summary}`)
      if (hasEnded || !connected.ok) {
        await engine.closeUdp(id)
        return null
      }
      socket.note(`goes on by ${id}: what ${caller} sends`)
      engine.onReceived(id, (bytes) => drop(this.#back.pass(new Uint8Array(bytes))))
      return id
    })
    this.there = new Path('there', caller, rules, socket, async (bytes) => {
      const id = await upstream
      if (id !== null) await engine.sendUdp(id, bytes, null)
    })
    this.#back = new Path('back', caller, rules, socket, (bytes) => socket.answer(bytes, from))
    this.#end = () => {
      hasEnded = true
      drop(upstream.then((id) => (id === null ? null : engine.closeUdp(id))))
    }
  }

  end(): void {
    this.there.end()
    this.#back.end()
    this.#end()
  }
}

/** One way between a caller and the target, with what happens on it. */
class Path {
  readonly #nextFate: () => Fate
  readonly #send: (bytes: Uint8Array) => Promise<void>
  readonly #told: (nth: number, what: string) => void
  readonly #delayed = new Set<NodeJS.Timeout>()
  #count = 0
  #overtaken: { readonly bytes: Uint8Array; readonly fate: Fate; readonly timer: NodeJS.Timeout } | null =
    null

  constructor(
    way: Way,
    caller: string,
    rules: ImpairRules,
    socket: BehavedSocket,
    send: (bytes: Uint8Array) => Promise<void>,
  ) {
    this.#nextFate = rules.ways.includes(way) ? fatesOf(rules) : () => UNHARMED
    this.#send = send
    const [kind, preposition] = way === 'there' ? ['datagram', 'from'] : ['answer', 'to']
    this.#told = (nth, what) => socket.note(`${what}: ${kind} ${nth} ${preposition} ${caller}`)
  }

  /** Resolves when it is on its way, or lost, or waits. */
  async pass(bytes: Uint8Array): Promise<void> {
    const fate = this.#nextFate()
    const nth = ++this.#count
    const before = this.#overtaken
    if (fate.isLost) {
      this.#told(nth, 'lost')
      return
    }
    if (fate.isTwice) this.#told(nth, 'sent twice')
    if (fate.isOvertaken && before === null) {
      this.#told(nth, 'held back, to go after the next')
      const timer = setTimeout(() => drop(this.#release()), OVERTAKEN_WITHIN_MS)
      this.#overtaken = { bytes, fate, timer }
      return
    }
    // One right behind the other: what comes in the meantime must not get between.
    await Promise.all([this.#go(bytes, fate), this.#release()])
  }

  /** The one that was held back goes. */
  async #release(): Promise<void> {
    const held = this.#overtaken
    if (held === null) return
    clearTimeout(held.timer)
    this.#overtaken = null
    await this.#go(held.bytes, held.fate)
  }

  async #go(bytes: Uint8Array, { isTwice, delayMs }: Fate): Promise<void> {
    if (delayMs > 0) {
      const timer = setTimeout(() => {
        this.#delayed.delete(timer)
        drop(this.#sendAll(bytes, isTwice))
      }, delayMs)
      this.#delayed.add(timer)
      return
    }
    await this.#sendAll(bytes, isTwice)
  }

  async #sendAll(bytes: Uint8Array, isTwice: boolean): Promise<void> {
    await Promise.all([this.#send(bytes), ...(isTwice ? [this.#send(bytes)] : [])])
  }

  end(): void {
    if (this.#overtaken !== null) clearTimeout(this.#overtaken.timer)
    this.#overtaken = null
    for (const timer of this.#delayed) clearTimeout(timer)
    this.#delayed.clear()
  }
}

const UNHARMED: Fate = { isLost: false, isTwice: false, isOvertaken: false, delayMs: 0 }

function isAt(at: Endpoint, target: UdpEndpoint): boolean {
  if (at.kind !== 'udp' || at.port !== target.port) return false
  return (
    at.host === target.host ||
    (isWildcard(at.host) && isLoopback(target)) ||
    (isLoopback(at) && isWildcard(target.host))
  )
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
