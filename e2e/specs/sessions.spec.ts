import AxeBuilder from '@axe-core/playwright'
import { type Page } from '@playwright/test'
import { execFile } from 'node:child_process'
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { launchApp, type App } from '../drivers/app'
import { drop } from '../drivers/drop'
import { ConnectionPane } from '../drivers/pane'
import { pickFile } from '../drivers/dialogs'
import { temporaryFolder } from '../drivers/places'
import { problemsTold } from '../drivers/problems'
import { ROOT } from '../drivers/program'
import { saveTo, titles, windowOpenedBy, windowTitled } from '../drivers/sessions'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'

needs('capinfos')

/** A listener that answers in upper case, and a dialled connection that says something. */
async function talk({ board }: Pick<App, 'board'>, says: string): Promise<void> {
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const caller = await board.dial(await listener.url())
  await caller.composer.send(says)
  await caller.carries({ in: says.length, out: says.length })
}

/** What Wireshark's capinfos says of a file, its complaints included. */
async function capinfos(file: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('capinfos', ['-M', file])
  return stdout + stderr
}

const swb = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.swb'))

test('saved, quit, started with the file: the same sockets and bytes, and it goes on in the same file', async () => {
  await using folder = await temporaryFolder()
  const file = folder.join('talk.swb')
  const profile = folder.join('profile')
  {
    await using app = await launchApp({ profile })
    await expect.poll(() => titles(app)).toEqual([expect.stringMatching(/^Untitled \(.*\) – Switchboard$/)])
    await talk(app, 'hello')
    const [untitled = ''] = await swb(app.recordings)
    const recorded = await stat(path.join(app.recordings, untitled))
    await saveTo(app, file)
    await app.window.keyboard.press('ControlOrMeta+s')
    await expect(app.window.getByRole('status', { name: 'Saved' })).toHaveText('Saved as talk.swb')
    // Nothing was copied: the recording itself has got the name.
    expect((await stat(file)).ino).toBe(recorded.ino)
    await expect.poll(() => titles(app)).toEqual(['talk – Switchboard'])
    // What it was in before is of no more use.
    await expect.poll(() => swb(app.recordings)).toEqual([])
    await new ConnectionPane(app.window, 'C1').composer.send(' again')
    await new ConnectionPane(app.window, 'C1').carries({ in: 11, out: 11 })
    await app.window.keyboard.press('ControlOrMeta+s')
    await expect(app.window.getByRole('status', { name: 'Saved' })).toHaveText('Saved')
    await app.quit()
  }
  expect(await capinfos(file)).not.toMatch(/damaged|cut short|error/i)
  const before = await stat(file)
  {
    // Two of them chosen in a file manager, which names them by URL.
    const copy = folder.join('a café.swb')
    await copyFile(file, copy)
    const args = [file, copy].map((each) => pathToFileURL(each).href)
    await using app = await launchApp({ profile, args })
    await expect.poll(() => titles(app)).toEqual(['a café – Switchboard', 'talk – Switchboard'])
    const window = await windowTitled(app, 'talk – Switchboard')
    await expect(window.board.tree.items).toHaveCount(3)
    const caller = await window.board.open('C1')
    await caller.counts({ in: [11, 2], out: [11, 2] })
    await expect(caller.traffic.getByText('HELLO', { exact: true })).toBeVisible()
    await talk(window, 'and on')
    await expect(window.board.tree.entry('C3')).toBeVisible()
    await app.quit()
    expect(await swb(app.recordings)).toEqual([])
  }
  expect((await stat(file)).size).toBeGreaterThan(before.size)
  expect(await capinfos(file)).not.toMatch(/damaged|cut short|error/i)
  // It is offered where one begins.
  await using app = await launchApp({ profile })
  await app.window
    .getByRole('list', { name: 'Opened before' })
    .getByRole('button', { name: /^talk\.swb/ })
    .click()
  await expect.poll(() => titles(app)).toEqual(['talk – Switchboard'])
  await expect(app.board.tree.entry('C3')).toBeVisible()
})

