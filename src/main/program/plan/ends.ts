import {
  type DatagramEndpoint,
  type Experiment,
  type ExperimentEndpoint,
  type ListeningEndpoint,
} from '../../../shared/model/experiment'
import { asksOf } from '../../../shared/model/socketOptions/asks'
import { parseEscapes } from '../../../shared/wire/escape'
import { parseImpairRules } from '../../behaviours/impairRules'
import { addressOf, type Address } from './addresses'
import { type Behaviour, type End, type Watched } from './plan'

/** The endpoints of an experiment as programs have them. @param only the one that the program is */
export function endsOf(experiment: Experiment, only: string | null): readonly End[] {
  const ends = experiment.endpoints.map((each) => endOf(each, experiment))
  // One that serves alone has nobody who looks.
  return only === null
    ? ends
    : ends.map((each) => (each.kind === 'listener' ? { ...each, watched: 'no' } : each))
}

function endOf(endpoint: ExperimentEndpoint, experiment: Experiment): End {
  const { name } = endpoint
  const address = addressOf(endpoint.address, experiment.endpoints)
  const family = 'family' in address ? (address.family ?? 4) : null
  switch (endpoint.kind) {
    case 'listener': {
      const { options } = endpoint
      const isTcp = address.kind === 'tcp'
      const asks = asksOf(options, isTcp ? 'tcpListener' : 'unixListener', family)
      return {
        kind: 'listener',
        name,
        address,
        asks: asks.filter((each) => each.name !== 'SO_REUSEADDR' && each.isForeign !== true),
        behaviour: behaviourOf(endpoint.behaviour, experiment),
        accept: options.accept ?? 'automatically',
        backlog: options.backlog ?? null,
        reuseAddress: isTcp && (asks.find((each) => each.name === 'SO_REUSEADDR')?.value ?? true) === true,
        accepted: asksOf(options.accepted ?? {}, isTcp ? 'tcp' : 'unix', family),
        watched: watchedOf(endpoint, experiment),
      }
    }
    case 'dialled': {
      const { localHost, localPort, ...options } = endpoint.options
      return {
        kind: 'dialled',
        name,
        address,
        asks: asksOf(options, address.kind === 'tcp' ? 'tcp' : 'unix', family),
        localHost: localHost ?? null,
        localPort: localPort ?? 0,
      }
    }
    case 'udp':
      return {
        kind: 'datagram',
        name,
        address,
        asks: asksOf(endpoint.options, address.kind === 'unixgram' ? 'unix' : kindOf(address), family),
        isConnected: endpoint.isConnected,
        behaviour: behaviourOf(endpoint.behaviour, experiment),
        isWatched: isWatched(endpoint, experiment),
      }
  }
}

const kindOf = ({ kind }: Address): 'raw' | 'udp' => (kind === 'raw' ? 'raw' : 'udp')

function behaviourOf(text: string, { endpoints }: Experiment): Behaviour {
  const name = text.trim()
  if (name.startsWith('proxy:')) return { is: 'proxy', to: addressOf(name.slice(6), endpoints) }
  if (name.startsWith('impair:')) {
    const [to = '', ...rules] = name.slice('impair:'.length).split(/\s+/)
    const parsed = parseImpairRules(rules)
    if (parsed.ok) return { is: 'impair', to: addressOf(to, endpoints), rules: parsed.value }
  }
  if (name.startsWith('reply:')) {
    const bytes = parseEscapes(text.trimStart().slice('reply:'.length))
    return { is: 'reply', bytes: bytes.ok ? bytes.value : new Uint8Array(0) }
  }
  return { is: name as Exclude<Behaviour['is'], 'proxy' | 'reply' | 'impair'> }
}

/** Whether steps are about what a behaviour's callers do. */
function watchedOf(endpoint: ListeningEndpoint, { steps }: Experiment): Watched {
  let watched: Watched = 'no'
  for (const step of steps) {
    if (!('at' in step) || step.at.name !== endpoint.name) continue
    if (step.act === 'open' || step.act === 'accept' || (step.act === 'close' && step.at.caller === null))
      continue
    if (
      step.act === 'expect' &&
      (step.expectation.is === 'queue' || step.expectation.is === 'error') &&
      step.at.caller === null
    )
      continue
    const isEnd =
      step.act === 'expect' &&
      step.expectation.is === 'closed' &&
      step.expectation.how === 'fin' &&
      !step.expectation.isExact
    // One who is served by the thread that accepts has none of its own to wait for.
    if (!isEnd || endpoint.options.accept === 'serially') return 'all'
    watched = 'ends'
  }
  return watched
}

function isWatched({ name }: DatagramEndpoint, { steps }: Experiment): boolean {
  return steps.some(
    (step) => step.act === 'expect' && step.at.name === name && step.expectation.is !== 'error',
  )
}
