import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface ProgramRun {
  readonly code: number | null
  readonly output: string
  readonly said: string
}

/**
 * Runs the program without Playwright, to its end.
 * @param words what a user would write after its name
 * @param root the folder of the built app, should it be another
 */
export async function runProgram(
  words: readonly string[],
  { hasScreen = true, root = ROOT } = {},
): Promise<ProgramRun> {
  const electron = process.env['ELECTRON_EXEC_PATH']
  if (electron === undefined) throw new Error('there is no Electron here yet')
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...elsewhere } = process.env
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(electron, [...sandbox, root, ...words], {
    // With CI=true no box is shown that waits for somebody to close it.
    env: { ...(hasScreen ? process.env : elsewhere), CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output, said }))
  })
}
