// npm run build: the packages if they are missing, then out/ if it is stale.
import { ensureBuild } from './lib/build.mjs'
import { checkNode, ensurePackages } from './lib/packages.mjs'
import { runScript } from './setup.mjs'

await runScript(async () => {
  checkNode()
  await ensurePackages()
  await ensureBuild()
  return 0
})
