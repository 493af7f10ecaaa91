import { type Fault } from '../../../shared/model/fault'
import { isUdpId, type SocketId } from '../../../shared/model/ids'
import { parseEndpoint } from '../../../shared/model/endpoint'
import { isErrorName } from '../expectations'
import { type Cast, type Part } from './cast'
import { type Story, type Told, type ToldData, type ToldEvent } from './story'

/** A step that is to be written down, or a remark between them. */
export type Line =
  | { readonly is: 'remark'; readonly text: string }
  | { readonly is: 'step'; readonly act: string; readonly at: string; readonly more: readonly More[] }

/** A key of a step beside its act. */
export type More =
  | { readonly key: 'payload'; readonly bytes: Uint8Array }
  | { readonly key: string; readonly value: string; readonly isQuoted: boolean }

const plain = (key: string, value: string): More => ({ key, value, isQuoted: false })

/** What took longer than this, where somebody else is waited for, gets a `within` of its own. */
const LONG_NANOS = 2_000_000_000
/** A close waits for the peer's FIN: not for one that took longer. */
const SOON_NANOS = 500_000_000

/** The steps that do again what a story tells. */
export function scriptOf(story: Story, cast: Cast): readonly Line[] {
  return new Script(story, cast).lines()
}

class Script {
  readonly #story: Story
  readonly #cast: Cast
  readonly #lines: Line[] = []
  readonly #told = new Set<Told>()
  readonly #opened = new Set<SocketId>()
  /** Bytes (of UDP: datagrams to one receiver) that steps have sent and taken so far, by `sender>receiver`. */
  readonly #sent = new Map<string, number>()
  readonly #taken = new Map<string, number>()
  /** Ended by a step of ours that waits for the peer's FIN. */
  readonly #closing = new Set<SocketId>()
  /** The bytes of the last line, while it is an `expect` that may grow. */
  #growing: { readonly at: SocketId; bytes: Uint8Array } | null = null
  #lastNanos = 0

  constructor(story: Story, cast: Cast) {
    this.#story = story
    this.#cast = cast
  }

