import { existsSync, readFileSync } from 'node:fs'
import { inRoot } from './paths.mjs'
import { npm, run } from './run.mjs'
import { say, SetupError } from './say.mjs'

const OLDEST_NODE = [20, 19]

export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  throw new SetupError(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is Node ${version}.`)
}

/** Installs the npm packages when they are missing or are not those of package-lock.json. */
export async function ensurePackages() {
  const reason = whyPackagesDiffer()
  if (reason === undefined) return
  say(`${reason}: running npm ci (a minute or so)`)
  const { command, args } = npm()
  const result = await run(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'])
  if (!result.ok) throw new SetupError(`npm ci failed:\n${result.output}`)
}

/**
 * npm keeps a list of what it installed inside node_modules; it is written last, so an installation that was cut short has none.
 * @returns {string | undefined}
 */
function whyPackagesDiffer() {
  const list = inRoot('node_modules', '.package-lock.json')
  if (!existsSync(list)) return 'the npm packages are not installed'
  const wanted = packagesIn(inRoot('package-lock.json'))
  const installed = packagesIn(list)
  for (const [folder, { version, optional, link }] of Object.entries(wanted)) {
    if (folder === '' || link) continue
    // Optional packages are for other systems.
    if (optional && installed[folder] === undefined) continue
    if (installed[folder]?.version !== version || !existsSync(inRoot(folder))) {
      return 'the npm packages are not those of package-lock.json'
    }
  }
  return undefined
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, link?: boolean }>}
 */
function packagesIn(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
}
