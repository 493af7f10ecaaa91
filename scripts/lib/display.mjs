import { hasProgram } from './run.mjs'
import { SetupError } from './say.mjs'

/** Without -noreset it begins anew when its last window has gone, and refuses whoever comes meanwhile. */
const VIRTUAL_SCREEN = '-screen 0 1600x1000x24 -noreset'

export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY)
}

/**
 * The same command, under a virtual screen where there is no real one.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function onSomeDisplay(command, args) {
  if (hasDisplay()) return { command, args: [...args] }
  if (!hasProgram('xvfb-run')) {
    throw new SetupError(
      'there is no display here, and no xvfb-run to stand in for one (Debian: apt-get install xvfb xauth)',
    )
  }
  return { command: 'xvfb-run', args: ['-a', `--server-args=${VIRTUAL_SCREEN}`, command, ...args] }
}
