import { callerOf, formatEndpoint, isDatagramEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import {
  type DatagramEndpoint,
  type DiallingEndpoint,
  type ExperimentStep,
  type ListeningEndpoint,
} from '../../../shared/model/experiment'
import { type Fault } from '../../../shared/model/fault'
import { type ConnectionId } from '../../../shared/model/ids'
import { describeUdpState } from '../../../shared/model/state'
import { formatDuration } from '../../../shared/wire/duration'
import { parseBehaviour, parseDatagramBehaviour } from '../../behaviours/behaviours'
import { mayRefer, resolveAddress, withValues } from '../references'
import { until, type Moment } from './moment'
import { failed, faulty, passed, type Done } from './outcome'

type OpenStep = Extract<ExperimentStep, { act: 'open' }>

/** Opens an endpoint and waits until it listens, is bound or is connected. */
export async function openStep(moment: Moment, step: OpenStep): Promise<Done> {
  const { places } = moment
  const { name } = step.at
  const endpoint = places.endpoint(name)
  if (endpoint === undefined) return failed(`There is no endpoint ${name}.`)
  const address = resolveAddress(endpoint.address, (other, part) => places.valueOf(other, part))
  if (!address.ok) return faulty(address.fault)
  switch (endpoint.kind) {
    case 'listener':
      return listen(moment, step, endpoint, address.value)
    case 'dialled':
      return dial(moment, step, endpoint, address.value)
    case 'udp':
      return bind(moment, step, endpoint, address.value)
  }
}

/** A failure, which is left to a later step where that expects one. */
function failure({ mayFail }: OpenStep, fault: Fault): Done {
  return mayFail ? passed(`failed: ${fault.code}`) : faulty(fault)
}

async function listen(
  moment: Moment,
  step: OpenStep,
  endpoint: ListeningEndpoint,
  at: Endpoint,
): Promise<Done> {
  const { places } = moment
  const { behaviour: named } = endpoint
  const behaviour = parseBehaviour(withReferences(moment, named))
  if (!behaviour.ok) return faulty(behaviour.fault)
  const reply = await places.ground.engine.listen(at, behaviour.value, endpoint.options)
  const callers: ConnectionId[] = []
  if (!reply.ok) {
    places.put(endpoint.name, { kind: 'listener', id: null, bound: null, fault: reply.fault, callers })
    return failure(step, reply.fault)
  }
  const { id, state } = reply.value
  const bound = 'at' in state ? state.at : at
  places.put(endpoint.name, { kind: 'listener', id, bound, fault: null, callers })
  return passed(`${id} listening on ${formatEndpoint(bound)}`)
}

/** A behaviour with the values that its references stand for. */
function withReferences({ places }: Moment, named: string): string {
  return mayRefer(named) ? withValues(named, (other, part) => places.valueOf(other, part)) : named
}

async function dial(moment: Moment, step: OpenStep, endpoint: DiallingEndpoint, to: Endpoint): Promise<Done> {
  const { places, withinMs } = moment
  const { engine } = places.ground
  const before = acceptedBy(moment, to)
  const reply = engine.dial(to, endpoint.options)
  if (!reply.ok) {
    places.put(endpoint.name, { kind: 'dialled', id: null, bound: null, fault: reply.fault })
    return failure(step, reply.fault)
  }
  const { id } = reply.value
  places.put(endpoint.name, { kind: 'dialled', id, bound: null, fault: null })
  const state = await until(moment, () => {
    const now = places.connection(id)?.state
    return now === undefined || now.phase === 'dialling' ? null : now
  })
  if (state === null) {
    if (step.mayFail) return passed(`${id} still dialling`)
    await engine.reset(id)
    return failed(`${formatEndpoint(to)} did not answer within ${formatDuration(withinMs)}.`)
  }
  if (state.phase === 'failed') return failure(step, state.fault)
  // A listener of ours hears of its caller a moment later: by then a step may name the caller.
  await until(moment, () =>
    acceptedBy(moment, to) > before || !isAcceptedAtOnce(moment, state.remote) ? true : null,
  )
  return passed(`${id} connected to ${formatEndpoint(state.remote)} from ${formatEndpoint(state.local)}`)
}

/** Whether it was a listener of ours that is called, which accepts by itself. */
function isAcceptedAtOnce({ places }: Moment, remote: Endpoint): boolean {
  const id = places.listenerAt(remote)?.id ?? null
  const summary = id === null ? null : places.ground.engine.summary(id)
  return summary?.kind === 'listener' && (summary.accept ?? 'automatically') === 'automatically'
}

function acceptedBy({ places }: Moment, to: Endpoint): number {
  return places.listenerAt(to)?.callers.length ?? 0
}

async function bind(
  moment: Moment,
  step: OpenStep,
  endpoint: DatagramEndpoint,
  address: Endpoint,
): Promise<Done> {
  const { places } = moment
  const { engine } = places.ground
  const behaviour = parseDatagramBehaviour(withReferences(moment, endpoint.behaviour))
  if (!behaviour.ok) return faulty(behaviour.fault)
  const at = endpoint.isConnected && isDatagramEndpoint(address) ? callerOf(address) : address
  const reply = await engine.bindUdp(at, endpoint.options)
  if (!reply.ok) {
    places.put(endpoint.name, {
      kind: 'udp',
      id: null,
      bound: null,
      fault: reply.fault,
      nextRow: 0,
      nextFailure: 0,
    })
    return failure(step, reply.fault)
  }
  const { id } = reply.value
  engine.onReceived(id, () => places.watch.notify())
  if (behaviour.value.name !== 'none') engine.behaveUdp(id, behaviour.value)
  const connected = endpoint.isConnected ? await engine.connectUdp(id, address) : reply
  const summary = connected.ok ? connected.value : reply.value
  const bound = 'at' in summary.state ? summary.state.at : at
  const fault = connected.ok ? null : connected.fault
  places.put(endpoint.name, { kind: 'udp', id, bound, fault, nextRow: 0, nextFailure: 0 })
  return fault === null ? passed(`${id} ${describeUdpState(summary.state)}`) : failure(step, fault)
}
