// Everything that a fresh clone lacks, fetched and checked; nothing when nothing is missing. It runs before node_modules exists:
// only Node's own modules may be imported at the top of anything here.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ensureBuild } from './lib/build.mjs'
import { checkNode, ensurePackages } from './lib/packages.mjs'
import { ensureRuntime, runtimeEnvironment } from './lib/runtime.mjs'
import { say, SetupError } from './lib/say.mjs'
import { ensureSystemPackages, missingCounterparts, missingLibraries } from './lib/system.mjs'

/**
 * @param {object} wanted
 * @param {boolean} [wanted.forTests] also the programs that the tests need
 * @param {boolean} [wanted.build] also a build of the present sources
 */
export async function setUp({ forTests = false, build = true } = {}) {
  checkNode()
  await ensurePackages()
  await ensureSystemPackages({ forTests })
  const runtime = await ensureRuntime()
  Object.assign(process.env, runtimeEnvironment())

  const libraries = missingLibraries(runtime.executable)
  if (libraries.length > 0) say(`Electron needs libraries that this system lacks: ${libraries.join(' ')}`)
  if (forTests) {
    const programs = missingCounterparts()
    if (programs.length > 0) say(`not installed, so that some tests cannot run: ${programs.join(' ')}`)
  }
  if (build) await ensureBuild()
  return runtime
}

/**
 * Runs a script's main function; a failure that people can act on is shown as a sentence.
 * @param {() => Promise<number>} main gives the exit code
 */
export async function runScript(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(`set-up: ${error.message}`)
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(async () => {
    await setUp({ forTests: process.argv.includes('--tests'), build: !process.argv.includes('--no-build') })
    return 0
  })
}
