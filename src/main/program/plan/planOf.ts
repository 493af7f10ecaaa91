import { isAscii } from 'node:buffer'
import {
  type Experiment,
  type ExperimentStep,
  type PlacelessStep,
  type ScriptedAddress,
} from '../../../shared/model/experiment'
import { conditionText, holds } from '../../experiment/machine'
import { addressOf, laterIn, wordsIn, type Address } from './addresses'
import { endsOf } from './ends'
import { type Act, type Plan, type Sock, benchSock, keyOf } from './plan'
import { addressesIn, count, wantedOf, withoutEmptyParts } from './parts'
import { hasUnread, sockOf, Stage, type ListenerState, type StreamState } from './stage'

type StepOf<Kind extends ExperimentStep['act']> = Extract<ExperimentStep, { act: Kind }>
/** An act that is being made: later steps may be about it too. */
type Making = Act & { steps: number[] }
type Doing = Act extends infer Each ? (Each extends Act ? Omit<Each, 'steps' | 'withinMs'> : never) : never

/** What a program for an experiment has to do. @param only the endpoint that it is to be; null for all of them */
export function planOf(experiment: Experiment, only: string | null): Plan {
  return new Planner(experiment, only).plan()
}

class Planner {
  readonly #experiment: Experiment
  readonly #only: string | null
  readonly #stage: Stage
  readonly #acts: Making[] = []
  readonly #sockets = new Map<string, Sock>()
  /** Steps that an earlier act does as well. */
  readonly #done = new Set<number>()
  /** What has been closed: nothing can be asked of it any more. */
  readonly #closed = new Set<string>()
  /** What calls have made, by its name. */
  readonly #made = new Map<string, Sock>()
  #lastOwn = -1

  constructor(experiment: Experiment, only: string | null) {
    this.#experiment = experiment
    this.#only = only
    this.#stage = new Stage(endsOf(experiment, only), experiment)
  }

