// npm run package [-- --all]: makes dist/. With --all also the formats for which electron-builder downloads tools.
import path from 'node:path'
import { say } from './lib/say.mjs'
import { runScript, setUp } from './setup.mjs'

await runScript(async () => {
  await setUp()
  // Not before the set-up: it needs the npm packages.
  const { makePackages } = await import('./lib/package.mjs')
  for (const file of await makePackages({ all: process.argv.includes('--all') })) {
    say(`made ${path.relative(process.cwd(), file)}`)
  }
  return 0
})
