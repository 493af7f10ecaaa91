import {
  describeDivergence,
  describeEnding,
  EXCHANGE_FLOATS,
  type ConnectionVerdict,
  type Divergence,
  type Quantiles,
  type ReplayReport,
} from '../model/replay'
import { formatBytes, formatSeconds } from '../model/units'
import { formatHex } from './hex'
import { junitXml, type JunitCase } from './junit'

/** The report for people, line by line. Equal connections are counted, the others told one by one. */
export function replayText(report: ReplayReport, mostTold = 100): string[] {
  const told = report.verdicts.filter(({ outcome }) => outcome !== 'equal')
  const lines = told.slice(0, mostTold).flatMap(verdictLines)
  if (told.length > mostTold) lines.push(`… and ${told.length - mostTold} more`)
  for (const warning of report.warnings) lines.push(`note: ${warning}`)
  const masked = report.verdicts.reduce((sum, each) => sum + each.masked, 0)
  if (masked > 0) lines.push(`${masked} ${masked === 1 ? 'place differs' : 'places differ'} and may (--mask)`)
  lines.push(trafficLine(report))
  if (report.lateness.count > 0)
    lines.push(`sends with a time: ${quantilesText(report.lateness)} late (of ${report.lateness.count})`)
  if (report.delays.count > 0) {
    lines.push(
      `answers: ${quantilesText(report.delays)} now, ${quantilesText(report.recordedDelays)} as recorded (of ${report.delays.count})`,
    )
  }
  lines.push(outcomeLine(report))
  return lines
}

function verdictLines(verdict: ConnectionVerdict): string[] {
  const { connection, side, divergence, note, sentBytes, toSendBytes } = verdict
  const lines = [
    divergence === null
      ? `${connection} not played to its end (as ${side}): ${note ?? 'it was not its turn.'}`
      : `${connection} differs (as ${side}): ${describeDivergence(divergence)}`,
  ]
  if (divergence !== null) {
    if (divergence.expected.length > 0 || divergence.actual.length > 0)
      lines.push(...contextLines(divergence))
    if (note !== null) lines.push(`     ${note}`)
  }
  if (sentBytes < toSendBytes) lines.push(`     ${sentBytes} of ${toSendBytes} B were sent`)
  return lines
}

function contextLines({ offset, contextFrom, expected, actual }: Divergence): string[] {
  const before = offset - contextFrom
  const line = (what: string, bytes: Uint8Array): string =>
    `     ${what} ${printable(bytes.subarray(0, before))}⟦${printable(bytes.subarray(before))}⟧`
  return [line('recorded', expected), line('now     ', actual)]
}

function trafficLine(report: ReplayReport): string {
  const { sentBytes, receivedBytes, durationNanos } = report
  return `${formatBytes(sentBytes)} sent, ${formatBytes(receivedBytes)} received in ${formatSeconds(durationNanos)} s`
}

function outcomeLine({ verdicts, equal, different, notPlayed, isEqual, isStopped }: ReplayReport): string {
  const total = verdicts.length
  if (isEqual) return total === 1 ? 'Equal.' : `All ${total} are equal.`
  const parts = [
    ...(different > 0 ? [`${different} of ${total} ${different === 1 ? 'differs' : 'differ'}`] : []),
    ...(notPlayed > 0 ? [`${notPlayed} not played to the end`] : []),
    ...(equal > 0 ? [`${equal} equal`] : []),
  ]
  return `${isStopped ? 'Stopped: ' : ''}${parts.join(', ')}.`
}

function quantilesText({ p50, p99 }: Quantiles): string {
  return `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`
}

function milliseconds(nanos: number): string {
  return `${(nanos / 1e6).toFixed(3)} ms`
}

/** Printable ASCII as it is, all else as escapes: each byte can be told from every other. */
export function printable(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    if (byte === 0x0a) text += '\\n'
    else if (byte === 0x0d) text += '\\r'
    else if (byte === 0x09) text += '\\t'
    else if (byte === 0x5c) text += '\\\\'
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte)
    else text += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return text
}

/** The report for programs. */
export function replayObject(report: ReplayReport): object {
  const { exchanges, verdicts, divergence, lateness, delays, recordedDelays, role, ...rest } = report
  return {
    ...rest,
    as: role,
    divergence: divergence === null ? null : divergenceObject(divergence),
    connections: verdicts.map((each) => ({
      ...each,
      expectedEnding: each.expectedEnding === null ? null : describeEnding(each.expectedEnding),
      actualEnding: each.actualEnding === null ? null : describeEnding(each.actualEnding),
      divergence: each.divergence === null ? null : divergenceObject(each.divergence),
    })),
    latenessNanos: lateness,
    delaysNanos: delays,
    recordedDelaysNanos: recordedDelays,
    durationNanos: Math.round(report.durationNanos),
    exchanges: exchangeObjects(exchanges),
  }
}

function exchangeObjects(floats: Float64Array): object[] {
  const found: object[] = []
  for (let at = 0; at < floats.length; at += EXCHANGE_FLOATS) {
    const [sentAtNanos, recordedDelayNanos, delayNanos] = floats.subarray(at, at + EXCHANGE_FLOATS)
    found.push({ sentAtNanos, recordedDelayNanos, delayNanos })
  }
  return found
}

function divergenceObject(of: Divergence): object {
  const { expected, actual, expectedEnding, actualEnding, ...rest } = of
  return {
    ...rest,
    message: describeDivergence(of),
    expected: { hex: formatHex(expected), text: printable(expected) },
    actual: { hex: formatHex(actual), text: printable(actual) },
    ...(expectedEnding === null ? {} : { expectedEnding: describeEnding(expectedEnding) }),
    ...(actualEnding === null ? {} : { actualEnding: describeEnding(actualEnding) }),
  }
}

/** The report as JUnit XML: a test case for each connection. */
export function replayJunit(report: ReplayReport): string {
  const { verdicts, session, role, durationNanos } = report
  const cases = verdicts.map((verdict) => ({
    name: `${verdict.connection} as ${verdict.side}`,
    outcome: outcomeOf(verdict),
  }))
  return junitXml({
    name: `replay of ${session} as ${role}`,
    file: session,
    seconds: durationNanos / 1e9,
    cases,
  })
}

function outcomeOf(verdict: ConnectionVerdict): JunitCase['outcome'] {
  const { outcome, divergence, note } = verdict
  if (outcome === 'equal') return 'passed'
  const detail = verdictLines(verdict).join('\n')
  if (divergence === null)
    return { is: 'error', message: note ?? 'It was not its turn.', detail, type: 'notPlayed' }
  return { is: 'failure', message: describeDivergence(divergence), detail, type: divergence.kind }
}