  plan(): Plan {
    const { name, about, steps } = this.#experiment
    for (const [index, step] of steps.entries()) if (!this.#done.has(index)) this.#take(step, index)
    this.#leave()
    const all = [...this.#stage.ends.values()]
    const ends = all.filter((each) => this.#isOwn(each.name))
    const acts = withoutEmptyParts(this.#acts)
    const addresses = [...ends.map((each) => each.address), ...acts.flatMap(addressesIn)]
    const behaviours = ends.flatMap((each) => ('behaviour' in each ? [each.behaviour] : []))
    addresses.push(
      ...behaviours.flatMap((each) => (each.is === 'proxy' || each.is === 'impair' ? [each.to] : [])),
    )
    const later = addresses.flatMap(wordsIn).flatMap(laterIn)
    return {
      name,
      about,
      only: this.#only,
      ends,
      sockets: [...this.#sockets.values()],
      acts,
      usesTemp: later.some((each) => 'is' in each && each.is === 'temp'),
      usesLan: later.some((each) => 'is' in each && each.is === 'lan'),
      referred: new Set(later.flatMap((each) => ('of' in each ? [each.of] : []))),
      isAscii: steps.every(
        (step) => step.act !== 'send' || (step.payload.is !== 'file' && isAscii(step.payload.bytes)),
      ),
    }
  }

  #isOwn(name: string): boolean {
    return this.#only === null || this.#only === name
  }

  #add(step: ExperimentStep, index: number, doing: Doing): Making {
    const making = { ...doing, steps: [index], withinMs: step.withinMs } as Making
    this.#acts.push(making)
    if (making.do === 'close' || making.do === 'reset') this.#closed.add(keyOf(making.sock))
    if (making.do === 'dial' || making.do === 'listen' || making.do === 'bind')
      this.#closed.delete(keyOf(making.sock))
    if ('sock' in making) this.#sockets.set(keyOf(making.sock), making.sock)
    return making
  }

  #take(step: ExperimentStep, index: number): void {
    const missing = step.where?.find((each) => !holds(each))
    if (missing !== undefined) {
      const text = `Step ${index + 1} is left out: it is only where ${conditionText(missing)}.`
      if (this.#only === null || ('at' in step && this.#isOwn(step.at.name)))
        this.#add(step, index, { do: 'remark', text })
      return
    }
    switch (step.act) {
      case 'part':
        this.#add(step, index, { do: 'part', name: step.name })
        return
      case 'wait':
        // Of one side alone only a pause in its own doings is its own.
        if (this.#only === null || this.#lastOwn === index - 1)
          this.#add({ ...step, withinMs: step.forMs }, index, { do: 'wait' })
        if (this.#lastOwn === index - 1) this.#lastOwn = index
        return
      case 'call': {
        if (this.#only !== null) return
        const { source, of, names, expected, as } = step
        const addresses = 'address' in of ? this.#scripted(of.address) : []
        this.#add(step, index, { do: 'call', source, of, names, expected, as: as ?? null, addresses })
        if (of.call === 'close') this.#closed.add(of.on)
        this.#make(of, names)
        if (of.call === 'connect' || of.call === 'connect_ex') this.#called(step, index, addresses)
        return
      }
      case 'unlink':
      case 'chmod': {
        if (this.#only !== null) return
        const at = addressOf(`unix:${step.path}`, this.#experiment.endpoints)
        const path = 'path' in at ? at.path : []
        this.#add(step, index, { do: 'file', path, mode: step.act === 'chmod' ? step.mode : null })
        return
      }
      case 'returns':
        if (this.#only === null)
          this.#add(step, index, { do: 'returns', on: step.on, expected: step.expected })
        return
      default:
        this.#about(step, index)
    }
  }

  /** What a call makes, in the family and of the type that it is given, or that its listener has. */
  #make(of: StepOf<'call'>['of'], [name]: readonly string[]): void {
    if (name === undefined) return
    const isDatagram = of.call === 'socket' && of.type === 'SOCK_DGRAM'
    if (of.call === 'socket')
      this.#made.set(name, benchSock(name, { isUnix: of.family === 'AF_UNIX', isDatagram }))
    else if (of.call === 'accept') this.#made.set(name, benchSock(name, this.#made.get(of.on)))
  }

  /** A socket that a call has made may have called a listener of the file. */
  #called(step: StepOf<'call'>, index: number, [to]: readonly Address[]): void {
    const isFailure = step.expected !== null && step.expected.is !== 'gives'
    const listener = to === undefined || isFailure ? null : this.#stage.listenerAt(to)
    if (listener === null) return
    listener.calls.push(null)
    if (listener.end.accept === 'automatically' && listener.end.behaviour.is === 'none')
      this.#accept(listener, step, index)
  }

  #scripted(address: ScriptedAddress): Address[] {
    const { endpoints } = this.#experiment
    if (address.is === 'tuple') {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host
      return [addressOf(`tcp://${host}:${address.port}`, endpoints)]
    }
    return address.is === 'path' ? [addressOf(`unix:${address.path.replace(/^\0/, '@')}`, endpoints)] : []
  }

  #about(step: Exclude<ExperimentStep, PlacelessStep>, index: number): void {
    const { name } = step.at
    const isOwn = this.#isOwn(name)
    if (isOwn) this.#lastOwn = index
    if (!this.#stage.ends.has(name)) {
      if (this.#only === null) this.#look(step, index, this.#made.get(name) ?? benchSock(name))
      return
    }
    if (step.act === 'open') return this.#open(step, index, isOwn)
    const listener = this.#stage.listeners.get(name)
    if (step.act === 'accept') {
      if (isOwn && listener !== undefined) this.#accept(listener, step, index)
      return
    }
    if (step.act === 'close' && step.at.caller === null && listener !== undefined) {
      return this.#closeListener(listener, step, index, isOwn)
    }
    const end = this.#stage.ends.get(name)
    if (end?.kind === 'datagram') {
      const isServing = this.#only !== null && end.behaviour.is !== 'none'
      if (isOwn && !isServing) this.#datagram(step, index, sockOf(end, null), end.isConnected)
      return
    }
    const isOfListener = step.act === 'expect' && step.expectation.is === 'queue'
    const isLook =
      (step.act === 'look' || (step.act === 'expect' && step.expectation.is === 'kernel')) &&
      step.at.caller === null
    // Of a listener without a number the kernel is asked for itself.
    if (listener !== undefined && (isOfListener || isLook)) {
      if (isOwn) this.#look(step, index, listener.sock)
      return
    }
    const state =
      listener === undefined ? this.#stage.streams.get(name) : this.#caller(listener, step, index, isOwn)
    if (state === undefined) return
    const isOnlyLook =
      step.act === 'look' ||
      (step.act === 'expect' && (step.expectation.is === 'dialling' || step.expectation.is === 'kernel'))
    if (isOwn && state.isPending && !isOnlyLook) {
      state.isPending = false
      if (step.act !== 'close' && step.act !== 'reset')
        this.#add(step, index, { do: 'connected', sock: state.sock })
    }
    this.#stream(step, index, state, isOwn)
  }

  #open(step: StepOf<'open'>, index: number, isOwn: boolean): void {
    const end = this.#stage.ends.get(step.at.name)
    if (end === undefined) return
    const next = step.mayFail ? this.#stage.nextAbout(end.name, index) : null
    const expected = next?.step.act === 'expect' ? next.step.expectation : null
    const fails = expected?.is === 'error' ? expected.code : null
    const sock = sockOf(end, null)
    const steps = [index, ...(fails !== null && next !== null ? [next.at] : [])]
    if (fails !== null && next !== null) this.#done.add(next.at)
    if (end.kind === 'datagram') {
      if (isOwn) this.#add(step, index, { do: 'bind', end, sock, fails }).steps = steps
    } else if (end.kind === 'listener') {
      if (isOwn) this.#add(step, index, { do: 'listen', end, sock, fails }).steps = steps
      if (fails === null) this.#stage.listen(end)
    } else {
      const isPending = expected?.is === 'dialling'
      if (isOwn) this.#add(step, index, { do: 'dial', end, sock, fails, isPending }).steps = steps
      if (fails !== null) return
      const state = this.#stage.dial(end)
      state.isPending = isPending
      const listener = this.#stage.listenerCalledBy(end)
      // A listener of this program, which accepts by itself, has its caller now.
      if (
        this.#only === null &&
        listener?.end.accept === 'automatically' &&
        listener.end.behaviour.is === 'none'
      )
        this.#accept(listener, step, index)
    }
  }

  #accept(listener: ListenerState, step: ExperimentStep, index: number): StreamState {
    const state = this.#stage.take(listener)
    if (this.#isOwn(listener.end.name))
      this.#add(step, index, { do: 'accept', end: listener.end, listener: listener.sock, sock: state.sock })
    return state
  }

  /** The caller that a step means; those before it are accepted first. */
  #caller(
    listener: ListenerState,
    step: ExperimentStep,
    index: number,
    isOwn: boolean,
  ): StreamState | undefined {
    const { callers, calls, end } = listener
    const named = 'at' in step ? step.at.caller : null
    const isManual = end.accept === 'manually'
    const wanted = named ?? Math.max(1, isManual ? callers.length : Math.max(calls.length, callers.length))
    // One end alone, answered by a behaviour: its program serves whoever comes.
    if (isOwn && this.#only !== null && end.behaviour.is !== 'none') return undefined
    while (callers.length < wanted) this.#accept(listener, step, index)
    return callers[wanted - 1]
  }

  #closeListener(listener: ListenerState, step: ExperimentStep, index: number, isOwn: boolean): void {
    const { end, calls, callers, sock } = listener
    // Who waits in the queue of a listener that is closed is reset: those who have called are taken first.
    if (end.accept === 'automatically' && end.behaviour.is === 'none')
      while (callers.length < calls.length) this.#accept(listener, step, index)
    listener.isListening = false
    // Alone it serves until it is stopped.
    if (!isOwn || (this.#only !== null && end.behaviour.is !== 'none')) return
    const path = end.address.kind === 'unix' ? end.address.path : null
    this.#add(step, index, { do: 'close', sock, path, hasUnread: false })
  }

  #look(step: ExperimentStep, index: number, sock: Sock): void {
    if (this.#closed.has(keyOf(sock)) || (sock.kind === 'bench' && this.#closed.has(sock.name))) {
      const text = `Step ${index + 1} asks the kernel of ${keyOf(sock)} after it was closed: without a descriptor only sock_diag(7) and /proc/net/tcp tell, and it is not looked at.`
      this.#add(step, index, { do: 'remark', text })
      return
    }
    if (step.act === 'look')
      this.#add(step, index, { do: 'look', sock, field: step.field, as: step.as ?? 'number' })
    else if (step.act === 'expect' && step.expectation.is === 'queue')
      this.#add(step, index, { do: 'queue', sock, length: step.expectation.length })
    else if (step.act === 'expect' && step.expectation.is === 'kernel')
      this.#add(step, index, { do: 'kernel', sock, fields: step.expectation.fields })
  }

  #stream(step: ExperimentStep, index: number, state: StreamState, isOwn: boolean): void {
    const { sock } = state
    const add = (doing: Doing): void => void (isOwn && this.#add(step, index, doing))
    switch (step.act) {
      case 'send': {
        count(state, step.payload)
        if (isOwn) this.#send(step, index, sock)
        return
      }
      case 'close':
        add({ do: 'close', sock, path: null, hasUnread: hasUnread(state) })
        return
      case 'reset':
      case 'shutdown':
      case 'unplug':
      case 'plug':
        add({ do: step.act, sock })
        return
      case 'pause':
      case 'resume':
        state.isPaused = step.act === 'pause'
        add({ do: step.act, sock })
        return
      case 'expect':
        return this.#expect(step, index, state, isOwn)
      case 'look':
        if (isOwn) this.#look(step, index, sock)
        return
      default:
        return // about no stream: taken elsewhere
    }
  }

  #expect(step: StepOf<'expect'>, index: number, state: StreamState, isOwn: boolean): void {
    const { expectation } = step
    const { sock } = state
    const add = (doing: Doing): void => void (isOwn && this.#add(step, index, doing))
    /** An act before it has seen that already. */
    const same = (): void => {
      const before = this.#acts.findLast((each) => 'sock' in each && keyOf(each.sock) === keyOf(sock))
      if (isOwn) before?.steps.push(index)
    }
    switch (expectation.is) {
      case 'text':
      case 'hex':
      case 'regex':
      case 'length': {
        const wanted = wantedOf(expectation)
        state.taken +=
          wanted.is === 'bytes' ? wanted.bytes.length : wanted.is === 'length' ? wanted.lengthBytes : NaN
        // A stream that is there has brought no bytes already.
        if (wanted.is === 'length' && wanted.lengthBytes === 0) return same()
        if (wanted.is === 'bytes' && wanted.bytes.length === 0) return same()
        return add({ do: 'read', sock, wanted })
      }
      case 'closed': {
        if (state.ended === expectation.how) return same()
        const isAfterFin = state.ended === 'fin'
        state.ended = expectation.how
        if (!expectation.isExact) state.taken = Infinity
        return add({ do: 'end', sock, how: expectation.how, isExact: expectation.isExact, isAfterFin })
      }
      case 'error':
        if (state.ended === 'reset' && expectation.code === 'ECONNRESET') return same()
        if (expectation.code === 'ECONNRESET') state.ended = 'reset'
        return add({ do: 'error', sock, code: expectation.code })
      case 'nothing':
        if (state.ended !== null) return same()
        return add({ do: 'silence', sock, isPaused: state.isPaused })
      case 'dialling': {
        const end = this.#stage.ends.get(step.at.name)
        const listener = end?.kind === 'dialled' ? this.#stage.listenerCalledBy(end) : null
        return add({ do: 'stillDialling', sock, calls: listener?.sock ?? null })
      }
      case 'queue':
      case 'kernel':
        if (isOwn) this.#look(step, index, sock)
    }
  }

  #datagram(step: ExperimentStep, index: number, sock: Sock, isConnected: boolean): void {
    switch (step.act) {
      case 'send': {
        const { endpoints } = this.#experiment
        if (!isConnected) {
          const to = step.to === null ? null : addressOf(step.to, endpoints)
          this.#add(step, index, { do: 'sendTo', sock, payload: step.payload, to })
          return
        }
        this.#send(step, index, sock)
        return
      }
      case 'close': {
        const end = this.#stage.ends.get(sock.name)
        const address = end?.address
        const isFile = address?.kind === 'unixgram' && end?.kind === 'datagram' && !end.isConnected
        this.#add(step, index, { do: 'close', sock, path: isFile ? address.path : null, hasUnread: false })
        return
      }
      case 'expect': {
        const { expectation } = step
        if (expectation.is === 'nothing') this.#add(step, index, { do: 'silence', sock, isPaused: false })
        else if (expectation.is === 'error')
          this.#add(step, index, { do: 'error', sock, code: expectation.code })
        else if (expectation.is === 'kernel' || expectation.is === 'queue') this.#look(step, index, sock)
        else if (expectation.is !== 'closed' && expectation.is !== 'dialling')
          this.#add(step, index, { do: 'readDatagram', sock, wanted: wantedOf(expectation), isConnected })
        return
      }
      case 'unplug':
      case 'plug':
        this.#add(step, index, { do: step.act, sock })
        return
      case 'look':
        this.#look(step, index, sock)
        return
      default:
        return // nothing that a datagram socket does
    }
  }

  /** A send, together with the error that the step behind it expects of it. */
  #send(step: StepOf<'send'>, index: number, sock: Sock): void {
    const fails = this.#failureAfter(step.at.name, index)
    const made = this.#add(step, index, {
      do: 'send',
      sock,
      payload: step.payload,
      fails: fails?.code ?? null,
    })
    if (fails === null) return
    this.#done.add(fails.at)
    made.steps.push(fails.at)
  }

  /** The error that the very next step about an endpoint expects. */
  #failureAfter(name: string, index: number): { readonly code: string; readonly at: number } | null {
    const next = this.#stage.nextAbout(name, index)
    if (next?.step.act !== 'expect' || next.step.expectation.is !== 'error') return null
    return { code: next.step.expectation.code, at: next.at }
  }

  /** One server by hand: it does not go before its callers have. */
  #leave(): void {
    const listener = this.#only === null ? undefined : this.#stage.listeners.get(this.#only)
    if (listener === undefined || listener.end.behaviour.is !== 'none') return
    for (const { sock, ended } of listener.callers) {
      const isGone = this.#acts.some(
        (each) => (each.do === 'close' || each.do === 'reset') && keyOf(each.sock) === keyOf(sock),
      )
      if (isGone || ended !== null) continue
      const last = this.#acts.at(-1)
      this.#acts.push({ do: 'untilGone', sock, steps: [...(last?.steps ?? [])], withinMs: 0 })
    }
  }
}
