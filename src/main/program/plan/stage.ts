import { type Experiment, type ExperimentStep } from '../../../shared/model/experiment'
import { fixed, type Address, type Words } from './addresses'
import { type DiallingEnd, type End, type ListeningEnd, type Sock } from './plan'

/** What is known of a stream while steps are gone through. */
export interface StreamState {
  readonly sock: Sock
  isPaused: boolean
  isPending: boolean
  /** How its peer has ended it, as steps have seen. */
  ended: 'fin' | 'reset' | null
  /** Bytes that it has sent, and that steps have taken of what came; NaN where that is not known. */
  sent: number
  taken: number
  /** How many bytes its listener's behaviour has answered it with; NaN where that is not known. */
  answered: number
  /** The listener that it has called. */
  calls: ListeningEnd | null
  /** The other end, where the experiment has it. */
  peer: StreamState | null
}

export interface ListenerState {
  readonly end: ListeningEnd
  readonly sock: Sock
  isListening: boolean
  /** Those who have called so far, in order. */
  readonly calls: (StreamState | null)[]
  /** Those that the program has in a variable, by their number less one. */
  readonly callers: StreamState[]
}

/** Who is open while the steps of an experiment are gone through on paper. */
export class Stage {
  readonly ends: ReadonlyMap<string, End>
  readonly listeners = new Map<string, ListenerState>()
  readonly streams = new Map<string, StreamState>()
  readonly #steps: readonly ExperimentStep[]

  constructor(ends: readonly End[], { steps }: Experiment) {
    this.ends = new Map(ends.map((each) => [each.name, each]))
    this.#steps = steps
  }

  /** The next step about an endpoint that expects something, where that is the very next about it; with its number. */
  nextAbout(name: string, from: number): { readonly step: ExperimentStep; readonly at: number } | null {
    for (let at = from + 1; at < this.#steps.length; at++) {
      const step = this.#steps[at]
      if (step !== undefined && 'at' in step && step.at.name === name) return { step, at }
    }
    return null
  }

  listen(end: ListeningEnd): ListenerState {
    const state: ListenerState = {
      end,
      sock: sockOf(end, null),
      isListening: true,
      calls: [],
      callers: [],
    }
    this.listeners.set(end.name, state)
    return state
  }

  dial(end: DiallingEnd): StreamState {
    const state = streamOf(sockOf(end, null))
    this.streams.set(end.name, state)
    const listener = this.listenerCalledBy(end)
    listener?.calls.push(state)
    state.calls = listener?.end ?? null
    return state
  }

  /** A listener's caller, as the program gets it into a variable. */
  take(listener: ListenerState): StreamState {
    const number = listener.callers.length + 1
    const state = streamOf(sockOf(listener.end, number))
    const peer = listener.calls[number - 1] ?? null
    if (peer !== null) {
      state.peer = peer
      peer.peer = state
    }
    listener.callers.push(state)
    return state
  }

  listenerCalledBy({ address }: DiallingEnd): ListenerState | null {
    return this.listenerAt(address)
  }

  listenerAt(address: Address): ListenerState | null {
    const open = [...this.listeners.values()].filter((each) => each.isListening)
    const key = keyOf(address)
    return (
      open.find(({ end }) =>
        key.some((each) => typeof each !== 'string' && 'of' in each && each.of === end.name),
      ) ??
      open.find(({ end }) => {
        const own = fixed(keyOf(end.address))
        return own !== null && own !== '0' && own !== '' && own === fixed(key)
      }) ??
      null
    )
  }
}

function keyOf(address: End['address']): Words {
  return address.kind === 'unix' ? address.path : address.kind === 'tcp' ? address.port : []
}

function streamOf(sock: Sock): StreamState {
  return {
    sock,
    isPaused: false,
    isPending: false,
    ended: null,
    sent: 0,
    taken: 0,
    answered: 0,
    calls: null,
    peer: null,
  }
}

/** Whether something may have come that no step has taken: close(2) would send RST. */
export function hasUnread({ sock, peer, taken, answered }: StreamState): boolean {
  const came = peer === null || peer.sock.isServed ? answered : peer.sent
  return !sock.isServed && !(came <= taken)
}

export function sockOf(end: End, caller: number | null): Sock {
  return {
    name: end.name,
    caller,
    kind:
      end.kind === 'datagram'
        ? 'datagram'
        : end.kind === 'listener' && caller === null
          ? 'listener'
          : 'stream',
    isUnix: end.address.kind === 'unix' || end.address.kind === 'unixgram',
    isDatagram: end.kind === 'datagram',
    isServed: end.kind !== 'dialled' && end.behaviour.is !== 'none',
    isOnlyEnd: end.kind === 'listener' && caller !== null && end.watched === 'ends',
  }
}
