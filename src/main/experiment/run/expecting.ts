import { type Expectation, type ExperimentStep } from '../../../shared/model/experiment'
import { type ConnectionId } from '../../../shared/model/ids'
import { describeConnectionState } from '../../../shared/model/state'
import { formatDuration } from '../../../shared/wire/duration'
import { visibleText } from '../../../shared/wire/escape'
import { expectNoAnswer, expectQueue } from './accepting'
import { expectDatagram, expectUdpError, expectUdpSilence } from './datagrams'
import { endOfMatch } from './matching'
import { expectKernel } from './looking'
import { until, type Moment } from './moment'
import {
  contextFrom,
  differenceAt,
  failed,
  faulty,
  firstDifference,
  passed,
  SHOWN_BYTES,
  type Done,
} from './outcome'
import { bytesIn, ifUnrecorded, untilRecorded } from './reading'
import { expectedText } from '../text'

/** An expression sees no more than what one read gives. */
const MAX_SEARCHED_BYTES = 256 * 1024

/** Waits for what a step expects, and says how it came. */
export async function expectStep(
  moment: Moment,
  step: Extract<ExperimentStep, { act: 'expect' }>,
): Promise<Done> {
  const { places } = moment
  const { expectation } = step
  if (expectation.is === 'kernel') return expectKernel(moment, step.at, expectation.fields)
  const place = places.place(step.at.name)
  if (place === undefined) return failed(`${step.at.name} is not open.`)
  if (place.kind === 'udp') {
    if (place.id === null) return expectFailure(place.fault?.code ?? null, expectation)
    if (expectation.is === 'error') return expectUdpError(moment, place, expectation.code)
    if (expectation.is === 'nothing') return expectUdpSilence(moment, place)
    return expectDatagram(moment, place, expectation)
  }
  if (place.id === null) return expectFailure(place.fault?.code ?? null, expectation)
  if (expectation.is === 'queue') return expectQueue(moment, place.id, expectation.length)
  const id = await until(moment, () => places.stream(step.at))
  if (id === null) {
    const who = step.at.caller === null ? 'Nobody' : `No caller ${step.at.caller}`
    return failed(`${who} has called ${step.at.name} within ${formatDuration(moment.withinMs)}.`)
  }
  switch (expectation.is) {
    case 'text':
    case 'hex':
      return expectBytes(moment, id, expectation.bytes)
    case 'length':
      return expectLength(moment, id, expectation.lengthBytes)
    case 'regex':
      return expectRegex(moment, id, expectation)
    case 'closed':
      return expectEnd(moment, id, expectation)
    case 'error':
      return expectError(moment, id, expectation.code)
    case 'nothing':
      return expectSilence(moment, id)
    case 'dialling':
      return expectNoAnswer(moment, id)
  }
}

/** Of what never opened. */
function expectFailure(code: string | null, expectation: Expectation): Done {
  if (expectation.is !== 'error') return failed(`It did not open: ${code ?? 'unknown'}.`)
  return expectation.code === code
    ? passed()
    : failed(`It failed with ${code ?? 'nothing'}, expected ${expectation.code}.`)
}

/** What is there of a stream that no step has taken. */
interface Untaken {
  readonly start: number
  readonly available: number
  /** The end after which no more can come, in words; null while there may, and where nobody records any more what came before it. */
  readonly end: string | null
}

function look({ places }: Moment, id: ConnectionId): Untaken {
  const state = places.connection(id)?.state
  const isOver =
    state === undefined ||
    state.phase === 'closed' ||
    state.phase === 'failed' ||
    (state.phase === 'halfClosed' && state.by === 'remote')
  const isKnown = isOver && ifUnrecorded(places.ground) === null
  const start = places.takenOf(id)
  const available = places.ground.capture.size(id).inBytes - start
  return {
    start,
    available,
    end: isKnown ? (state === undefined ? 'gone' : describeConnectionState(state)) : null,
  }
}

async function expectBytes(moment: Moment, id: ConnectionId, wanted: Uint8Array): Promise<Done> {
  const { ground } = moment.places
  let checked = 0
  const done = await untilRecorded(moment, async (): Promise<Done | null> => {
    const { start, available, end } = look(moment, id)
    while (checked < Math.min(available, wanted.length)) {
      const read = await bytesIn(ground, id, start + checked, start + Math.min(available, wanted.length))
      if (!read.ok) return faulty(read.fault)
      if (read.value.length === 0) return failed('What came in cannot be read from the recording.')
      const differs = firstDifference(read.value, wanted.subarray(checked))
      if (differs >= 0) {
        return departure(
          moment,
          id,
          wanted,
          checked + differs,
          available,
          `Byte ${checked + differs} is another than expected.`,
        )
      }
      checked += read.value.length
    }
    if (checked === wanted.length) {
      moment.places.take(id, start + checked)
      return passed(`${checked} B`)
    }
    return end === null
      ? null
      : departure(
          moment,
          id,
          wanted,
          checked,
          available,
          `${checked} of ${wanted.length} bytes came, and then its end: ${end}.`,
        )
  })
  if (done !== null) return done
  const { available } = look(moment, id)
  const summary = `${checked} of ${wanted.length} bytes came within ${formatDuration(moment.withinMs)}.`
  return departure(moment, id, wanted, checked, available, summary)
}

