import { writeFile } from 'node:fs/promises'
import { openRecording } from '../../main/capture/index/opened'
import { diskFault } from '../../main/capture/diskFault'
import { makePlan } from '../../main/replay/plan'
import { parseEndpoint, type Endpoint } from '../../shared/model/endpoint'
import { fault, FaultError } from '../../shared/model/fault'
import { isSocketId, type SocketId } from '../../shared/model/ids'
import { type ReplayRole, type ReplaySpeed, type ReplayWait } from '../../shared/model/replay'
import { parseReplayMask } from '../../shared/wire/replayMask'
import { parseSendRules } from '../../shared/wire/replayRules'
import { replayJunit, replayObject, replayText } from '../../shared/wire/replayReport'
import { exitCodes, type ExitCode } from '../exitCodes'
import { play } from '../playing'
import { must } from '../must'
import { type Terminal } from '../terminal'

export interface ReplayOptions {
  readonly as: ReplayRole
  readonly target?: string
  readonly listen?: string
  readonly connection?: readonly string[]
  readonly speed: ReplaySpeed
  readonly wait: ReplayWait
  /** In seconds. */
  readonly patience: number
  readonly mask?: readonly string[]
  readonly capture?: readonly string[]
  readonly set?: readonly string[]
  readonly json?: boolean
  readonly junit?: string
  readonly record?: string
}

/**
 * Plays a recording, compares what comes with what was recorded, and tells what differs.
 * @param shown what the file is called
 */
export async function replay(
  file: string,
  shown: string,
  options: ReplayOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const at = addressOf(options)
  const ids = options.connection?.map(idOf) ?? null
  const masks = options.mask?.map((text) => must(parseReplayMask(text))) ?? []
  const rules = must(parseSendRules(options.capture ?? [], options.set ?? []))
  const session = must(await openRecording(file, { signal: terminal.interrupt }))
  try {
    const plan = must(await makePlan(session, ids))
    const { as: role, speed, wait, patience } = options
    const played = await play(
      plan,
      { role, at, speed, wait, patienceMs: patience * 1000, masks, rules },
      {
        record: options.record,
        terminal,
        onListening: (url) =>
          terminal.stdout.line(
            options.json === true ? JSON.stringify({ event: 'listening', url }) : `listening on ${url}`,
          ),
      },
    )
    const report = { ...played, session: shown }
    if (options.junit !== undefined) await writeReport(options.junit, replayJunit(report))
    const lines = options.json === true ? [JSON.stringify(replayObject(report))] : replayText(report)
    for (const warning of session.warnings) await terminal.stderr.line(`switchboard: ${warning}`)
    for (const line of lines) await terminal.stdout.line(line)
    return report.isEqual && !report.isStopped ? exitCodes.done : exitCodes.differed
  } finally {
    await session.close()
  }
}

function addressOf({ as: role, target, listen }: ReplayOptions): Endpoint | null {
  const [wanted, name, other, otherName] =
    role === 'client' ? [target, '--target', listen, '--listen'] : [listen, '--listen', target, '--target']
  if (role === 'both') {
    if (target === undefined && listen === undefined) return null
    throw refusal('As both, the replay chooses its own addresses.', 'Leave --target and --listen away.')
  }
  if (other !== undefined) throw refusal(`As ${role}, ${otherName} means nothing.`, `Give ${name} instead.`)
  if (wanted === undefined) throw refusal(`As ${role}, ${name} URL is needed.`)
  return must(parseEndpoint(wanted))
}

function idOf(text: string): SocketId {
  if (isSocketId(text)) return text
  throw refusal(`"${text}" is no connection's id.`, 'switchboard info tells them: C1, U2 …')
}

function refusal(summary: string, hint?: string): FaultError {
  return new FaultError(fault('SB_INPUT', summary, { hint }))
}

async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw new FaultError(diskFault(error, 'write', file, 'The report could not be written'))
  }
}
