import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inRoot, ROOT } from './paths.mjs'
import { runTool } from './run.mjs'
import { say, SetupError } from './say.mjs'

const SOURCES = ['src', 'electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json']
const STAMP = inRoot('out', '.built-from')
const LOCK = inRoot('node_modules', '.cache', 'switchboard-build.lock')
const LOCK_POLL_MS = 100

/** Builds `out/` when the sources are not those that it was built from. Two programs that start at once build once. */
export async function ensureBuild() {
  if (isFresh()) return
  await withLock(async () => {
    if (isFresh()) return
    say('building (some seconds)')
    const sources = fingerprint()
    forgetBuild()
    const result = await runTool('electron-vite/bin/electron-vite.js', ['build'])
    if (!result.ok) throw new SetupError(`the build failed:\n${result.output}`)
    writeFileSync(STAMP, sources)
  })
}

/** What is in `out/` is no longer a build of the sources (a development run writes there too). */
export function forgetBuild() {
  rmSync(STAMP, { force: true })
}

function isFresh() {
  try {
    return readFileSync(STAMP, 'utf8') === fingerprint()
  } catch {
    return false
  }
}

/** Names, sizes and times of all sources: reading their contents would take longer than needed at each start. */
function fingerprint() {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap((name) => filesBelow(inRoot(name)))) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${path.relative(ROOT, file)} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/**
 * @param {string} place
 * @returns {string[]}
 */
function filesBelow(place) {
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place)
    .filter((name) => !name.endsWith('.test.ts'))
    .sort()
    .flatMap((name) => filesBelow(path.join(place, name)))
}

/** @param {() => Promise<void>} work */
async function withLock(work) {
  mkdirSync(path.dirname(LOCK), { recursive: true })
  while (!takeLock()) await delay(LOCK_POLL_MS)
  try {
    await work()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function takeLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    if (!isHeld()) rmSync(LOCK, { force: true })
    return false
  }
}

/** A lock whose owner was killed is nobody's. */
function isHeld() {
  if (!existsSync(LOCK)) return false
  try {
    const owner = Number(readFileSync(LOCK, 'utf8'))
    // Empty for the moment between its creation and its writing.
    if (owner > 0) process.kill(owner, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