/** A failure with what came around the place. */
async function departure(
  { places }: Moment,
  id: ConnectionId,
  wanted: Uint8Array,
  offset: number,
  available: number,
  summary: string,
): Promise<Done> {
  const start = places.takenOf(id)
  const from = start + contextFrom(offset)
  const actual = await bytesIn(places.ground, id, from, Math.min(start + available, from + SHOWN_BYTES))
  return actual.ok
    ? failed(summary, differenceAt(offset, wanted, actual.value, available))
    : faulty(actual.fault)
}

async function expectLength(moment: Moment, id: ConnectionId, lengthBytes: number): Promise<Done> {
  const done = await untilRecorded(moment, (): Done | null => {
    const { start, available, end } = look(moment, id)
    if (available >= lengthBytes) {
      moment.places.take(id, start + lengthBytes)
      return passed(`${lengthBytes} B`)
    }
    return end === null
      ? null
      : failed(`${available} of ${lengthBytes} bytes came, and then its end: ${end}.`)
  })
  return (
    done ??
    failed(
      `${look(moment, id).available} of ${lengthBytes} bytes came within ${formatDuration(moment.withinMs)}.`,
    )
  )
}

async function expectRegex(
  moment: Moment,
  id: ConnectionId,
  { source, flags, written }: Extract<Expectation, { is: 'regex' }>,
): Promise<Done> {
  const nothing = new Uint8Array(0)
  const done = await untilRecorded(moment, async (): Promise<Done | null> => {
    const { start, available, end } = look(moment, id)
    const read = await bytesIn(
      moment.places.ground,
      id,
      start,
      start + Math.min(available, MAX_SEARCHED_BYTES),
    )
    if (!read.ok) return faulty(read.fault)
    const matched = endOfMatch(source, flags, read.value)
    if (matched === null) return failed(`/${written}/ takes too long: it goes round in circles on what came.`)
    if (matched >= 0) {
      moment.places.take(id, start + matched)
      const text = visibleText(new TextDecoder().decode(read.value.subarray(0, matched)))
      return passed(`${matched} B`, text)
    }
    return end === null
      ? null
      : departure(
          moment,
          id,
          nothing,
          0,
          available,
          `Nothing that came fits /${written}/, and then its end: ${end}.`,
        )
  })
  if (done !== null) return done
  const { available } = look(moment, id)
  return departure(
    moment,
    id,
    nothing,
    0,
    available,
    `Nothing that came within ${formatDuration(moment.withinMs)} fits /${written}/.`,
  )
}

async function expectEnd(
  moment: Moment,
  id: ConnectionId,
  expectation: Extract<Expectation, { is: 'closed' }>,
): Promise<Done> {
  const { how, isExact } = expectation
  const state = (): Done | null => {
    const now = moment.places.connection(id)?.state
    if (now === undefined || now.phase === 'failed') return failed('It never was open.')
    const hasFinished = now.phase === 'halfClosed' && now.by === 'remote'
    if (hasFinished && how === 'fin') return passed()
    if (now.phase !== 'closed') return null
    return now.how === how
      ? passed()
      : failed(`Its end was ${describeConnectionState(now)}, expected ${how}.`)
  }
  const done = await until(moment, state)
  if (done === null) {
    const now = moment.places.connection(id)?.state
    const is = now === undefined ? 'gone' : describeConnectionState(now)
    return failed(
      `After ${formatDuration(moment.withinMs)} it is still ${is}; expected ${expectedText(expectation)}.`,
    )
  }
  const { available } = look(moment, id)
  if (!done.ok || !isExact) return done
  if (available === 0) return ifUnrecorded(moment.places.ground) ?? done
  const more = `${available} more ${available === 1 ? 'byte' : 'bytes'} came before its end than the steps expect.`
  return departure(moment, id, new Uint8Array(0), 0, available, more)
}

async function expectError(moment: Moment, id: ConnectionId, code: string): Promise<Done> {
  const done = await until(moment, (): Done | null => {
    const state = moment.places.connection(id)?.state
    if (state?.phase !== 'failed' && state?.phase !== 'closed') return null
    const { fault } = state
    if (fault?.code === code) return passed()
    return failed(`It is ${describeConnectionState(state)}, expected ${code}.`)
  })
  return done ?? failed(`There was no error within ${formatDuration(moment.withinMs)}, expected ${code}.`)
}

async function expectSilence(moment: Moment, id: ConnectionId): Promise<Done> {
  const before = look(moment, id).end
  const done = await untilRecorded(moment, async (): Promise<Done | null> => {
    const { available, end } = look(moment, id)
    if (available > 0)
      return departure(moment, id, new Uint8Array(0), 0, available, `${available} B came, expected nothing.`)
    return end === null || end === before ? null : failed(`Its end came (${end}), expected nothing.`)
  })
  return done ?? passed(`nothing within ${formatDuration(moment.withinMs)}`)
}
