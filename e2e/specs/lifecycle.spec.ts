import { expect, test } from '@playwright/test'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { launchApp, type App } from '../drivers/app'
import { evaluateInWindow } from '../drivers/hostile'
import { answerMessages, endService, messagesShown } from '../drivers/mishaps'
import { temporaryFolder } from '../drivers/places'
import { problemsTold } from '../drivers/problems'
import { ROOT, runProgram } from '../drivers/program'
import { needs } from '../peers/needs'
import { pythonDials, sha256, type PythonWire, type Sum } from '../peers/python'
import { followTcp, streamOfPort } from '../peers/tshark'

needs('python3', 'tshark')

const MEGABYTES = 1_000_000

/** Opens a listener over the bridge of whatever page is there now, and answers where it listens. */
async function listen(app: App): Promise<string> {
  const reply = await evaluateInWindow<{ ok: boolean; value?: { state: { at: { port: number } } } }>(
    app,
    `switchboard.call('listener.open', { at: 'tcp://127.0.0.1:0' })`,
  )
  if (reply.value === undefined) throw new Error(`cannot listen: ${JSON.stringify(reply)}`)
  return `tcp://127.0.0.1:${reply.value.state.at.port}`
}

/** What the service has counted and how its first connection stands, asked through whatever page is there now. */
async function connection(app: App): Promise<{ readonly inBytes: number; readonly phase: string }> {
  return await evaluateInWindow(
    app,
    `switchboard.call('socket.list', {}).then(({ value }) => ({
      inBytes: value.counters.find(([id]) => id === 'C1')?.[1].inBytes ?? 0,
      phase: value.sockets.find(({ id }) => id === 'C1')?.state.phase ?? 'none',
    }))`,
  )
}

/** The recording holds exactly what the peer says it sent. */
async function expectRecorded(app: App, wire: PythonWire, said: Sum): Promise<void> {
  const file = await app.recordingFile()
  const { fromFirst } = await followTcp(file, await streamOfPort(file, wire.localPort))
  expect(fromFirst.length).toBe(said.sentBytes)
  expect(sha256(fromFirst)).toBe(said.sentSha256)
}

const endings: Record<string, (app: App) => Promise<void>> = {
  'quitting from the menu': async ({ electron }) =>
    electron.evaluate(({ Menu }) => {
      const items = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []) ?? []
      setImmediate(() => items.find((item) => item.role === 'quit')?.click())
    }),
  'closing the window': async ({ electron }) =>
    electron.evaluate(
      ({ BrowserWindow }) => void setImmediate(() => BrowserWindow.getAllWindows()[0]?.close()),
    ),
  SIGTERM: async (app) => void app.electron.process().kill('SIGTERM'),
  SIGINT: async (app) => void app.electron.process().kill('SIGINT'),
  SIGHUP: async (app) => void app.electron.process().kill('SIGHUP'),
}

for (const [how, end] of Object.entries(endings)) {
  test(`${how} while recording asks nothing and loses nothing`, async () => {
    await using app = await launchApp()
    await using program = await pythonDials(await listen(app))
    const wire = await program.wire()
    await wire.flood(5 * MEGABYTES, 10_000)
    await expect.poll(async () => (await connection(app)).inBytes).toBe(5 * MEGABYTES)
    const said = await wire.sum()
    // At once: what came last is still in memory.
    await wire.flood(1_000, 1_000)
    await expect.poll(async () => (await connection(app)).inBytes).toBe(5 * MEGABYTES + 1_000)
    const all = await wire.sum()
    expect(all.sentBytes).toBe(said.sentBytes + 1_000)
    await end(app)
    expect(await app.ended()).toEqual({ code: 0, signal: null })
    await wire.sawEof()
    await expectRecorded(app, wire, all)
  })
}

test('a session in which no socket was opened leaves no recording behind', async () => {
  await using app = await launchApp()
  await expect
    // The folder is made with the first recording.
    .poll(() => readdir(app.recordings).catch(() => []))
    .toContainEqual(expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.swb$/))
  await app.quit()
  expect(await readdir(app.recordings)).toEqual([])
})

for (const [what, mishap] of [
  [
    'crashes',
    (app: App) =>
      app.electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
      ),
  ],
  [
    'is reloaded',
    (app: App) =>
      app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.reload()),
  ],
] as const) {
  test(`when the page ${what} in mid-flood, sockets stay open and every byte is recorded`, async () => {
    await using app = await launchApp()
    const url = await listen(app)
    await using program = await pythonDials(url)
    const wire = await program.wire()
    await app.window.evaluate(() => window.switchboard.host('tap.open', { id: 'C1', from: 0 }))
    const loads = await app.electron.evaluateHandle(({ BrowserWindow }) => {
      const seen = { count: 0 }
      BrowserWindow.getAllWindows()[0]?.webContents.on('did-finish-load', () => seen.count++)
      return seen
    })
    const flooded = wire.flood(30 * MEGABYTES, 50_000)
    await expect.poll(async () => (await connection(app)).inBytes).toBeGreaterThan(1 * MEGABYTES)
    await mishap(app)
    await expect.poll(() => loads.evaluate(({ count }) => count)).toBe(1)
    expect((await connection(app)).phase).toBe('open')
    await flooded
    await expect.poll(async () => (await connection(app)).inBytes).toBe(30 * MEGABYTES)
    const said = await wire.sum()
    // The new page knows the sockets, and says why it is new.
    await expect.poll(() => evaluateInWindow<string>(app, `document.body.innerText`)).toContain('C1')
    if (what === 'crashes') {
      await expect.poll(() => problemsTold(app)).toContain('was loaded again')
      expect(app.problems.splice(0)).toContain('the renderer crashed')
    }
    await app.quit()
    await expectRecorded(app, wire, said)
  })
}

