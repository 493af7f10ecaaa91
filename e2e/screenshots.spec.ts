import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { BenchPane } from './drivers/benchPane'
import { LessonPane } from './drivers/lessonPane'
import { expect, test } from './drivers/test'

// Writes the pictures of the README: a real phone call, seen from all its ends. Not part of the tests: see package.json.
const folder = fileURLToPath(new URL('../docs/images', import.meta.url))

test('the phone call, in dark and in light', async ({ app, board }) => {
  await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setContentSize(1440, 900),
  )
  await app.window.getByRole('button', { name: /phone call/i }).click()
  await expect(board.tree.items).toHaveCount(5)
  const listener = board.listener('L1')
  const accepted = await listener.connections.innerText()
  const clients = ['C1', 'C2', 'C3', 'C4'].filter((id) => !new RegExp(`\\b${id}\\b`).test(accepted))
  for (const [n, id] of clients.entries()) {
    const pane = board.connection(id)
    await pane.isOpen()
    for (const line of n === 0
      ? ['hello, is anybody there?', 'na\u00efve caf\u00e9, \u20ac5']
      : ['good evening']) {
      await pane.composer.endWith('LF')
      await pane.composer.send(line)
      await expect(pane.traffic).toContainText(line.toUpperCase())
    }
  }
  await mkdir(folder, { recursive: true })
  for (const theme of ['dark', 'light'] as const) {
    await app.window.emulateMedia({ colorScheme: theme })
    await expect(app.window.locator('html')).toHaveAttribute('data-theme', theme)
    await app.window.screenshot({ path: `${folder}/${theme}.png` })
  }
})

test('a syscall bench, with a call that blocks', async ({ app, board }) => {
  await app.window.emulateMedia({ colorScheme: 'dark' })
  await board.toolbar.newBench.click()
  const bench = new BenchPane(app.window, 'B1')
  const address = { 'Address of the call': '127.0.0.1:8060' }
  await bench.run('socket')
  await bench.run('setsockopt', { Socket: 's1' })
  await bench.run('bind', { Socket: 's1', ...address })
  await bench.run('listen', { Socket: 's1' })
  await bench.run('socket')
  await bench.run('connect', { Socket: 's2', ...address })
  await bench.run('accept', { Socket: 's1' })
  await bench.run('send', { Socket: 's2', Bytes: 'hello' })
  await bench.run('recv', { Socket: 's3', Bufsize: '4' })
  await bench.run('setblocking', { Socket: 's2' })
  await bench.run('recv', { Socket: 's3', Bufsize: '4' })
  await bench.run('recv', { Socket: 's3', Bufsize: '4' })
  await mkdir(folder, { recursive: true })
  await app.window.screenshot({ path: `${folder}/bench.png` })
})

test('a lesson, after the step in which both ends have talked', async ({ app }) => {
  await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setContentSize(1440, 900),
  )
  await app.window.emulateMedia({ colorScheme: 'dark' })
  const lesson = await LessonPane.open(app, '01-phone-call')
  for (const part of ['buy', 'insert', 'power', 'wait', 'ring', 'hear', 'talk']) {
    await app.window.keyboard.press('F8')
    await lesson.isDone(part)
  }
  await expect(lesson.pins.first()).toBeVisible()
  // The text comes there smoothly.
  await expect
    .poll(() => lesson.part('talk').evaluate((card) => card.getBoundingClientRect().top))
    .toBeLessThan(250)
  await mkdir(folder, { recursive: true })
  await app.window.screenshot({ path: `${folder}/lesson.png`, animations: 'disabled' })
})
