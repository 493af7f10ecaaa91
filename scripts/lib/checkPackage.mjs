import { deepEqual } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onSomeDisplay } from './display.mjs'
import { inRoot } from './paths.mjs'
import { hasProgram, printedBy, run } from './run.mjs'
import { sandboxArguments } from './runtime.mjs'
import { aptGet, canInstallDebianPackages } from './system.mjs'

const COMMAND = '/usr/bin/switchboard'
const INSTALLED = '/opt/Switchboard'
const PACKAGE = 'switchboard'
const SESSION_TYPE = 'application/x-switchboard-session'

const PACKAGING_LIMIT_MS = 5 * 60_000
const START_LIMIT_MS = 60_000
const STEP_LIMIT_MS = 20_000
const POLL_MS = 100

/** Makes the packages and looks at them; installs the .deb, uses the program for one exchange with a real client, and removes it. */
export async function checkPackage() {
  /** @type {string[]} */
  const lines = []
  const counts = { passed: 0, failed: 0, skipped: 0 }
  /**
   * One check; what it throws is its failure.
   * @param {string} title
   * @param {() => Promise<unknown> | unknown} work
   */
  const check = async (title, work) => {
    try {
      await work()
      counts.passed += 1
    } catch (error) {
      counts.failed += 1
      lines.push(`failed: ${title}\n${error instanceof Error ? error.stack : error}`)
    }
    return counts.failed === 0
  }
  const result = () => ({ ...counts, output: lines.join('\n') })

  if (process.platform !== 'linux') {
    counts.skipped += 1
    lines.push('skipped: what is looked at here are the packages for Linux')
    return result()
  }
  if (!(await check('npm run package makes dist/', makeThem))) return result()
  await check('only app.asar can be started in it', nothingButTheArchive)
  await check('its fuses are set', fusesAreSet)
  await check('the .tar.gz holds the program', tarballHoldsTheProgram)

  const reason = whyNotInstalled()
  if (reason !== undefined) {
    const isDemanded = process.env.CI === 'true'
    counts[isDemanded ? 'failed' : 'skipped'] += 1
    lines.push(`${isDemanded ? 'failed' : 'skipped'}: installing the .deb: ${reason}`)
    return result()
  }
  try {
    if (await check('the .deb installs', installs)) {
      await check('a file manager opens sessions with it', sessionsBelongToIt)
      await check('the installed program listens and answers a client, and quits', answersAClient)
      await check('it has all lessons, and runs one', hasLessons)
      await check('its sockets are made by the system’s own calls where one asks for that', callsTheSystem)
    }
  } finally {
    await check('the .deb goes without leaving anything', removes)
  }
  return result()
}

async function makeThem() {
  // In a process of its own: electron-builder talks a lot, and keeps memory.
  const made = await run(process.execPath, [inRoot('scripts', 'package.mjs')], {
    timeoutMs: PACKAGING_LIMIT_MS,
  })
  if (!made.ok) throw new Error(made.output)
}

function nothingButTheArchive() {
  const resources = inRoot('dist', 'linux-unpacked', 'resources')
  if (!existsSync(path.join(resources, 'app.asar'))) throw new Error('there is no app.asar')
  for (const name of ['app', 'default_app.asar']) {
    if (existsSync(path.join(resources, name))) throw new Error(`resources/${name} is in the package`)
  }
}

async function fusesAreSet() {
  const { FuseV1Options, getCurrentFuseWire } = await import('@electron/fuses')
  const wire = await getCurrentFuseWire(inRoot('dist', 'linux-unpacked', 'switchboard'))
  /** @type {Record<string, boolean>} */
  const found = {}
  for (const [place, state] of Object.entries(wire)) {
    // The wire is a row of the characters 0 and 1 in the program itself.
    const name = FuseV1Options[Number(place)]
    if (name !== undefined) found[name] = state === '1'.charCodeAt(0)
  }
  deepEqual(found, {
    RunAsNode: false,
    EnableCookieEncryption: true,
    EnableNodeOptionsEnvironmentVariable: false,
    EnableNodeCliInspectArguments: false,
    EnableEmbeddedAsarIntegrityValidation: true,
    OnlyLoadAppFromAsar: true,
    LoadBrowserProcessSpecificV8Snapshot: false,
    GrantFileProtocolExtraPrivileges: false,
  })
}

