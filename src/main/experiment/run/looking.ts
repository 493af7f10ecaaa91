import {
  type EndpointName,
  type ExperimentStep,
  type KernelExpectation,
} from '../../../shared/model/experiment'
import { type SocketId } from '../../../shared/model/ids'
import {
  formatKernelTime,
  TCP_CLOSE,
  tcpStateName,
  timerName,
  type KernelValues,
} from '../../../shared/model/kernel'
import { type KernelField, kernelFields } from '../../../shared/model/kernelFields'
import { formatCount } from '../../../shared/model/units'
import { formatDuration } from '../../../shared/wire/duration'
import { lookUpTcp, lookUpTcpInTable } from '../../engine/kernel/sockDiag'
import { expectedText } from '../text'
import { until, type Moment } from './moment'
import { failed, passed, type Done } from './outcome'

/** How often the kernel is asked while a step waits: no event tells that a number has changed. */
const LOOK_MS = 5

/** Reads one number of the kernel's. */
export async function lookStep(
  moment: Moment,
  { at, field }: Extract<ExperimentStep, { act: 'look' }>,
): Promise<Done> {
  // A listener is asked itself; else whoever the name stands for.
  const id = await until(moment, () => moment.places.socketOf(at))
  if (id === null) return failed(`There is no socket of ${at.name} to be asked.`)
  const number = (await valuesOf(moment, id))[field]
  const name = kernelFields[field].name
  if (number === undefined) return failed(`The kernel does not tell ${name} of ${id}.`)
  return passed(`${name} ${kernelText(field, number)}`, measuredText(field, number))
}

/** Waits until numbers of the kernel's are as expected. */
export async function expectKernel(
  moment: Moment,
  at: EndpointName,
  fields: readonly KernelExpectation[],
): Promise<Done> {
  const id = await until(moment, () => moment.places.socketOf(at))
  if (id === null) return failed(`There is no socket of ${at.name} to be asked.`)
  const looking = setInterval(() => moment.places.watch.notify(), LOOK_MS)
  try {
    let now: KernelValues = {}
    const isSo = await until(moment, async () => {
      now = await valuesOf(moment, id)
      return fields.every((each) => fits(now, each)) ? true : null
    })
    const text = fields.map(({ field }) => `${kernelFields[field].name} ${textOf(now, field)}`).join(', ')
    if (isSo !== null) return passed(text, measured(now, fields[0]))
    const expected = expectedText({ is: 'kernel', fields })
    return failed(`After ${formatDuration(moment.withinMs)} it is ${text}; expected ${expected}.`)
  } finally {
    clearInterval(looking)
  }
}

/** What the kernel tells of a socket. Of a TCP connection also which timer runs, and what is left of it when its descriptor is gone. */
async function valuesOf({ places }: Moment, id: SocketId): Promise<KernelValues> {
  const reading = places.ground.engine.readKernel(id)
  const ends = places.endsOf(id)
  if (ends === null) return reading?.values ?? {}
  const found = lookUpTcp(...ends) ?? (await lookUpTcpInTable(...ends))
  if (found === 'gone') return reading?.values ?? { state: TCP_CLOSE }
  return { ...found, ...reading?.values }
}

/** Of several the first is what the step came to. */
function measured(values: KernelValues, first: KernelExpectation | undefined): string {
  const number = first === undefined ? undefined : values[first.field]
  return first === undefined || number === undefined ? '' : measuredText(first.field, number)
}

function textOf(values: KernelValues, field: KernelField): string {
  const number = values[field]
  return number === undefined ? 'not told' : kernelText(field, number)
}

function fits(values: KernelValues, { field, how, number }: KernelExpectation): boolean {
  const now = values[field]
  if (now === undefined) return false
  switch (how) {
    case '=':
      return now === number
    case '>':
      return now > number
    case '>=':
      return now >= number
    case '<':
      return now < number
    case '<=':
      return now <= number
  }
}

/** For people who read it in a text: a time in the unit that suits. */
function measuredText(field: KernelField, number: number): string {
  const { unit } = kernelFields[field]
  return unit === 'micros' || unit === 'millis' ? formatKernelTime(number, unit) : kernelText(field, number)
}

/** A number with its unit, as expectations have it. */
function kernelText(field: KernelField, number: number): string {
  switch (kernelFields[field].unit) {
    case 'state':
      return tcpStateName(number)
    case 'timer':
      return timerName(number)
    case 'micros':
      return `${formatCount(number)} µs`
    case 'millis':
      return `${formatCount(number)} ms`
    case 'bytesPerSecond':
      return `${formatCount(number)} B/s`
    case 'id':
      return String(number)
    default:
      return formatCount(number)
  }
}