test('each window has a session of its own; a file that is open is shown, and not recorded into twice', async ({
  app,
}) => {
  await using folder = await temporaryFolder()
  const file = folder.join('one.swb')
  await talk(app, 'first')
  await saveTo(app, file)
  await app.window.keyboard.press('ControlOrMeta+Shift+s')
  await expect.poll(() => titles(app)).toEqual(['one – Switchboard'])

  const second = await windowOpenedBy(app, () =>
    app.window.getByRole('button', { name: 'New session' }).click(),
  )
  await expect(second.page.getByText('Nothing is open.')).toBeVisible()
  await expect(second.board.tree.items).toHaveCount(0)
  await second.board.listen('tcp://127.0.0.1:0')
  await expect(second.board.tree.items).toHaveCount(1)
  // What is remembered between starts is the same in all.
  const themeOf = (page: Page) => page.locator('html').getAttribute('data-theme')
  const before = await themeOf(app.window)
  await second.page.getByRole('button', { name: /^(Dark|Light) theme$/ }).click()
  await expect.poll(() => themeOf(second.page)).not.toBe(before)
  await expect.poll(() => themeOf(app.window)).not.toBe(before)
  await expect(app.board.tree.items).toHaveCount(3)

  // The same file once more: its window comes to the front, and nothing else.
  await pickFile(app, file)
  await second.page.getByRole('button', { name: 'Open session' }).click()
  await expect
    .poll(() =>
      app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getFocusedWindow()?.getTitle() ?? ''),
    )
    .toBe('one – Switchboard')
  expect(await titles(app)).toHaveLength(2)

  // A copy, while it goes on, is another session.
  await saveTo(app, folder.join('two.swb'))
  const third = await windowOpenedBy(app, async () => {
    await app.window.keyboard.press('ControlOrMeta+k')
    await app.window.keyboard.type('Duplicate session')
    await app.window.keyboard.press('Enter')
  })
  await expect(third.board.tree.items).toHaveCount(3)
  await expect.poll(() => titles(app)).toContain('two – Switchboard')

  // One window is closed: its session ends, the others go on.
  await second.page.close()
  await expect.poll(() => titles(app)).toHaveLength(2)
  await new ConnectionPane(app.window, 'C1').composer.send(' still')
  await new ConnectionPane(app.window, 'C1').carries({ in: 11, out: 11 })
})

test('what is no session is told, stays as it is, and the window lives on', async ({ app, board }) => {
  await using folder = await temporaryFolder()
  const bad: Record<string, Buffer> = {
    'picture.swb': Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
    'zip.swb': Buffer.from('504b0304140000000800', 'hex'),
    'empty.swb': Buffer.alloc(0),
  }
  for (const [name, bytes] of Object.entries(bad)) {
    const file = folder.join(name)
    await writeFile(file, bytes)
    await pickFile(app, file)
    await app.window.keyboard.press('ControlOrMeta+o')
    await expect.poll(() => problemsTold(app)).toContain(name)
    expect(await readFile(file)).toEqual(bytes)
    expect(await readdir(folder.path)).not.toContain(`${name}.lock`)
  }
  await pickFile(app, folder.join('nowhere.swb'))
  await app.window.keyboard.press('ControlOrMeta+o')
  await expect.poll(() => problemsTold(app)).toContain('ENOENT')
  expect(await titles(app)).toHaveLength(1)
  await board.listen('tcp://127.0.0.1:0')
  await expect(board.tree.items).toHaveCount(1)
})

test('a session that is recorded elsewhere is opened beside, with a word on who has it', async ({ app }) => {
  await using folder = await temporaryFolder()
  await using other = await launchApp()
  const file = folder.join('held.swb')
  await talk(other, 'mine')
  await saveTo(other, file)
  await other.window.keyboard.press('ControlOrMeta+s')
  await expect.poll(() => titles(other)).toEqual(['held – Switchboard'])
  await pickFile(app, file)
  await app.window.keyboard.press('ControlOrMeta+o')
  await expect.poll(() => problemsTold(app)).toMatch(/held\.swb is being recorded by process \d+/)
  await expect(app.board.tree.items).toHaveCount(3)
})

test('what was arranged comes back: panes, views, what was written and noted; nothing is open until it is asked for', async () => {
  await using folder = await temporaryFolder()
  const file = folder.join('arranged.swb')
  let address: string
  {
    await using app = await launchApp()
    const { window, board } = app
    await board.toolbar.address.fill('tcp://127.0.0.1:0')
    await window.getByRole('button', { name: 'Options' }).click()
    await window.getByLabel(/backlog/i).fill('7')
    await window.keyboard.press('Escape')
    const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
    address = await listener.url()
    const caller = await board.dial(address)
    await caller.composer.send('hello')
    await caller.carries({ in: 5, out: 5 })
    await caller.region.getByRole('button', { name: 'Write a note' }).click()
    await caller.region.getByRole('textbox', { name: 'Note' }).fill('the one that greets')
    await caller.show('Hex')
    await caller.composer.payload.fill('written, not sent')
    await listener.region.getByRole('textbox', { name: 'Payload' }).fill('68 65 6c')
    await listener.region.getByRole('radio', { name: 'Hex', exact: true }).last().check()
    await saveTo(app, file)
    await window.keyboard.press('ControlOrMeta+s')
    await expect.poll(() => titles(app)).toEqual(['arranged – Switchboard'])
    await caller.composer.payload.fill('written last')
    await app.quit()
  }
  await using app = await launchApp({ args: [file] })
  const { window, board } = app
  const caller = board.connection('C1')
  await expect(caller.region).toBeVisible()
  await expect(board.listener('L1').region).toBeVisible()
  await expect(caller.region.getByRole('radio', { name: 'Hex', exact: true }).first()).toBeChecked()
  await expect(caller.region.getByRole('textbox', { name: 'Note' })).toHaveValue('the one that greets')
  await expect(caller.composer.payload).toHaveValue('written last')
  await expect(board.listener('L1').region.getByRole('textbox', { name: 'Payload' })).toHaveValue('68 65 6c')
  // The kernel is asked: nobody listens there.
  const port = Number(new URL(address).port)
  expect(await listeners(port)).toBe('')
  const told = window.getByRole('status', { name: 'Ended with the session' })
  await expect(told).toContainText('L1, C1 were open when this session ended')
  await told.getByRole('button', { name: 'Open all again' }).click()
  await expect(told).toBeHidden()
  const listener = board.listener('L2')
  await board.tree.open('L2')
  await expect(listener.state).toHaveText(/^listening on /)
  await expect(listener.behaviour).toHaveValue('upper')
  // In the place of the one before, and called where it listens now: the kernel has chosen another port.
  await expect.poll(() => board.panes.arrangement('L1', 'L2')).toBe('in one place')
  const again = board.connection('C3')
  await expect(again.state).toHaveText(/^open/)
  await expect(again.composer.payload).toHaveValue('written last')
  await expect(again.region.getByRole('textbox', { name: 'Note' })).toHaveValue('the one that greets')
  await again.composer.send('again')
  await again.carries({ in: 5, out: 5 })
  await window.keyboard.press('ControlOrMeta+w')
  await expect(again.region).toBeHidden()
  await window.keyboard.press('ControlOrMeta+Shift+t')
  await expect(again.region).toBeVisible()
  expect(await listeners(Number(new URL(await listener.url()).port))).toMatch(/^LISTEN +0 +7 /)
})