async function tarballHoldsTheProgram() {
  const { version } = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
  const listing = await run('tar', ['-tvzf', inRoot('dist', `switchboard-${version}.tar.gz`)])
  if (!/^-rwxr-xr-x .* switchboard-[^/]+\/switchboard$/m.test(listing.stdout)) throw new Error(listing.output)
}

/** @returns {string | undefined} */
function whyNotInstalled() {
  if (!canInstallDebianPackages()) return 'only root on Debian can install packages'
  if (!hasProgram('socat')) return 'socat, the client, is not installed'
  if (isInstalled()) return 'Switchboard is installed here already: it is left alone'
  return undefined
}

function isInstalled() {
  return (printedBy('dpkg-query', ['-W', '-f', '${db:Status-Status}', PACKAGE]) ?? '') === 'installed'
}

async function installs() {
  const { version } = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
  const architecture = printedBy('dpkg', ['--print-architecture'])?.trim()
  await aptGet(
    'install',
    '-y',
    '--no-install-recommends',
    inRoot('dist', `${PACKAGE}_${version}_${architecture}.deb`),
  )
  if (!isInstalled()) throw new Error('dpkg does not know it')
  for (const file of [
    COMMAND,
    `/usr/share/doc/${PACKAGE}/copyright`,
    `/usr/share/applications/${PACKAGE}.desktop`,
  ]) {
    if (!existsSync(file)) throw new Error(`${file} is not there`)
  }
}

async function sessionsBelongToIt() {
  const entry = await readFile(`/usr/share/applications/${PACKAGE}.desktop`, 'utf8')
  const types = await readFile(`/usr/share/mime/packages/${PACKAGE}.xml`, 'utf8')
  for (const line of [/^Exec=\S+ %[UF]$/m, new RegExp(`^MimeType=${SESSION_TYPE};`, 'm')]) {
    if (!line.test(entry)) throw new Error(`${line} is not in:\n${entry}`)
  }
  for (const part of [`<mime-type type="${SESSION_TYPE}">`, '<glob pattern="*.swb"/>']) {
    if (!types.includes(part)) throw new Error(`${part} is not in:\n${types}`)
  }
}

async function removes() {
  if (isInstalled()) await aptGet('purge', '-y', PACKAGE)
  const left = [COMMAND, INSTALLED, `/usr/share/doc/${PACKAGE}`].filter((place) =>
    lstatSync(place, { throwIfNoEntry: false }),
  )
  if (left.length > 0) throw new Error(`still there: ${left.join(' ')}`)
}

