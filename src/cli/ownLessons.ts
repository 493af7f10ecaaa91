import { homedir } from 'node:os'
import { join } from 'node:path'

/** As the installed program is called, and with it the folder of its settings. */
const NAME = 'Switchboard'

/** Where the window has the user's own lessons. */
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
      return process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
  }
}
