import { type Expectation, type Payload } from '../../../shared/model/experiment'
import { Upper } from '../../behaviours/upper'
import { type Address } from './addresses'
import { type Act, type Behaviour, type Wanted } from './plan'
import { type StreamState } from './stage'

export function wantedOf(
  expectation: Extract<Expectation, { is: 'text' | 'hex' | 'length' | 'regex' }>,
): Wanted {
  switch (expectation.is) {
    case 'text':
    case 'hex':
      return { is: 'bytes', bytes: expectation.bytes }
    case 'length':
      return { is: 'length', lengthBytes: expectation.lengthBytes }
    case 'regex': {
      const { written, source, flags } = expectation
      return { is: 'match', written, source, flags }
    }
  }
}

/** Counts what a stream sends, and what a behaviour will answer. */
export function count(state: StreamState, payload: Payload): void {
  const lengthBytes = payload.is === 'file' ? NaN : payload.bytes.length
  state.sent += lengthBytes
  if (state.calls !== null) state.answered += answerLength(state.calls.behaviour, payload)
}

function answerLength({ is }: Behaviour, payload: Payload): number {
  if (is === 'none' || is === 'discard') return 0
  if (payload.is === 'file') return NaN
  return is === 'echo' ? payload.bytes.length : is === 'upper' ? new Upper().push(payload.bytes).length : NaN
}

export function addressesIn(act: Act): readonly Address[] {
  if (act.do === 'call') return act.addresses
  if (act.do === 'file') return [{ kind: 'unix', path: act.path }]
  return act.do === 'sendTo' && act.to !== null ? [act.to] : []
}

/** A part of which this side does nothing is not told. */
export function withoutEmptyParts(acts: readonly Act[]): readonly Act[] {
  return acts.filter((each, at) => each.do !== 'part' || (acts[at + 1]?.do ?? 'part') !== 'part')
}
