// npm run dev: the window with the page's sources live; a change in main or preload restarts it.
import { forgetBuild } from './lib/build.mjs'
import { launch } from './lib/launch.mjs'
import { inRoot } from './lib/paths.mjs'
import { sandboxArguments } from './lib/runtime.mjs'
import { runScript, setUp } from './setup.mjs'

await runScript(async () => {
  await setUp({ build: false })
  forgetBuild()
  const noSandbox = sandboxArguments().length > 0 ? ['--noSandbox'] : []
  const tool = inRoot('node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  return launch(process.execPath, [tool, 'dev', '--watch', ...noSandbox, ...process.argv.slice(2)])
})
