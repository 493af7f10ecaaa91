import { expect, test, type ElectronApplication } from '@playwright/test'
import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { launchApp } from '../drivers/app'
import { launchAsNobody } from '../drivers/nobody'
import { temporaryFolder } from '../drivers/places'
import { needs } from '../peers/needs'

test.skip(process.platform !== 'linux', 'what holds a process is told by Linux’s /proc')
const isRoot = process.getuid?.() === 0
if (isRoot) needs('runuser', 'unshare')

async function processes(
  electron: ElectronApplication,
): Promise<{ readonly main: number; readonly page: number }> {
  return await electron.evaluate(({ BrowserWindow }) => ({
    main: process.pid,
    page: BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0,
  }))
}

/** A line of /proc/PID/status, see proc(5). */
async function status(pid: number, field: string): Promise<string | undefined> {
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
}

/** Chromium's sandbox is made of namespaces, which some kernels and containers keep from ordinary users. */
async function maySandbox(): Promise<boolean> {
  try {
    await promisify(execFile)('runuser', ['-u', 'nobody', '--', 'unshare', '--user', '--net', 'true'])
    return true
  } catch {
    return false
  }
}

async function expectSandboxed(electron: ElectronApplication): Promise<void> {
  const page = await electron.firstWindow()
  expect(await page.evaluate(() => window.switchboard.call('socket.list', {}))).toMatchObject({ ok: true })
  const pids = await processes(electron)
  // seccomp(2): 2 is a filter; and the process can never gain rights again (prctl(2), PR_SET_NO_NEW_PRIVS).
  expect(await status(pids.page, 'Seccomp')).toBe('2')
  expect(await status(pids.page, 'NoNewPrivs')).toBe('1')
  // A network of its own with nothing in it (network_namespaces(7)): the page could open no socket even if it found a way to.
  expect(await readlink(`/proc/${pids.page}/ns/net`)).not.toBe(await readlink(`/proc/${pids.main}/ns/net`))
}

test('for an ordinary user the page’s process is held by Chromium’s sandbox, and the app works in it', async () => {
  test.slow()
  if (!isRoot) {
    await using app = await launchApp()
    await expectSandboxed(app.electron)
    return
  }
  test.skip(
    !(await maySandbox()),
    'the kernel here gives ordinary users no namespaces of their own (user_namespaces(7))',
  )
  await using folder = await temporaryFolder()
  const electron = await launchAsNobody(folder)
  try {
    await expectSandboxed(electron)
  } finally {
    await electron.close()
  }
})
