import { _electron, expect, type ElectronApplication, type Page } from '@playwright/test'
import { type ChildProcess } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Board } from './board'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const UNPRIVILEGED = fileURLToPath(new URL('unprivileged.sh', import.meta.url))
const isRoot = process.getuid?.() === 0

export interface LaunchOptions {
  /** A profile to start with again; a fresh one otherwise. */
  readonly profile?: string
  /** More words for the command line. */
  readonly args?: readonly string[]
  /** Take the right to bind privileged ports away, should we have it. Linux, and needs setpriv. */
  readonly isUnprivileged?: boolean
  /** Set in its environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** A running Switchboard, with its own profile and its own folder of recordings, which go when it is disposed of. */
export class App implements AsyncDisposable {
  readonly electron: ElectronApplication
  readonly window: Page
  readonly board: Board
  readonly profile: string
  readonly recordings: string
  readonly #folder: string
  /** What should never be: errors on the console, uncaught exceptions, violations of the content security policy. */
  readonly problems: string[]
  /** Kept from the start: Playwright forgets it when the program ends. */
  readonly #process: ChildProcess
  readonly #exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>

  constructor(parts: {
    electron: ElectronApplication
    window: Page
    profile: string
    recordings: string
    folder: string
    problems: string[]
  }) {
    this.electron = parts.electron
    this.window = parts.window
    this.profile = parts.profile
    this.recordings = parts.recordings
    this.#folder = parts.folder
    this.problems = parts.problems
    this.board = new Board(parts.window)
    this.#process = parts.electron.process()
    this.#exit = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => resolve({ code, signal }))
    })
  }

  /** The file that this run records into. Complete once the app has quit. */
  async recordingFile(): Promise<string> {
    const files = (await readdir(this.recordings)).filter((name) => name.endsWith('.swb'))
    expect(files, 'a run has one recording').toHaveLength(1)
    return path.join(this.recordings, files[0] as string)
  }

  /** Quits as the user does, and checks that the program ended by itself, without an error. */
  async quit(): Promise<void> {
    await this.electron.close()
    expect(await this.#exit, 'the app ends by itself').toEqual({ code: 0, signal: null })
  }

  /** How the program ended, once it has: by whatever it was asked to. */
  async ended(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    return await this.#exit
  }

  get hasQuit(): boolean {
    const { exitCode, signalCode } = this.#process
    return exitCode !== null || signalCode !== null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasQuit) await this.quit()
    await rm(this.#folder, { recursive: true, force: true })
    expect(this.problems, 'no errors on the console, no violations of the content security policy').toEqual(
      [],
    )
  }
}

/** Starts the built app in a real Electron and waits for its window. */
export async function launchApp({
  profile,
  args = [],
  isUnprivileged = false,
  env = {},
}: LaunchOptions = {}): Promise<App> {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchboard-e2e-'))
  const userData = profile ?? path.join(folder, 'profile')
  const recordings = path.join(folder, 'recordings')
  const electron = await _electron.launch({
    // Without an executablePath Playwright finds Electron as `require('electron')` does, and holds `ready` until it is attached.
    ...(isUnprivileged && isRoot ? { executablePath: UNPRIVILEGED } : {}),
    args: [ROOT, `--user-data-dir=${userData}`, `--recordings=${recordings}`, ...args],
    chromiumSandbox: !isRoot,
    cwd: ROOT,
    env: { ...(process.env as Record<string, string>), ...env },
  })
  // A click that cannot be made in this time is an answer, too.
  electron.context().setDefaultTimeout(10_000)
  const problems: string[] = []
  // On the context, not on the window: what the page says before anybody holds it counts too.
  electron.context().on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      problems.push(`console: ${message.text()}`)
  })
  electron.context().on('weberror', (uncaught) => problems.push(`uncaught: ${uncaught.error().stack ?? ''}`))
  const window = await electron.firstWindow()
  window.on('crash', () => problems.push('the renderer crashed'))
  await window.exposeFunction('tellViolation', (violation: string) => problems.push(`policy: ${violation}`))
  const listen = () =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      void (globalThis as unknown as { tellViolation(text: string): Promise<void> }).tellViolation(
        `${violatedDirective} ${blockedURI}`,
      )
    })
  await window.addInitScript(listen)
  // A page that is being loaded anew, with a session that was named, has it from the script above.
  await window.evaluate(listen).catch((error: unknown) => {
    if (!/because of a navigation/.test(String(error))) throw error
  })
  return new App({ electron, window, profile: userData, recordings, folder, problems })
}
