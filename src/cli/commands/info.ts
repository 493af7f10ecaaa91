import { overview } from '../../main/capture/overview'
import { type CaptureOverview, type SocketOverview } from '../../main/capture/types'
import { isDatagramId, isListenerId } from '../../shared/model/ids'
import { tcpStateName } from '../../shared/model/kernel'
import { kernelFields } from '../../shared/model/kernelFields'
import { formatBytes, formatCount, formatSeconds } from '../../shared/model/units'
import { visibleText } from '../../shared/wire/escape'
import { exitCodes, type ExitCode } from '../exitCodes'
import { must } from '../must'
import { type Terminal } from '../terminal'

export interface InfoOptions {
  readonly json?: boolean
}

/**
 * Tells what a session file holds, by one scan of it. A torn tail is told and does no harm.
 * @param shown what the file is called
 */
export async function info(
  file: string,
  shown: string,
  options: InfoOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const found = { ...must(await overview(file)), file: shown }
  const lines = options.json === true ? [JSON.stringify(found)] : describe(found)
  for (const line of lines) await terminal.stdout.line(line)
  return exitCodes.done
}

function describe(found: CaptureOverview): string[] {
  const size = `${formatBytes(found.fileBytes)} (${formatCount(found.fileBytes)} bytes)`
  return [
    `${found.file}: ${size}, began ${found.beganAtUtc}, lasted ${formatSeconds(found.durationNanos)} s`,
    ...table(found),
    ...found.sockets.flatMap(kernelLine),
    countLine(found),
    ...(found.tornBytes > 0 ? [tornLine(found)] : []),
    ...found.warnings.map((warning) => `warning: ${warning}`),
  ]
}

function table({ sockets }: CaptureOverview): string[] {
  if (sockets.length === 0) return []
  const rows = [
    ['id', 'what', 'state', 'in', 'out', 'from s', 'to s'],
    ...sockets.map((each) => [
      visibleText(each.id),
      visibleText(whatOf(each)),
      visibleText(each.state),
      `${each.inBytes} B (${each.inChunks})`,
      `${each.outBytes} B (${each.outChunks})`,
      formatSeconds(each.firstNanos),
      formatSeconds(each.lastNanos),
    ]),
  ]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** With the address that it got, where it was asked for otherwise (port 0), and with who called. */
function whatOf({ id, about, local, remote, state }: SocketOverview): string {
  if (about.startsWith('accepted') && remote !== undefined) return `${about} from ${remote}`
  const isBound = isListenerId(id) || isDatagramId(id)
  const isNews = isBound && local !== undefined && !about.endsWith(local) && !state.includes(local)
  return isNews ? `${about}, at ${local}` : about
}

/** What is looked at first; `--json` has all. */
const told = [
  'recvQ',
  'sendQ',
  'acceptQueue',
  'acceptLimit',
  'rtt',
  'sndCwnd',
  'unacked',
  'totalRetrans',
  'drops',
] as const

/** The last that the kernel said, by its own names. */
function kernelLine({ id, samples = 0, kernel }: SocketOverview): string[] {
  if (kernel === undefined) return []
  const { values } = kernel
  const words = told.flatMap((field) => {
    const value = values[field]
    if (value === undefined) return []
    const { name, unit } = kernelFields[field]
    return [`${name} ${value}${unit === 'micros' ? ' µs' : unit === 'bytes' ? ' B' : ''}`]
  })
  const state = values.state === undefined ? [] : [tcpStateName(values.state)]
  return [
    `kernel of ${visibleText(id)}, the last of ${plural(samples, 'sample')}: ${[...state, ...words].join(', ')}`,
  ]
}

function countLine({ sockets }: CaptureOverview): string {
  const count = (letter: string): number => sockets.filter(({ id }) => id.startsWith(letter)).length
  const benches =
    count('B') === 0 ? '' : `, ${plural(count('S'), 'socket')} on ${plural(count('B'), 'syscall bench')}`
  const others = [
    [count('D'), 'Unix datagram socket'],
    [count('R'), 'raw socket'],
  ] as const
  const more = others
    .flatMap(([number, word]) => (number === 0 ? [] : [`, ${plural(number, word)}`]))
    .join('')
  return `${plural(count('L'), 'listener')}, ${plural(count('C'), 'connection')}, ${plural(count('U'), 'UDP socket')}${more}${benches}`
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : word.endsWith('ch') ? 'es' : 's'}`
}

function tornLine({ goodBytes, tornBytes }: CaptureOverview): string {
  return `torn tail: the last ${tornBytes} bytes are no whole block (the recording was cut short); all before byte ${goodBytes} is good`
}
