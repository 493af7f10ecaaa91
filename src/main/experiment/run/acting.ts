import { type ExperimentStep } from '../../../shared/model/experiment'
import { type Reply } from '../../../shared/model/fault'
import { type ConnectionId } from '../../../shared/model/ids'
import { describeConnectionState, describeListenerState, describeUdpState } from '../../../shared/model/state'
import { type ConnectionSummary } from '../../../shared/model/summary'
import { formatDuration } from '../../../shared/wire/duration'
import { type Engine } from '../../engine/types'
import { acceptStep } from './accepting'
import { callStep, returnsStep } from './calling'
import { expectStep } from './expecting'
import { fileStep } from './files'
import { lookStep } from './looking'
import { until, type Moment } from './moment'
import { openStep } from './opening'
import { failed, faulty, passed, type Done } from './outcome'
import { type Places } from './places'
import { sendStep } from './sending'

/** Does one step. Never rejects but for a defect. */
export async function takeStep(places: Places, step: ExperimentStep, signal: AbortSignal): Promise<Done> {
  const waitMs = step.act === 'wait' ? step.forMs : step.withinMs
  const moment: Moment = { places, signal, withinMs: waitMs, deadlineMs: performance.now() + waitMs }
  switch (step.act) {
    case 'wait':
      await until(moment, () => null)
      return passed()
    case 'open':
      return openStep(moment, step)
    case 'send':
      return sendStep(moment, step)
    case 'expect':
      return expectStep(moment, step)
    case 'accept':
      return acceptStep(moment, step)
    case 'part':
      return passed()
    case 'look':
      return lookStep(moment, step)
    case 'unplug':
    case 'plug':
      return cableStep(moment, step)
    case 'unlink':
    case 'chmod':
      return fileStep(places, step)
    case 'call':
      return callStep(moment, step)
    case 'returns':
      return returnsStep(moment, step)
    default:
      return actOn(moment, step)
  }
}

async function cableStep(
  moment: Moment,
  { act, at }: Extract<ExperimentStep, { act: 'unplug' | 'plug' }>,
): Promise<Done> {
  const { places } = moment
  const id = await until(moment, () => places.stream(at))
  if (id === null)
    return failed(`There is no connection of ${at.name} within ${formatDuration(moment.withinMs)}.`)
  const isUnplugged = act === 'unplug'
  const done = places.ground.engine.unplug(id, isUnplugged)
  if (!done.ok) return faulty(done.fault)
  places.unplugged(id, isUnplugged)
  return passed(`${id} hears ${isUnplugged ? 'nothing any more' : 'again'}`)
}

type PlainStep = Extract<ExperimentStep, { act: 'close' | 'reset' | 'shutdown' | 'pause' | 'resume' }>

async function actOn(moment: Moment, { act, at }: PlainStep): Promise<Done> {
  const { places } = moment
  const { engine } = places.ground
  const place = places.place(at.name)
  if (act === 'close' && at.caller === null) {
    if (place?.kind === 'udp' && place.id !== null) {
      const closed = await engine.closeUdp(place.id)
      return closed.ok ? passed(describeUdpState(closed.value.state)) : faulty(closed.fault)
    }
    if (place?.kind === 'listener' && place.id !== null) {
      const closed = await engine.closeListener(place.id)
      return closed.ok ? passed(describeListenerState(closed.value.state)) : faulty(closed.fault)
    }
  }
  const id = await until(moment, () => places.stream(at))
  if (id === null)
    return failed(`There is no connection of ${at.name} within ${formatDuration(moment.withinMs)}.`)
  const state = places.connection(id)?.state
  if (act === 'close' && state?.phase === 'closed') return passed(describeConnectionState(state))
  return settled(moment, act, doTo(engine, act, id))
}

function doTo(engine: Engine, act: PlainStep['act'], id: ConnectionId): Promise<Reply<ConnectionSummary>> {
  switch (act) {
    case 'close':
      return engine.close(id)
    case 'reset':
      return engine.reset(id)
    case 'shutdown':
      return engine.halfClose(id)
    case 'pause':
      return Promise.resolve(engine.pause(id))
    case 'resume':
      return Promise.resolve(engine.resume(id))
  }
}

/** A peer that reads nothing holds up our FIN. */
async function settled(moment: Moment, act: string, asked: Promise<Reply<ConnectionSummary>>): Promise<Done> {
  let reply: Reply<ConnectionSummary> | null = null
  void asked.then((answer) => {
    reply = answer
    moment.places.watch.notify()
  })
  const answer = await until(moment, (): Reply<ConnectionSummary> | null => reply)
  if (answer === null)
    return failed(`${act} did not come to its end within ${formatDuration(moment.withinMs)}.`)
  if (!answer.ok) return faulty(answer.fault)
  const { state, isReadingPaused } = answer.value
  return passed(isReadingPaused ? 'reading paused' : describeConnectionState(state))
}
