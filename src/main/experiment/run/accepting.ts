import { type ExperimentStep } from '../../../shared/model/experiment'
import { type Reply } from '../../../shared/model/fault'
import { type ConnectionId, type SocketId } from '../../../shared/model/ids'
import { describeConnectionState } from '../../../shared/model/state'
import { formatDuration } from '../../../shared/wire/duration'
import { until, type Moment } from './moment'
import { failed, faulty, passed, type Done } from './outcome'

/** How often the accept queue is looked at: no event tells that somebody has joined it. */
const LOOK_MS = 20

/** One accept(2) of a listener; waits for a caller where there is none. */
export async function acceptStep(
  moment: Moment,
  { at }: Extract<ExperimentStep, { act: 'accept' }>,
): Promise<Done> {
  const { places } = moment
  const place = places.place(at.name)
  if (place?.kind !== 'listener' || place.id === null) return failed(`${at.name} does not listen.`)
  let reply: Reply<{ readonly connection: ConnectionId }> | null = null
  void places.ground.engine.accept(place.id).then((answer) => {
    reply = answer
    places.watch.notify()
  })
  const answer = await until(moment, (): Reply<{ readonly connection: ConnectionId }> | null => reply)
  if (answer === null)
    return failed(`Nobody has called ${at.name} within ${formatDuration(moment.withinMs)}.`)
  return answer.ok ? passed(`accepted ${answer.value.connection}`) : faulty(answer.fault)
}

/** So many wait in the accept queue, now or before the time is over. */
export async function expectQueue(moment: Moment, id: SocketId, wanted: number): Promise<Done> {
  const { places } = moment
  const now = () => {
    const summary = places.ground.engine.summary(id)
    return summary?.kind === 'listener' ? summary.queue : undefined
  }
  const looking = setInterval(() => places.watch.notify(), LOOK_MS)
  try {
    const done = await until(moment, (): Done | null => {
      const queue = now()
      if (queue === undefined) return failed('This system does not tell how many wait to be accepted.')
      return queue.length === wanted
        ? passed(`${queue.length} of ${queue.limit} wait`, String(queue.length))
        : null
    })
    const queue = now()
    return done ?? failed(`${queue?.length ?? 'none'} of ${queue?.limit ?? '?'} wait, expected ${wanted}.`)
  } finally {
    clearInterval(looking)
  }
}

/** The dial stays without an answer for as long as the step lasts. */
export async function expectNoAnswer(moment: Moment, id: ConnectionId): Promise<Done> {
  const done = await until(moment, (): Done | null => {
    const state = moment.places.connection(id)?.state
    if (state?.phase === 'dialling') return null
    return failed(
      `It is ${state === undefined ? 'gone' : describeConnectionState(state)}, expected no answer.`,
    )
  })
  return done ?? passed(`no answer within ${formatDuration(moment.withinMs)}`)
}