/** What listens on a port, as the kernel tells it: `Recv-Q Send-Q`, the second of which is the backlog. */
async function listeners(port: number): Promise<string> {
  const { stdout } = await promisify(execFile)('ss', ['-Hltn', `sport = :${port}`])
  return stdout.trim()
}

test('killed while it records, the next start offers what was written, and goes on with it', async () => {
  await using folder = await temporaryFolder()
  const profile = folder.join('profile')
  const recordings = folder.join('kept')
  {
    await using app = await launchApp({ profile, args: [`--recordings=${recordings}`] })
    await talk(app, 'until the end')
    // What is reported as written is in the file.
    expect(await app.window.evaluate(() => window.switchboard.call('session.sync', {}))).toMatchObject({
      ok: true,
    })
    process.kill(app.electron.process().pid as number, 'SIGKILL')
    await app.ended()
  }
  await using app = await launchApp({ profile, args: [`--recordings=${recordings}`] })
  const dialog = app.window.getByRole('dialog', { name: 'Switchboard ended without notice' })
  await expect(dialog.getByRole('listitem')).toHaveCount(1)
  await expect(dialog.getByRole('listitem')).toContainText('3 sockets')
  for (const colorScheme of ['dark', 'light'] as const) {
    await app.window.emulateMedia({ colorScheme })
    await expect(app.window.locator('html')).toHaveAttribute('data-theme', colorScheme)
    const { violations } = await new AxeBuilder({ page: app.window }).setLegacyMode(true).analyze()
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
  }
  await dialog.getByRole('button', { name: 'Go on with it' }).click()
  await expect(app.board.tree.items).toHaveCount(3)
  await expect(dialog).toBeHidden()
  const caller = await app.board.open('C1')
  await caller.carries({ in: 13, out: 13 })
  await expect(caller.traffic.getByText('UNTIL THE END', { exact: true })).toBeVisible()
})

test('a session that was cut off is mended, and its window says so', async () => {
  await using folder = await temporaryFolder()
  const file = folder.join('cut.swb')
  {
    await using app = await launchApp()
    await talk(app, 'to the end')
    await saveTo(app, file)
    await app.window.keyboard.press('ControlOrMeta+s')
    await expect.poll(() => titles(app)).toEqual(['cut – Switchboard'])
    await app.quit()
  }
  await truncate(file, (await stat(file)).size - 5)
  await using app = await launchApp({ args: [file] })
  await expect.poll(() => titles(app)).toEqual(['cut – Switchboard'])
  await expect.poll(() => problemsTold(app)).toContain('The recording had been cut off')
  await expect(app.board.tree.items).toHaveCount(3)
  expect(await capinfos(file)).not.toMatch(/damaged|cut short|error/i)
})

test('a session that is dropped on the window is opened; so is an experiment', async ({ app }) => {
  await using folder = await temporaryFolder()
  const file = folder.join('dropped.swb')
  {
    await using other = await launchApp()
    await talk(other, 'carried')
    await saveTo(other, file)
    await other.window.keyboard.press('ControlOrMeta+s')
    await expect.poll(() => titles(other)).toEqual(['dropped – Switchboard'])
    await other.quit()
  }
  await drop(app, file)
  await expect.poll(() => titles(app)).toEqual(['dropped – Switchboard'])
  await expect(app.board.tree.items).toHaveCount(3)
  await drop(app, path.join(ROOT, 'examples/phone-call.yaml'))
  await expect(app.window.getByRole('region', { name: 'Experiment', exact: true })).toBeVisible()
})
