import { version } from '../../../package.json'
import { importCapture } from '../../main/capture/import/importCapture'
import { type ImportReport } from '../../shared/model/imported'
import { formatBytes, formatCount, formatSeconds } from '../../shared/model/units'
import { exitCodes, type ExitCode } from '../exitCodes'
import { must } from '../must'
import { ProgressLine } from '../progressLine'
import { type Terminal } from '../terminal'

export interface ImportOptions {
  readonly output: string
  readonly json?: boolean
}

/**
 * Makes a recording of a capture from elsewhere. Ctrl-C leaves nothing behind.
 * @param shown what the capture is called
 */
export async function importFile(
  file: string,
  shown: string,
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const progress = new ProgressLine(terminal.stderr)
  const reply = await importCapture(file, options.output, {
    application: `Switchboard ${version}`,
    signal: terminal.interrupt,
    onProgress: ({ readBytes, fileBytes }) =>
      progress.show(
        `${Math.floor((100 * readBytes) / Math.max(1, fileBytes))} % of ${formatBytes(fileBytes)}`,
      ),
  })
  progress.clear()
  const report = { ...must(reply), file: shown }
  const lines = options.json === true ? [JSON.stringify(report)] : describe(report)
  for (const line of lines) await terminal.stdout.line(line)
  return exitCodes.done
}

function describe(report: ImportReport): string[] {
  const { packets, connections, udpConversations, streamBytes, datagrams, datagramBytes } = report
  const form = `${report.format}${report.isGzip ? ', gzip' : ''}`
  return [
    `${report.file}: ${form}, ${formatBytes(report.fileBytes)}, ${count(packets, 'packet')} in ${formatSeconds(report.durationNanos)} s`,
    `${count(connections, 'TCP connection')}, ${formatCount(streamBytes)} bytes`,
    `${count(udpConversations, 'UDP conversation')}, ${count(datagrams, 'datagram')}, ${formatCount(datagramBytes)} bytes`,
    ...(report.gaps > 0
      ? [`${count(report.gaps, 'gap')}: ${formatCount(report.gapBytes)} bytes were not captured`]
      : []),
    ...report.warnings.map((warning) => `warning: ${warning}`),
    `recorded in ${report.output}`,
  ]
}

function count(of: number, word: string): string {
  return `${formatCount(of)} ${word}${of === 1 ? '' : 's'}`
}
