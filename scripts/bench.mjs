// npm run bench [-- --quick]
import { launch } from './lib/launch.mjs'
import { inRoot } from './lib/paths.mjs'
import { runScript, setUp } from './setup.mjs'

await runScript(async () => {
  await setUp({ forTests: true })
  return launch(process.execPath, [inRoot('bench', 'run.mjs'), ...process.argv.slice(2)])
})
