import { fileURLToPath } from 'node:url'

/** The verbs of the command line. The packaged program is both: with one of them it opens no window. */
const verbs: ReadonlySet<string> = new Set([
  'listen',
  'dial',
  'info',
  'demo',
  'run',
  'lessons',
  'replay',
  'explain',
  'export',
  'import',
  'help',
])
const bareOptions: ReadonlySet<string> = new Set(['--help', '-h', '--version', '-V'])

/**
 * The words that the user gave, without the program and what Electron and Chromium took.
 * @param argv as `process.argv`
 * @param appPath in a development run, the folder that Electron was started with; null for a packaged program
 */
export function userWords(
  argv: readonly string[],
  appPath: string | null,
  resolve: (word: string) => string,
): string[] {
  const words = argv.slice(1)
  if (appPath === null) return words
  const at = words.findIndex((word) => !word.startsWith('-') && resolve(word) === appPath)
  return at === -1 ? words : words.slice(at + 1)
}

/** The files that the user named, as paths: file managers give `file://` URLs. */
export function filesIn(words: readonly string[]): string[] {
  return words.filter((word) => !word.startsWith('-')).map(pathOf)
}

function pathOf(word: string): string {
  if (!/^file:\/\//i.test(word)) return word
  try {
    return fileURLToPath(word)
  } catch {
    // Of another host, or none at all: what was named is told when it cannot be opened.
    return word
  }
}

/** The command line in these words (`['dial', 'tcp://…']`), or null when they ask for the window. */
export function commandLineIn(words: readonly string[]): string[] | null {
  const at = words.findIndex((word) => !word.startsWith('-'))
  const verb = words[at]
  // What stands before the verb is Chromium's; and root must be able to give --no-sandbox anywhere.
  if (verb !== undefined)
    return verbs.has(verb) ? words.slice(at).filter((word) => word !== '--no-sandbox') : null
  const asked = words.find((word) => bareOptions.has(word))
  return asked === undefined ? null : [asked]
}

/**
 * Runs the command line inside this process and answers its exit code. Nothing of it is loaded for a window.
 * Awaited by main's first lines, before Electron says `ready`: so no screen is needed.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  const { run } = await import('../../../cli/run')
  return run(words)
}
