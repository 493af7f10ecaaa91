import { CommanderError } from 'commander'
import { type Fault, FaultError } from '../shared/model/fault'
import { diskFault } from '../main/capture/diskFault'
import { complaint } from './complaint'
import { exitCodes, type ExitCode } from './exitCodes'
import { Output } from './output'
import { buildProgram } from './program'
import { standardInput } from './standardInput'
import { painter, type Terminal } from './terminal'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs one command line and answers its exit code, once everything is closed and printed. Never rejects.
 * @param words what follows the program's name
 */
export async function run(words: readonly string[]): Promise<number> {
  const interrupt = new AbortController()
  const onSignal = (): void => {
    // Who asks a second time does not want to wait for a clean end.
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort()
  }
  for (const signal of signals) process.on(signal, onSignal)
  let isLost = false
  const terminal: Terminal = {
    stdin: standardInput(),
    stdout: new Output(process.stdout),
    stderr: new Output(process.stderr),
    lost: () => (isLost = true),
    interrupt: interrupt.signal,
    paint: painter(process.stdout.isTTY && process.stdout.hasColors()),
  }
  try {
    const code = await execute(words, terminal)
    await terminal.stdout.drained()
    const { failure } = terminal.stdout
    if (failure === null) return isLost ? exitCodes.couldNotRun : code
    await terminal.stderr.line(
      complaint(diskFault(failure, 'write', 'standard output', 'What was asked for cannot be printed')),
    )
    return exitCodes.couldNotRun
  } finally {
    for (const signal of signals) process.off(signal, onSignal)
    await terminal.stderr.drained()
  }
}

async function execute(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done
  const program = buildProgram(terminal, (of) => (code = of))
  try {
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    // Commander has printed its line already; its own code for bad arguments is 1.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.couldNotRun
    const of = error instanceof FaultError ? error.fault : goneFolder(error)
    await terminal.stderr.line(of === null ? defect(error) : complaint(of))
    return exitCodes.couldNotRun
  }
}

/** A path that begins nowhere else begins in the folder in which the program runs: somebody may have removed that. */
function goneFolder(error: unknown): Fault | null {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'uv_cwd') return null
  return {
    code: 'ENOENT',
    syscall: 'getcwd',
    summary: 'The folder in which this command runs is not there any more.',
    hint: 'Change to another one, or give whole paths.',
  }
}

function defect(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `switchboard: a defect of Switchboard, please report it: ${stack}`
}
