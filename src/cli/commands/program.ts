import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { diskFault } from '../../main/capture/diskFault'
import { readExperiment } from '../../main/experiment/readExperiment'
import { EXPERIMENT_FILE, lessonFolder, TEXT_FILE } from '../../main/lesson/folder'
import { isFolder } from '../../main/lesson/naming'
import { programOf, sidesOf } from '../../main/program/programOf'
import { problemText } from '../../shared/model/experiment'
import { fault, FaultError } from '../../shared/model/fault'
import { programText, type ProgramLanguage } from '../../shared/model/program'
import { exitCodes, type ExitCode } from '../exitCodes'
import { must } from '../must'
import { type Terminal } from '../terminal'

export interface ProgramOptions {
  readonly language: ProgramLanguage
  readonly only?: string
  readonly output?: string
  readonly json?: boolean
}

/** Writes an experiment, or one of its ends, as a program. What the language cannot do is told on stderr. */
export async function writeProgram(
  path: string,
  options: ProgramOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const file = await experimentAt(path)
  const read = must(await readExperiment(file))
  if (!read.ok) {
    for (const each of read.problems) await terminal.stderr.line(`switchboard: ${problemText(file, each)}`)
    return exitCodes.couldNotRun
  }
  const { experiment } = read
  const { language, only = null } = options
  if (only !== null && !sidesOf(experiment).includes(only)) {
    throw new FaultError(
      fault('SB_INPUT', `There is no endpoint ${only} that is opened.`, {
        hint: `There are: ${sidesOf(experiment).join(', ')}.`,
      }),
    )
  }
  const program = programOf(experiment, { language, only })
  const text = programText(program)
  const output = options.output === '-' ? undefined : options.output
  if (output !== undefined) {
    try {
      await writeFile(output, text)
    } catch (error) {
      throw new FaultError(diskFault(error, 'open', output, 'The program cannot be written'))
    }
  }
  if (options.json === true) await terminal.stdout.line(JSON.stringify(program))
  else {
    for (const note of program.notes) await terminal.stderr.line(`switchboard: note: ${note}`)
    if (output === undefined) terminal.stdout.bytes(new TextEncoder().encode(text))
  }
  return exitCodes.done
}

/** The experiment's file: itself, or that of a lesson, which is named by its folder or by its text. */
async function experimentAt(path: string): Promise<string> {
  if (basename(path) !== TEXT_FILE && !(await isFolder(path))) return path
  return join(must(await lessonFolder(path)), EXPERIMENT_FILE)
}
