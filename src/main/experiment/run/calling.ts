import { type BenchCall } from '../../../shared/model/bench'
import { type CallExpectation, type ExperimentStep, TIMEOUT_ERROR } from '../../../shared/model/experiment'
import { formatCount } from '../../../shared/model/units'
import { formatDuration } from '../../../shared/wire/duration'
import { until, type Moment } from './moment'
import { failed, faulty, passed, type Done } from './outcome'
import { type Places } from './places'

type CallStep = Extract<ExperimentStep, { act: 'call' }>
type ReturnsStep = Extract<ExperimentStep, { act: 'returns' }>

/** A call that is made again and again gives up after so many. */
const MOST_REPEATED = 100_000

/** A thread that has not entered the kernel by then will not. */
const MOST_LATE_MS = 5000

/** Makes one call on the run's bench, and waits until it returns, or to the end of the step. */
export async function callStep(moment: Moment, step: CallStep): Promise<Done> {
  if (step.expected?.is === 'until') return repeat(moment, step, step.expected.code)
  const { places } = moment
  const { bench } = places
  const act = bench.actOf(step.of, (name, part) => places.valueOf(name, part))
  if (!act.ok) return faulty(act.fault)
  // Asked before it may be closed by this call: an address can be spoken of afterwards.
  if ('on' in step.of) bench.boundOf(step.of.on)
  const begun = bench.begin(act.value)
  if (!begun.ok) return faulty(begun.fault)
  const { number } = begun.value
  const call =
    step.expected?.is === 'blocks' ? await whileBlocked(moment, number) : await returned(moment, number)
  if (call !== null) {
    nameSocket(places, step.names, call)
    return { ...judged(call, step.expected), tookMs: call.tookNanos / 1e6 }
  }
  const entry = bench.entry(number)
  const waits = entry?.state === 'blocked' ? entry.of.waitsFor : 'it has not begun'
  if (step.expected?.is === 'blocks' && entry?.state === 'blocked' && 'on' in step.of) {
    bench.blocks(step.of.on, { number, names: step.names })
    return passed(`blocks in ${entry.of.system}: ${waits}`)
  }
  bench.cancel(number)
  return failed(`It has not returned within ${formatDuration(moment.withinMs)}: ${waits}.`)
}

/** The call, if it returns before it has blocked for the step's time: that counts from where the kernel was asked, by a thread that had to begin. */
async function whileBlocked(moment: Moment, number: number): Promise<BenchCall | null> {
  const { places, signal, withinMs } = moment
  const leftMs = (): number => {
    const entry = places.bench.entry(number)
    const hasEntered = entry?.state === 'blocked' && entry.of.system !== ''
    return withinMs - (hasEntered ? entry.forNanos / 1e6 : 0)
  }
  const giveUpMs = moment.deadlineMs + MOST_LATE_MS
  let call = await returned(moment, number)
  for (let left = leftMs(); call === null && left > 0 && !signal.aborted; left = leftMs()) {
    const deadlineMs = performance.now() + left
    if (deadlineMs > giveUpMs) break
    call = await returned({ ...moment, deadlineMs }, number)
  }
  return call
}

/** Waits for the call that blocked on a socket. */
export async function returnsStep(moment: Moment, step: ReturnsStep): Promise<Done> {
  const { places } = moment
  const blocked = places.bench.takeBlocked(step.on)
  if (blocked === null) return failed(`No call blocks on ${step.on}.`)
  const call = await returned(moment, blocked.number)
  if (call === null) return failed(`It has not returned within ${formatDuration(moment.withinMs)}.`)
  nameSocket(places, blocked.names, call)
  return { ...judged(call, step.expected), names: blocked.names, tookMs: call.tookNanos / 1e6 }
}

async function repeat(moment: Moment, step: CallStep, code: string): Promise<Done> {
  const { places } = moment
  const { bench } = places
  let sum = 0
  for (let count = 0; count < MOST_REPEATED; count++) {
    const act = bench.actOf(step.of, (name, part) => places.valueOf(name, part))
    if (!act.ok) return faulty(act.fault)
    const begun = bench.begin(act.value)
    if (!begun.ok) return faulty(begun.fault)
    const call = await returned(moment, begun.value.number)
    if (call === null) {
      bench.cancel(begun.value.number)
      return failed(
        `After ${count} calls it did not return within the step's ${formatDuration(moment.withinMs)}.`,
      )
    }
    if (call.errno === code)
      return passed(`${count} calls, ${formatCount(sum)} in all, then ${code}`, formatCount(sum))
    if (call.isRaised) return failed(`It raised ${call.gave} after ${count} calls, expected ${code}.`)
    sum += call.returned ?? 0
    if (moment.signal.aborted) return failed('Stopped.')
  }
  return failed(`${code} did not come in ${MOST_REPEATED} calls.`)
}

function returned(moment: Moment, number: number): Promise<BenchCall | null> {
  return until(moment, () => {
    const entry = moment.places.bench.entry(number)
    return entry?.state === 'done' ? entry.of : null
  })
}

function nameSocket(
  { bench }: Places,
  [name]: readonly string[],
  { call, socket, isRaised }: BenchCall,
): void {
  const isMade = (call === 'socket' || call === 'accept') && !isRaised
  if (isMade && name !== undefined && socket !== null) bench.named(name, socket)
}

/** The error of a timeout that is over, and not ETIMEDOUT, which is a TimeoutError too, with its errno. */
function isTimeout(gave: string, code: string): boolean {
  return code === TIMEOUT_ERROR && gave === `${TIMEOUT_ERROR}: timed out`
}

/** What a call gave against what was expected. */
function judged(call: BenchCall, expected: CallExpectation | null): Done {
  const { gave, isRaised, errno } = call
  const came = isRaised ? `It raised ${gave}` : `It gave ${gave}`
  switch (expected?.is) {
    case undefined:
      return isRaised ? failed(`${came}.`) : passed(gave, gave)
    case 'gives':
      return !isRaised && gave === expected.text
        ? passed(gave, gave)
        : failed(`${came}, expected ${expected.text}.`)
    case 'raises':
      return isRaised && (errno === expected.code || isTimeout(gave, expected.code))
        ? passed(gave, expected.code)
        : failed(`${came}, expected ${expected.code}.`)
    default:
      return failed(`${came}, expected it to block.`)
  }
}
