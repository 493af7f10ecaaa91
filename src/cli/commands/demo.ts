import { openRecording as openSession } from '../../main/capture/index/opened'
import { overview } from '../../main/capture/overview'
import { type SocketOverview } from '../../main/capture/types'
import { makePlan } from '../../main/replay/plan'
import { formatEndpoint } from '../../shared/model/endpoint'
import { fault, FaultError } from '../../shared/model/fault'
import { type ConnectionId, type ListenerId } from '../../shared/model/ids'
import { describeDivergence } from '../../shared/model/replay'
import { describeConnectionState, describeListenerState } from '../../shared/model/state'
import { visibleText } from '../../shared/wire/escape'
import { exitCodes, type ExitCode } from '../exitCodes'
import { play as playPlan } from '../playing'
import { must } from '../must'
import { openRecording, type Recording } from '../recording'
import { type Terminal } from '../terminal'

export interface DemoOptions {
  readonly port: number
  readonly record?: string
  readonly json?: boolean
}

/** Loopback answers within a millisecond; past this something is wrong. */
const ANSWER_MS = 5000

interface Line {
  readonly who: string
  readonly what: string
  readonly isAsExpected: boolean
}

interface Caller {
  readonly name: string
  readonly id: ConnectionId
}

/** The phone call, played for real on loopback: each step is printed with its outcome, and the recording is checked at the end. */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<ExitCode> {
  const recording = await openRecording(options.record, terminal, 'phone-call.swb')
  const lines: Line[] = []
  const tell = async (who: string, what: string, isAsExpected = true): Promise<void> => {
    lines.push({ who, what, isAsExpected })
    if (options.json === true) return
    const mark = isAsExpected ? '' : terminal.paint('red', '   NOT AS EXPECTED')
    await terminal.stdout.line(`${who.padEnd(10)} ${what}${mark}`)
  }
  try {
    await play(recording, options.port, tell)
  } catch (error) {
    await recording.close()
    throw error
  }
  await recording.keep()
  await checkRecording(recording.file, tell)
  await playAgain(recording.file, terminal, tell)
  const isDone = lines.every((line) => line.isAsExpected)
  if (options.json === true)
    await terminal.stdout.line(JSON.stringify({ isDone, recording: recording.file, lines }))
  else await terminal.stdout.line(isDone ? 'All was as expected.' : 'Something was not as expected.')
  return isDone ? exitCodes.done : exitCodes.differed
}

type Tell = (who: string, what: string, isAsExpected?: boolean) => Promise<void>

async function play(recording: Recording, port: number, tell: Tell): Promise<void> {
  const { call } = recording
  const opened = await call('listener.open', { at: `tcp://127.0.0.1:${port}`, behaviour: 'upper' })
  if (opened.state.phase !== 'listening')
    throw new FaultError(failureOf(opened.state, 'The listener did not open.'))
  const url = formatEndpoint(opened.state.at)
  await tell('server', `${describeListenerState(opened.state)}, answers in upper case (${opened.id})`)

  const alice = await dialled(recording, 'alice', url, tell)
  await converse(recording, alice, 'hello, is anybody there?\n', tell)
  const bob = await dialled(recording, 'bob', url, tell)
  await converse(recording, bob, 'me too: gr\u00fc\u00dfe!\n', tell)
  await converse(recording, alice, 'one more thing\n', tell)
  await hangUp(recording, alice, tell)
  await hangUp(recording, bob, tell)
  await switchOff(recording, opened.id, tell)
}

async function dialled({ service, call }: Recording, name: string, url: string, tell: Tell): Promise<Caller> {
  const { id } = await call('connection.dial', { to: url })
  const { state } = must(await service.engine.dialled(id))
  if (state.phase !== 'open') throw new FaultError(failureOf(state, `${name} got no connection.`))
  await tell(name, `called ${formatEndpoint(state.remote)} from ${formatEndpoint(state.local)} (${id})`)
  return { name, id }
}

/** Says one thing and compares what comes back with what `upper` must make of it. */
async function converse(
  { service, call }: Recording,
  caller: Caller,
  words: string,
  tell: Tell,
): Promise<void> {
  const bytes = Buffer.from(words)
  const expected = Buffer.from(words.toUpperCase())
  const heard = new Promise<Buffer>((resolve) => {
    let all = Buffer.alloc(0)
    const timer = setTimeout(() => resolve(all), ANSWER_MS)
    service.engine.onReceived(caller.id, (chunk) => {
      all = Buffer.concat([all, chunk])
      if (all.length < expected.length) return
      clearTimeout(timer)
      resolve(all)
    })
  })
  await call('connection.send', { id: caller.id, bytes })
  await tell(caller.name, `said  "${visibleText(words)}"`)
  const answer = await heard
  service.engine.onReceived(caller.id, null)
  await tell(caller.name, `heard "${visibleText(answer.toString())}"`, answer.equals(expected))
}

async function hangUp({ call }: Recording, { name, id }: Caller, tell: Tell): Promise<void> {
  const { state } = await call('connection.close', { id })
  await tell(
    name,
    `hung up: ${describeConnectionState(state)}`,
    state.phase === 'closed' && state.how === 'fin',
  )
}

async function switchOff({ call }: Recording, id: ListenerId, tell: Tell): Promise<void> {
  const { state } = await call('listener.close', { id })
  await tell('server', `switched off: ${describeListenerState(state)}`, state.phase === 'closed')
}

/** Reads the file back: both ends of each call must have carried the same number of bytes, and the file must be whole. */
async function checkRecording(file: string, tell: Tell): Promise<void> {
  const found = must(await overview(file))
  const connections = found.sockets.filter(({ id }) => id.startsWith('C'))
  const sum = (of: (each: SocketOverview) => number): number =>
    connections.reduce((total, each) => total + of(each), 0)
  const isWhole = found.tornBytes === 0 && connections.length === 4
  const isBalanced =
    sum((each) => each.inBytes) === sum((each) => each.outBytes) && sum((each) => each.inBytes) > 0
  const counts = `${connections.length} connection ends, ${sum((each) => each.outBytes)} bytes sent, ${sum((each) => each.inBytes)} received`
  await tell('recording', `${file}: ${counts}`, isWhole && isBalanced)
}

/** Opens the file and plays both sides of each call against each other: all must be as it was. */
async function playAgain(file: string, terminal: Terminal, tell: Tell): Promise<void> {
  const session = must(await openSession(file))
  try {
    const plan = must(await makePlan(session, null))
    const options = { role: 'both', at: null, speed: 'max', wait: 'peer' } as const
    const { equal, verdicts, isEqual, divergence } = await playPlan(plan, options, { terminal })
    const first = divergence === null ? '' : `; ${divergence.connection}: ${describeDivergence(divergence)}`
    await tell(
      'replay',
      `played again, both sides: ${equal} of ${verdicts.length} connection ends equal${first}`,
      isEqual,
    )
  } finally {
    await session.close()
  }
}

function failureOf(
  state: { readonly phase: string; readonly fault?: FaultError['fault'] | undefined },
  otherwise: string,
): FaultError['fault'] {
  return state.fault ?? fault('SB_STATE', otherwise)
}
