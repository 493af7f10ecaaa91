import { existsSync } from 'node:fs'
import { hasProgram, printedBy, run } from './run.mjs'
import { say, SetupError } from './say.mjs'

/** What Electron's binary links to, and a virtual screen for it. Debian's package names. */
const TO_START = ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'xvfb', 'xauth']

/** What the tests and benchmarks hold the app against, and what a package's installation pulls in. */
const TO_TEST = [
  ...['socat', 'ncat', 'tshark', 'python3', 'strace', 'iproute2', 'procps'],
  ...['curl', 'nginx', 'redis-server'],
  ...['xdg-utils', 'libnotify4', 'libsecret-1-0', 'libuuid1', 'libatspi2.0-0', 'libxss1', 'libxtst6'],
]

/** The programs that tests talk to or read with, by the name that tests know them by. */
const COUNTERPARTS = [
  ...['socat', 'ncat', 'tshark', 'python3', 'strace', 'ss', 'ps', 'cc'],
  ...['curl', 'nginx', 'redis-server', 'redis-cli'],
]

const isDebian = () =>
  process.platform === 'linux' && existsSync('/usr/bin/dpkg') && existsSync('/usr/bin/apt-get')
export const canInstallDebianPackages = () => isDebian() && process.getuid?.() === 0

/**
 * On Debian as root, installs what is missing. Elsewhere nothing is changed: see `missingLibraries` and `missingCounterparts`.
 * @param {{ forTests: boolean }} purpose
 */
export async function ensureSystemPackages({ forTests }) {
  if (!canInstallDebianPackages()) return
  const missing = notInstalled(forTests ? [...TO_START, ...TO_TEST] : TO_START)
  if (forTests && !hasProgram('cc')) missing.push('gcc', 'libc6-dev')
  if (missing.length === 0) return
  say(`installing from Debian: ${missing.join(' ')}`)
  await aptGet('update')
  await aptGet('install', '-y', '--no-install-recommends', ...missing)
}

/**
 * Runs apt-get without questions. RUNLEVEL=1 (invoke-rc.d(8)): no server that comes in a package is started by it.
 * @param {...string} args
 */
export async function aptGet(...args) {
  const result = await run('apt-get', ['-q', ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  })
  if (!result.ok) throw new SetupError(`apt-get ${args.join(' ')} failed:\n${result.output}`)
}

/** @param {readonly string[]} names */
function notInstalled(names) {
  const listing = printedBy('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n', ...names]) ?? ''
  const installed = new Set(
    listing
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length)),
  )
  return names.filter((name) => !installed.has(name))
}

/**
 * The shared libraries that Electron links to and that are not there.
 * @param {string} executable
 */
export function missingLibraries(executable) {
  if (process.platform !== 'linux') return []
  const listing = printedBy('ldd', [executable]) ?? ''
  return [...listing.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1])
}

export const missingCounterparts = () => COUNTERPARTS.filter((name) => !hasProgram(name))