  lines(): readonly Line[] {
    this.#lastNanos = this.#story.all[0]?.atNanos ?? 0
    // Who stands in for a listener that was not recorded is there before anybody calls.
    for (const { name } of this.#cast.roles) if (name.startsWith('server')) this.#step('open', name)
    for (const told of this.#story.all) this.#tell(told)
    return this.#lines
  }

  #tell(told: Told): void {
    const part = this.#cast.parts.get(told.id)
    if (part === undefined || this.#told.has(told)) return
    this.#told.add(told)
    this.#open(part)
    if (told.kind === 'event') this.#event(part, told)
    else if (isUdpId(told.id)) this.#datagram(part, told)
    else if (told.direction === 'out') this.#send(part, told)
    else this.#receive(part, told)
    this.#lastNanos = told.atNanos
  }

  /** An endpoint is opened where it first appears; callers come by themselves. */
  #open({ id, kind, name }: Part): void {
    if (kind === 'accepted' || this.#opened.has(id)) return
    this.#opened.add(id)
    this.#step('open', name)
  }

  #send(part: Part, { id, bytes }: ToldData): void {
    add(this.#sent, id, bytes.length)
    if (!part.isDriven) this.#step('send', part.name, [{ key: 'payload', bytes }])
  }

  #receive(part: Part, told: ToldData): void {
    const { id, bytes } = told
    const { pair } = part
    add(this.#taken, id, bytes.length)
    // A chunk is recorded as sent once the kernel has taken it; the other end may have it before.
    if (pair !== null && this.#isScripted(pair)) {
      const isSent = (each: Told): boolean => each.kind === 'data' && each.direction === 'out'
      this.#bringForward(pair, isSent, () => count(this.#sent, pair) >= count(this.#taken, id))
    }
    if (part.isDriven && pair !== null) return
    if (this.#growing?.at === id) {
      const all = Buffer.concat([this.#growing.bytes, bytes])
      this.#lines.pop()
      this.#step('expect', part.name, [{ key: 'payload', bytes: all }, ...this.#within(part, told)])
      this.#growing = { at: id, bytes: all }
      return
    }
    this.#step('expect', part.name, [{ key: 'payload', bytes }, ...this.#within(part, told)])
    this.#growing = { at: id, bytes }
  }

  #datagram(part: Part, told: ToldData): void {
    const { id, bytes, peer, atNanos } = told
    const other = peer === null ? null : this.#cast.boundAt(peer, atNanos)
    const payload: More = { key: 'payload', bytes }
    if (told.direction === 'out') {
      if (other !== null) add(this.#sent, `${id}>${other}`, 1)
      const to = peer === null || part.isConnected ? null : this.#address(peer, atNanos)
      this.#step(
        'send',
        part.name,
        to === null ? [payload] : [payload, { key: 'to', value: to, isQuoted: true }],
      )
      return
    }
    if (other !== null) {
      const way = `${other}>${id}`
      add(this.#taken, way, 1)
      const isSent = (each: Told): boolean =>
        each.kind === 'data' &&
        each.direction === 'out' &&
        each.peer !== null &&
        this.#cast.boundAt(each.peer, each.atNanos) === id
      this.#bringForward(other, isSent, () => count(this.#sent, way) >= count(this.#taken, way))
    }
    this.#step('expect', part.name, [payload, ...this.#within(part, told)])
  }

  #event(part: Part, told: ToldEvent): void {
    const { event } = told
    const { name } = part
    switch (event.what) {
      case 'failed':
        return this.#failed(part, event.fault)
      case 'paused':
        return this.#step('pause', name)
      case 'resumed':
        return this.#step('resume', name)
      case 'finished':
        return event.by === 'local' ? this.#finish(part, told) : this.#peerFinished(part, told)
      case 'closed':
        if (part.kind === 'listener' || part.kind === 'udp') return this.#step('close', name)
        return this.#closed(part, told)
      case 'gap':
        if (event.direction === 'out')
          return this.#remark(`${event.lengthBytes} bytes that ${name} sent here are not in the capture.`)
        return this.#step('expect', name, [plain('length', String(event.lengthBytes))])
      default:
        return
    }
  }

  #failed({ name, kind }: Part, { code }: Fault): void {
    if (code.startsWith('SB_')) return this.#remark(`${name} failed here: ${code}.`)
    // The file may be anybody's.
    if (!isErrorName(code)) return this.#remark(`${name} failed here, with an error that has no known name.`)
    if (kind !== 'accepted') this.#step('expect', name, [plain('error', code)])
  }

  /** `close` where nothing more comes and the peer finishes by itself; else the FIN alone. */
  #finish(part: Part, told: ToldEvent): void {
    if (part.isDriven) return
    const rows = this.#story.of.get(told.id) ?? []
    const at = rows.indexOf(told)
    const rest = rows.slice(at + 1)
    const hasPeerFinished = rows.slice(0, at).some(isPeersFin)
    const isAlone = part.pair === null || !this.#isScripted(part.pair)
    const isAnswered = rest.some((each) => isPeersFin(each) && each.atNanos - told.atNanos < SOON_NANOS)
    const isLast = !rest.some((each) => each.kind === 'data') && rest.some(isClosed)
    if (isLast && (hasPeerFinished || (isAlone && isAnswered))) {
      this.#closing.add(part.id)
      this.#step('close', part.name)
    } else this.#step('shutdown', part.name)
  }

  #peerFinished(part: Part, told: ToldEvent): void {
    if (this.#closing.has(part.id) || (part.isDriven && part.pair !== null)) return
    this.#expectEnd(part, told, 'fin')
  }

  #closed(part: Part, told: ToldEvent): void {
    const { event } = told
    if (event.what !== 'closed') return
    if (event.how === 'fin') {
      // Closed while the peer kept its side open.
      const isOneSided = !(this.#story.of.get(told.id) ?? []).some(isPeersFin)
      if (isOneSided && event.by === 'local' && !part.isDriven) this.#step('close', part.name)
      return
    }
    if (event.how === 'reset' && event.by === 'local') {
      if (part.pair !== null && this.#haveBothFinished(part.id, part.pair)) {
        for (const each of this.#story.of.get(part.pair) ?? []) if (isEnd(each)) this.#told.add(each)
        return this.#remark(`${part.name} was reset here, while both of its FINs were on their way.`)
      }
      if (part.pair !== null) this.#beforeReset(part, part.pair)
      return this.#step('reset', part.name)
    }
    if (part.isDriven && part.pair !== null) return
    if (event.how === 'reset') return this.#expectEnd(part, told, 'reset')
    const code = event.fault?.code ?? ''
    if (!isErrorName(code)) return
    // A write that fails is not in the record: nothing here would bring its error about again.
    if (code === 'EPIPE' || part.pair !== null) return this.#remark(`${part.name} ended with ${code} here.`)
    this.#step('expect', part.name, [plain('error', code)])
  }

  /**
   * What the other end has read or sent, it must have done before an RST throws it away; a FIN of its own that crossed the RST is
   * left out. Unix sockets have no RST: there the other end sees a FIN, and goes on as it was recorded.
   */
  #beforeReset({ id }: Part, pair: SocketId): void {
    const rows = this.#story.of.get(id) ?? []
    const hasRst = !rows.some(
      (each) => each.kind === 'event' && each.event.what === 'opened' && each.event.local.kind === 'unix',
    )
    if (hasRst)
      for (const each of this.#story.of.get(pair) ?? []) if (isFinOf(each, 'local')) this.#told.add(each)
    const hasFinished = rows.some((each) => isFinOf(each, 'local'))
    this.#bringForward(
      pair,
      (each) => each.kind === 'data' || (hasFinished && isFinOf(each, 'remote')),
      () => false,
    )
  }

  #haveBothFinished(one: SocketId, other: SocketId): boolean {
    return [one, other].every((id) =>
      (this.#story.of.get(id) ?? []).some((each) => this.#told.has(each) && isFinOf(each, 'local')),
    )
  }

  #expectEnd(part: Part, told: ToldEvent, how: 'fin' | 'reset'): void {
    const { id, pair, name } = part
    if (pair !== null && this.#total(pair, 'out') > this.#total(id, 'in')) {
      this.#remark(`${name} ended (${how}); how much of what was sent comes before that is not sure.`)
      return
    }
    this.#step('expect', name, [plain('closed', how), ...this.#within(part, told)])
  }

