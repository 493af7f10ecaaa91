import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** As the installed program is called, and with it the folder of its settings. */
const NAME = 'Switchboard'

/** Where the lessons lie that come with the program: beside its sources in a clone, beside its archive where it is installed. */
export function shippedLessons(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const built = ['chunks', 'assets'].includes(basename(here)) ? dirname(here) : here
  // out/main/cli.js
  const root = dirname(dirname(built))
  return join(root.endsWith('.asar') ? dirname(root) : root, 'lessons')
}

/** Where the window looks for the user's own. */
export function ownLessons(): string {
  return join(settingsFolder(), NAME, 'lessons')
}

/** As Electron has it. */
function settingsFolder(): string {
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support')
    case 'win32':
      return process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming')
    default:
      return process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config')
  }
}
