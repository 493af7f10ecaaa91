// npm start [-- FILE]: sets up what is missing, builds what is stale, opens the window.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { hasDisplay } from './lib/display.mjs'
import { launch } from './lib/launch.mjs'
import { ROOT } from './lib/paths.mjs'
import { sandboxArguments } from './lib/runtime.mjs'
import { say } from './lib/say.mjs'
import { runScript, setUp } from './setup.mjs'

/** npm runs scripts in the project's folder; a file is meant relative to where the user stands. @param {string} word */
function asTheUserMeant(word) {
  const file = path.resolve(process.env.INIT_CWD ?? process.cwd(), word)
  return !word.startsWith('-') && existsSync(file) ? file : word
}

await runScript(async () => {
  const { executable } = await setUp()
  if (!hasDisplay()) say('no display here: opening the window on a virtual screen, under xvfb-run')
  return launch(executable, [...sandboxArguments(), ROOT, ...process.argv.slice(2).map(asTheUserMeant)])
})
