import { Command, InvalidArgumentError, Option } from 'commander'
import { version } from '../../package.json'
import type { DemoOptions } from './commands/demo'
import type { DialOptions } from './commands/dial'
import type { ExplainOptions } from './commands/explain'
import type { ExportOptions } from './commands/export'
import type { ImportOptions } from './commands/import'
import type { InfoOptions } from './commands/info'
import type { LessonsOptions } from './commands/lessons'
import type { ListenOptions } from './commands/listen'
import type { ProgramOptions } from './commands/program'
import type { ReplayOptions } from './commands/replay'
import type { RunOptions } from './commands/run'
import { acceptModes } from '../shared/model/options'
import { exportFormats } from '../shared/model/export'
import { programLanguages } from '../shared/model/program'
import { replayRoles, replayWaits, type ReplaySpeed } from '../shared/model/replay'
import { type ExitCode } from './exitCodes'
import {
  DIAL_NOTES,
  EXIT_CODES,
  EXPORT_NOTES,
  IMPORT_NOTES,
  LESSONS_NOTES,
  LISTEN_NOTES,
  PROGRAM_NOTES,
  REPLAY_NOTES,
  RUN_NOTES,
} from './helpNotes'
import { type Terminal } from './terminal'

const URLS =
  'tcp://host:port, udp://host:port, unix:/path or unixgram:/path (Linux: unix:@name), or raw://host/protocol'