async function answersAClient() {
  const home = await mkdtemp(path.join(tmpdir(), 'switchboard-installed-'))
  try {
    const program = await start(home)
    try {
      await exchange(program.debuggingPort)
      await program.ended()
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.stack : error}\n\nThe program said:\n${program.output()}`,
      )
    } finally {
      program.kill()
    }
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** As many as the sources have, each of which can be read; the first is run out of the package. */
async function hasLessons() {
  const home = await mkdtemp(path.join(tmpdir(), 'switchboard-lessons-'))
  try {
    // Nobody's own are among them.
    const env = { HOME: home, XDG_CONFIG_HOME: home }
    const listed = await run(COMMAND, [...sandboxArguments(), 'lessons', '--json'], {
      env,
      timeoutMs: START_LIMIT_MS,
    })
    if (!listed.ok) throw new Error(listed.output)
    /** @type {ReadonlyArray<{ id: string, path: string }>} */
    const lessons = JSON.parse(listed.stdout).lessons
    deepEqual(
      lessons.map(({ id }) => id),
      (await readdir(inRoot('lessons'))).sort(),
    )
    const ran = await run(COMMAND, [...sandboxArguments(), 'run', String(lessons[0]?.path)], {
      env,
      timeoutMs: START_LIMIT_MS,
    })
    if (!ran.ok || !ran.stdout.includes('\npassed: ')) throw new Error(ran.output)
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Accepting one caller after the other needs the native library, and a thread of the program's own, out of the archive. */
async function callsTheSystem() {
  const words = ['listen', 'tcp://127.0.0.1:0', '--behaviour', 'upper', '--accept', 'serially']
  const child = spawn(COMMAND, [...sandboxArguments(), ...words], {
    env: withoutElectronSettings(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text))
  const exit = new Promise((resolve) => child.once('exit', resolve))
  try {
    const deadline = Date.now() + START_LIMIT_MS
    let port
    while ((port = /listening on tcp:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]) === undefined) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`it does not listen:\n${said}`)
      await delay(POLL_MS)
    }
    for (let caller = 1; caller <= 2; caller++) {
      const answer = await askedInUpperCase(Number(port))
      if (answer !== 'HELLO\n') throw new Error(`it answered ${JSON.stringify(answer)}:\n${said}`)
    }
    child.kill('SIGINT')
    const code = await Promise.race([exit, delay(STEP_LIMIT_MS, 'no end', { ref: false })])
    if (code !== 0) throw new Error(`interrupted it ended with ${code}:\n${said}`)
  } finally {
    child.kill('SIGKILL')
  }
}

/**
 * Starts the installed program with a home of its own. Its fuses refuse --inspect: it is driven through Chromium's debugging port.
 * @param {string} home
 */
async function start(home) {
  const profile = path.join(home, 'profile')
  await mkdir(profile)
  const debugging = ['--remote-debugging-port=0', `--user-data-dir=${profile}`]
  const { command, args } = onSomeDisplay(COMMAND, [...sandboxArguments(), ...debugging])
  const child = spawn(command, args, {
    cwd: home,
    env: {
      ...withoutElectronSettings(),
      HOME: home,
      XDG_CONFIG_HOME: '',
      XDG_CACHE_HOME: '',
      XDG_DATA_HOME: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text))
  const exit = new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
    child.once('error', reject)
  })
  const kill = () => {
    try {
      process.kill(-Number(child.pid), 'SIGKILL')
    } catch {
      // It and all that it started have ended.
    }
  }

  // Chromium writes the port that it was given into this file.
  const portFile = path.join(profile, 'DevToolsActivePort')
  const deadline = Date.now() + START_LIMIT_MS
  let debuggingPort = Number.NaN
  while (!(debuggingPort > 0)) {
    if (Date.now() > deadline || child.exitCode !== null) {
      kill()
      throw new Error(`${COMMAND} did not start:\n${said}`)
    }
    await delay(POLL_MS)
    debuggingPort = Number((await readFile(portFile, 'utf8').catch(() => '')).split('\n')[0])
  }
  return {
    debuggingPort,
    kill,
    output: () => said,
    /** Waits for the end that closing the window brings; it must be an orderly one. */
    async ended() {
      const code = await Promise.race([exit, delay(STEP_LIMIT_MS, 'no end', { ref: false })])
      if (code !== 0) throw new Error(`after its window was closed it ended with ${code}`)
    },
  }
}

/** What development sets for Electron is not to reach an installed program. */
function withoutElectronSettings() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(ELECTRON_|SWITCHBOARD_)/.test(name)),
  )
}

/** A listener that answers in upper case, and a client that hears it; then the window is closed. @param {number} debuggingPort */
async function exchange(debuggingPort) {
  const { chromium, expect } = await import('@playwright/test')
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${debuggingPort}`)
  try {
    const context = browser.contexts()[0]
    const page = context?.pages()[0] ?? (await context?.waitForEvent('page', { timeout: STEP_LIMIT_MS }))
    if (page === undefined) throw new Error('it has no window')
    page.setDefaultTimeout(STEP_LIMIT_MS)

    await page.getByRole('textbox', { name: 'Address' }).fill('tcp://127.0.0.1:0')
    await page.getByRole('button', { name: 'Listen', exact: true }).click()
    const pane = page.getByRole('region', { name: /^L1\b/ })
    const state = pane.getByRole('status', { name: 'State' })
    const listening = /listening on tcp:\/\/127\.0\.0\.1:(\d+)/
    await expect(state).toHaveText(listening, { timeout: STEP_LIMIT_MS })
    const port = listening.exec((await state.textContent()) ?? '')?.[1]

    const behaviour = pane.getByRole('combobox', { name: 'Behaviour' })
    await behaviour.fill('upper')
    await behaviour.press('Enter')
    // Set when main has said so: a client that calls before that is answered by nobody.
    await expect
      .poll(() => askedInUpperCase(Number(port)), { timeout: STEP_LIMIT_MS, message: 'the answer to hello' })
      .toBe('HELLO\n')
    await page.evaluate('close()')
  } finally {
    await browser.close()
  }
}

/** What a socat client gets back for a hello. @param {number} port */
async function askedInUpperCase(port) {
  const client = await run('sh', ['-c', `printf 'hello\\n' | socat -t 2 - TCP4:127.0.0.1:${port}`], {
    timeoutMs: 10_000,
  })
  return client.stdout
}
