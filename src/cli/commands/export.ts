import { version } from '../../../package.json'
import { exportToFile } from '../../main/capture/export/exportFile'
import { openRecording } from '../../main/capture/index/opened'
import { piecesOf, type PiecesOptions } from '../../main/service/exportPieces'
import { type ExportFormat } from '../../shared/model/export'
import { fault, FaultError } from '../../shared/model/fault'
import { isSocketId, type SocketId } from '../../shared/model/ids'
import { type Direction } from '../../shared/model/record'
import { exitCodes, type ExitCode } from '../exitCodes'
import { must } from '../must'
import { type Terminal } from '../terminal'

export interface ExportOptions {
  readonly format: ExportFormat
  readonly connection?: string
  readonly direction?: Direction
  readonly output?: string
  readonly json?: boolean
}

/** Writes a session, or a part of it, as a file for others, or to stdout. */
export async function exportSession(
  file: string,
  options: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { format, json, direction } = options
  const output = options.output === '-' ? undefined : options.output
  if (json === true && output === undefined && format !== 'json') {
    refuse('--json tells of the file that was written: name it with --output, or choose --format json.')
  }
  const id = options.connection === undefined ? null : idOf(options.connection)
  const opened = must(await openRecording(file, { signal: terminal.interrupt }))
  try {
    for (const warning of opened.warnings) await terminal.stderr.line(`switchboard: warning: ${warning}`)
    const exporting: PiecesOptions = {
      reader: opened,
      scope: { id, stream: direction ?? 'both' },
      format,
      application: `Switchboard ${version}`,
      signal: terminal.interrupt,
    }
    if (output === undefined) await toStdout(exporting, terminal)
    else {
      const written = must(await exportToFile(piecesOf(exporting), exporting, output))
      if (json === true) await terminal.stdout.line(JSON.stringify({ ...written, format }))
    }
  } finally {
    await opened.close()
  }
  return exitCodes.done
}

async function toStdout(exporting: PiecesOptions, { stdout }: Terminal): Promise<void> {
  for await (const piece of piecesOf(exporting)) {
    stdout.bytes(piece)
    await stdout.drained()
    if (stdout.isBroken) return
  }
}

function idOf(text: string): SocketId {
  if (isSocketId(text)) return text
  return refuse(
    `"${text}" is no id. Connections are C1, C2 …, UDP sockets U1, U2 …; switchboard info lists them.`,
  )
}

function refuse(summary: string): never {
  throw new FaultError(fault('SB_INPUT', summary))
}