/** The whole command line: every command, its options and its help. What a command does is loaded when it is asked for: it starts sooner. */
export function buildProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const program = new Command('switchboard')
  const withInput = async (
    named: string,
    use: (file: string, shown: string) => Promise<ExitCode>,
  ): Promise<ExitCode> => {
    if (named !== '-') return use(named, named)
    const { withStdin } = await import('./withStdin')
    return withStdin(terminal, (file) => use(file, 'stdin'))
  }
  program
    .description(
      'Real sockets, every byte in view, all of it kept: listen, dial, and look into what was recorded.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    // Reached only where the first word is none of the commands below.
    .action((_options, command: Command) => {
      const [word] = command.args
      const names = command.commands.map((each) => each.name())
      const what = word === undefined ? 'say what to do' : `there is no command '${word}'`
      program.error(
        `error: ${what}: ${names.slice(0, -1).join(', ')} or ${names.at(-1)} (switchboard --help tells more)`,
      )
    })
    .allowExcessArguments()

  program
    .command('listen')
    .description('take calls and print what happens, one line per event')
    .argument('<url>', `where to listen: ${URLS}; port 0 lets the kernel choose`)
    .option(
      '--behaviour <name>',
      'what to do with those who call: none, echo, upper, discard, reply:TEXT, chargen, daytime; at tcp:// and unix: also chat, proxy:URL; at udp:// also "impair:URL lose=1/3 duplicate=10% reorder=1/4 delay=50ms"',
      'none',
    )
    .addOption(recordOption())
    .addOption(
      new Option(
        '--accept <mode>',
        'take each caller as it comes, the next when the last has ended, or nobody (their calls wait in the kernel)',
      ).choices(acceptModes),
    )
    .option('--backlog <n>', 'how many may wait to be accepted (listen(2))', wholeNumber)
    .option('--once', 'end after the first connection has ended (datagrams: after the first)')
    .addOption(
      jsonOption('one JSON object per line, payload as text where it is UTF-8 and as base64 where not'),
    )
    .addHelpText('after', LISTEN_NOTES)
    .action(async (url: string, options: ListenOptions) =>
      finish(await (await import('./commands/listen')).listen(url, options, terminal)),
    )

  program
    .command('dial')
    .description('call: stdin goes out, what comes in goes to stdout, status lines go to stderr')
    .argument('<url>', `whom to call: ${URLS}`)
    .addOption(recordOption())
    .option('--hex', 'print a hex dump of what comes in instead of the bytes')
    .addOption(
      jsonOption('one JSON object per line for everything that happens, instead of the bytes').conflicts(
        'hex',
      ),
    )
    .option('--idle <seconds>', 'datagrams: end after so many quiet seconds once stdin has ended', seconds, 1)
    .addHelpText('after', DIAL_NOTES)
    .action(async (url: string, options: DialOptions) =>
      finish(await (await import('./commands/dial')).dial(url, options, terminal)),
    )

  program
    .command('run')
    .description('run an experiment, or a lesson: endpoints, steps and what is expected of them')
    .argument(
      '<experiment>',
      'an experiment (.yaml), or a lesson (its folder, or lesson.md); - reads an experiment from stdin',
    )
    .addOption(recordOption())
    .option('--junit <file>', 'write a JUnit report, in which each step is a test')
    .addOption(jsonOption('print what came of it as one JSON object'))
    .addHelpText('after', RUN_NOTES)
    .action(async (file: string, options: RunOptions) =>
      finish(await (await import('./commands/run')).runExperiment(file, options, terminal)),
    )

  program
    .command('lessons')
    .description('list the lessons: those that come with the program, and your own')
    .option('--folder <folder>', 'list those in this folder instead')
    .addOption(jsonOption('print them as one JSON object'))
    .addHelpText('after', LESSONS_NOTES)
    .action(async (options: LessonsOptions) =>
      finish(await (await import('./commands/lessons')).listAll(options, terminal)),
    )

  program
    .command('program')
    .description('show an experiment as a program that does the same, in Python, Node or C')
    .argument('<experiment>', 'an experiment (.yaml), or the folder of a lesson')
    .addOption(
      new Option('--language <language>', 'what it is written in')
        .choices(programLanguages)
        .makeOptionMandatory(),
    )
    .option('--only <name>', 'this endpoint alone, as one would write it by hand; else all in one program')
    .option('--output <file>', 'write this file; - or none is stdout')
    .addOption(
      jsonOption('print the program as JSON: each line with what it does and the steps that it belongs to'),
    )
    .addHelpText('after', PROGRAM_NOTES)
    .action(async (file: string, options: ProgramOptions) =>
      finish(await (await import('./commands/program')).writeProgram(file, options, terminal)),
    )

  program
    .command('info')
    .description('tell what a session file holds: sockets, counts, times, states')
    .argument(
      '<session>',
      'a recording (.swb, or any pcapng file that Switchboard wrote); - reads it from stdin',
    )
    .addOption(jsonOption('print it as JSON'))
    .action(async (session: string, options: InfoOptions) => {
      const { info } = await import('./commands/info')
      finish(await withInput(session, (file, shown) => info(file, shown, options, terminal)))
    })

  program
    .command('explain')
    .description(
      'tell what a word means: a call, an option, a flag, a state, an error, a number of the kernel',
    )
    .argument('<word...>', 'as it is written anywhere: accept, SO_REUSEADDR, TIME_WAIT, EPIPE, rto, backlog')
    .addOption(jsonOption('print its page as JSON'))
    .action(async (words: string[], options: ExplainOptions) =>
      finish(await (await import('./commands/explain')).explain(words, options, terminal)),
    )

  program
    .command('export')
    .description('write a session, or a part of it, as a file for other programs')
    .argument('<session>', 'a recording (.swb); - reads it from stdin')
    .addOption(
      new Option('--format <format>', 'the form in which it is written')
        .choices(exportFormats)
        .makeOptionMandatory(),
    )
    .option('--connection <id>', 'only this one, as switchboard info names it: C1, U2 …; else all')
    .addOption(new Option('--direction <direction>', 'only what came in, or went out').choices(['in', 'out']))
    .option('--output <file>', 'write this file; - or none is stdout')
    .addOption(jsonOption('tell as JSON what file was written, and how long it is'))
    .addHelpText('after', EXPORT_NOTES)
    .action(async (session: string, options: ExportOptions) => {
      const { exportSession } = await import('./commands/export')
      finish(await withInput(session, (file) => exportSession(file, options, terminal)))
    })

  program
    .command('import')
    .description('make a recording of a capture from elsewhere: TCP streams put together, UDP conversations')
    .argument('<capture>', 'a pcap or pcapng file, packed with gzip or not; - reads it from stdin')
    .requiredOption('--output <session>', 'the recording to write; it must not be there, or be empty')
    .addOption(jsonOption('print what came of it as one JSON object'))
    .addHelpText('after', IMPORT_NOTES)
    .action(async (capture: string, options: ImportOptions) => {
      const { importFile } = await import('./commands/import')
      finish(await withInput(capture, (file, shown) => importFile(file, shown, options, terminal)))
    })

  program
    .command('replay')
    .description('play a recording again, and tell what differs: as the client, as the server, or as both')
    .argument('<session>', 'a recording (.swb); - reads it from stdin')
    .addOption(
      new Option('--as <role>', 'which side of the recorded connections is played')
        .choices(replayRoles)
        .makeOptionMandatory(),
    )
    .option('--target <url>', `as client: whom to call: ${URLS}`)
    .option('--listen <url>', 'as server: where to listen; port 0 lets the kernel choose')
    .option(
      '--connection <id>',
      'only this one, as switchboard info names it: C1, U2 …; may be given several times; else all',
      (id: string, ids: readonly string[] = []) => [...ids, id],
    )
    .option('--speed <factor>', 'times as fast as recorded, or max: as fast as it goes', speed, 1)
    .addOption(
      new Option('--wait <for>', "what a send waits for besides its time: the peer's bytes, or nothing")
        .choices(replayWaits)
        .default('peer'),
    )
    .option('--patience <seconds>', 'how much longer than recorded a silent peer is waited for', seconds, 5)
    .option(
      '--mask <what>',
      'what may differ in what comes: bytes 4-11 or C1:4-11 of the stream, or /expression/; may be given several times',
      several,
    )
    .option(
      '--capture <what>',
      'NAME=/expression/: takes a value from what the peer sends (its first group, else all of it)',
      several,
    )
    .option(
      '--set <what>',
      '/expression/=TEXT: what is sent instead; TEXT may hold {s}, {ms}, {iso} (now), {count} and captured {NAME}s',
      several,
    )
    .option('--junit <file>', 'write a JUnit XML report, a test case for each connection')
    .addOption(recordOption('keep the recording of the replay in this file; else it is removed at the end'))
    .addOption(jsonOption('print the report as one JSON object'))
    .addHelpText('after', REPLAY_NOTES)
    .action(async (session: string, options: ReplayOptions) => {
      const { replay } = await import('./commands/replay')
      finish(await withInput(session, (file, shown) => replay(file, shown, options, terminal)))
    })

  program
    .command('demo')
    .description(
      'the phone call: a listener that answers in upper case, two callers, the whole of it recorded',
    )
    .option('--port <number>', 'the port on 127.0.0.1; 0 lets the kernel choose', port, 8060)
    .addOption(recordOption('keep the recording here (else in a folder for temporary files)'))
    .addOption(jsonOption('print the transcript as one JSON object'))
    .action(async (options: DemoOptions) =>
      finish(await (await import('./commands/demo')).demo(options, terminal)),
    )

  for (const command of program.commands) {
    command.configureOutput(program.configureOutput()).exitOverride().allowExcessArguments(false)
  }
  return program
}

function recordOption(about = 'keep the recording in this file; else it is removed at the end'): Option {
  return new Option('--record <file>', about)
}

function jsonOption(about: string): Option {
  return new Option('--json', about)
}

function port(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= 65535) return value
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (/^\d{1,5}$/.test(text) && value <= 65_535) return value
  throw new InvalidArgumentError('That is not a whole number from 0 to 65535.')
}

function seconds(text: string): number {
  const value = Number(text)
  if (/^\d*\.?\d+$/.test(text) && value <= 86_400) return value
  throw new InvalidArgumentError('That is not a number of seconds.')
}

const several = (one: string, before: readonly string[] = []): readonly string[] => [...before, one]

function speed(text: string): ReplaySpeed {
  if (text === 'max') return text
  const value = Number(text)
  if (/^\d*\.?\d+$/.test(text) && value >= 0.001 && value <= 1_000_000) return value
  throw new InvalidArgumentError('A speed is a number from 0.001 to 1000000, or max.')
}

/** Commander's message, which may run over several lines, as one. */
function oneLine(text: string): string {
  return `switchboard: ${text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')}\n`
}