test('a page that hangs costs main no memory, slows no socket, and is up to date when it is back', async () => {
  await using app = await launchApp()
  const url = await listen(app)
  await using program = await pythonDials(url)
  const wire = await program.wire()
  const pane = await app.board.open('C1')
  const resident = () => app.electron.evaluate(() => process.memoryUsage.rss())
  // Once beforehand, so that the recording's own buffers are there already.
  await wire.flood(20 * MEGABYTES, 1_000)
  await expect.poll(async () => (await connection(app)).inBytes).toBe(20 * MEGABYTES)
  const before = await resident()

  const hung = app.window.evaluate(() => {
    const until = performance.now() + 4_000
    while (performance.now() < until);
    return performance.now()
  })
  // sendall returns when the kernel has it all: far more than its buffers hold, so the app has read it meanwhile.
  await wire.flood(60 * MEGABYTES, 1_000)
  const grown = (await resident()) - before
  await hung
  expect(grown).toBeLessThan(64 * MEGABYTES)
  await pane.carries({ in: 80 * MEGABYTES })
})

test('when the service’s thread dies the app says so and begins anew when asked', async () => {
  await using app = await launchApp()
  const url = await listen(app)
  await using program = await pythonDials(url)
  const wire = await program.wire()
  await answerMessages(app, 'Begin a new session')
  await evaluateInWindow(app, 'window.isOfBefore = true')
  await endService(app)
  await wire.sawEof()
  await expect.poll(() => messagesShown(app)).toHaveLength(1)
  expect((await messagesShown(app))[0]).toMatch(/has stopped.*All sockets of this session are closed/s)
  await expect(async () => {
    const listed = await evaluateInWindow(
      app,
      `window.isOfBefore === true ? null : switchboard.call('socket.list', {})`,
    )
    expect(listed).toMatchObject({ ok: true, value: { sockets: [] } })
  }).toPass()
  await listen(app)
  app.problems.splice(0)
  await app.quit()
  expect((await readdir(app.recordings)).filter((name) => name.endsWith('.swb'))).toHaveLength(2)
})

test('a folder in which nothing can be recorded is told, and no socket opens unrecorded', async () => {
  await using app = await launchApp({ args: ['--recordings=/dev/null/below'] })
  const reply = await app.window.evaluate(() =>
    window.switchboard.call('listener.open', { at: 'tcp://127.0.0.1:0' }),
  )
  expect(reply).toMatchObject({
    ok: false,
    fault: { code: expect.stringMatching(/^(SB_CAPTURE|E[A-Z]+)$/) },
  })
  app.problems.splice(0)
})

test('the window comes back where it was, as it was', async () => {
  await using folder = await temporaryFolder()
  const bounds = { x: 90, y: 70, width: 900, height: 640 }
  {
    await using app = await launchApp({ profile: folder.join('profile') })
    await app.electron.evaluate(
      ({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setBounds(to),
      bounds,
    )
    await app.window.evaluate(() =>
      window.switchboard.host('settings.write', { key: 'kept', json: '{"a":1}' }),
    )
    await app.quit()
  }
  await using app = await launchApp({ profile: folder.join('profile') })
  const now = await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.getBounds(),
  )
  expect(now).toEqual(bounds)
  expect(await app.window.evaluate(() => window.switchboard.host('settings.read', { key: 'kept' }))).toEqual({
    ok: true,
    value: '{"a":1}',
  })
})

test('settings that cannot be understood are set aside, and the app starts with its defaults', async () => {
  await using folder = await temporaryFolder()
  const profile = folder.join('profile')
  await (await launchApp({ profile }))[Symbol.asyncDispose]()
  await writeFile(path.join(profile, 'settings.json'), '{"version":1,"val')
  await using app = await launchApp({ profile })
  await expect(app.board.toolbar.address).toBeVisible()
  const aside = (await readdir(profile)).filter((name) => name.startsWith('settings.corrupt-'))
  expect(aside).toHaveLength(1)
  expect(await readFile(path.join(profile, aside[0] ?? ''), 'utf8')).toBe('{"version":1,"val')
})

test('a second start hands its file to the first and ends', async () => {
  await using app = await launchApp()
  const second = await runProgram([`--user-data-dir=${app.profile}`, '/tmp/from-the-second.swb'])
  expect(second.code).toBe(0)
  await expect.poll(() => problemsTold(app)).toContain('from-the-second.swb')
  expect(await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('with a verb the program is the command line, and needs no screen', async () => {
  const demo = await runProgram(['demo', '--port', '0', '--json'], { hasScreen: false })
  expect(demo).toMatchObject({ code: 0 })
  expect(JSON.parse(demo.output)).toBeTruthy()
  const help = await runProgram(['--help'], { hasScreen: false })
  expect(help).toMatchObject({ code: 0, output: expect.stringContaining('switchboard') })
  const bad = await runProgram(['info', '/nowhere.swb'], { hasScreen: false })
  expect(bad).toMatchObject({ code: 2, output: '' })
})

test('a start that fails says why and ends, rather than running on without a window', async () => {
  await using folder = await temporaryFolder()
  for (const part of ['package.json', 'out/main', 'out/preload']) {
    await cp(path.join(ROOT, part), folder.join(part), { recursive: true })
  }
  const start = await runProgram([`--user-data-dir=${folder.join('profile')}`], { root: folder.path })
  expect(start.code).toBe(1)
  expect(start.said).toContain('the start failed')
  expect(await readFile(folder.join('profile/logs/main.log'), 'utf8')).toContain('the start failed')
})