  /** Tells rows of another socket before their time, until that is enough. */
  #bringForward(id: SocketId, isWanted: (told: Told) => boolean, isEnough: () => boolean): void {
    for (const each of this.#story.of.get(id) ?? []) {
      if (isEnough()) return
      if (!this.#told.has(each) && isWanted(each)) this.#tell(each)
    }
  }

  #isScripted(id: SocketId): boolean {
    return this.#cast.parts.get(id)?.isDriven === false
  }

  #total(id: SocketId, direction: 'in' | 'out'): number {
    let sum = 0
    for (const each of this.#story.of.get(id) ?? [])
      if (each.kind === 'data' && each.direction === direction) sum += each.bytes.length
    return sum
  }

  #address(peer: string, atNanos: number): string {
    const parsed = parseEndpoint(peer)
    return parsed.ok ? this.#cast.written(parsed.value, atNanos) : peer
  }

  /** Only who is not part of the experiment takes time. */
  #within({ pair }: Part, { atNanos }: Told): readonly More[] {
    const gap = atNanos - this.#lastNanos
    return pair !== null || gap < LONG_NANOS ? [] : [plain('within', `${Math.ceil((2 * gap) / 1e9)}s`)]
  }

  #remark(text: string): void {
    this.#growing = null
    this.#lines.push({ is: 'remark', text })
  }

  #step(act: string, at: string, more: readonly More[] = []): void {
    this.#growing = null
    this.#lines.push({ is: 'step', act, at, more })
  }
}

const isPeersFin = (told: Told): boolean => isFinOf(told, 'remote')

const isEnd = (told: Told): boolean => told.kind === 'event' && told.event.what === 'closed'

const isFinOf = (told: Told, side: 'local' | 'remote'): boolean =>
  told.kind === 'event' && told.event.what === 'finished' && told.event.by === side

const isClosed = (told: Told): boolean =>
  told.kind === 'event' && told.event.what === 'closed' && told.event.how === 'fin'

function add(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, count(counts, key) + more)
}

function count(counts: ReadonlyMap<string, number>, key: string): number {
  return counts.get(key) ?? 0
}
