import { copyFile, rm, truncate, writeFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { launchApp, type App } from '../drivers/app'
import { pickFile } from '../drivers/dialogs'
import { FindBar } from '../drivers/findBar'
import { ConnectionPane } from '../drivers/pane'
import { temporaryFolder } from '../drivers/places'
import { problemsTold } from '../drivers/problems'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

needs('python3')

/** Records a conversation of two connections and one listener, and quits; answers where it can be copied from until the app is disposed of. */
async function record(app: App, file: string): Promise<void> {
  const { board } = app
  await using server = await pythonListens()
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const first = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await wire.send('a needle from afar')
  await first.carries({ in: 18 })
  await first.composer.send('and an answer')
  await first.carries({ out: 13 })
  await first.rows.filter({ hasText: 'a needle from afar' }).click()
  await first.traffic.press('m')
  await expect(first.traffic.locator('[aria-selected="true"]')).toContainText('Marked.')
  await wire.reset()
  await expect(first.state).toHaveText('closed (reset)')
  const second = await board.dial(await listener.url())
  await second.composer.send('hello')
  await second.carries({ in: 5, out: 5 })
  await app.quit()
  const recorded = await app.recordingFile()
  await copyFile(recorded, file)
  await copyFile(`${recorded}.idx`, `${file}.idx`)
}

async function open(app: App, file: string): Promise<void> {
  await pickFile(app, file)
  await app.window.keyboard.press('ControlOrMeta+Alt+o')
}

/** What the recording of `record` must show, wherever it was opened. */
async function expectShown(app: App): Promise<void> {
  const pane = new ConnectionPane(app.window, 'C1')
  await expect(pane.state).toHaveText('closed (reset)')
  await pane.counts({ in: [18, 1], out: [13, 1] })
  await expect(pane.traffic.getByText('a needle from afar')).toBeVisible()
  await expect(pane.traffic.getByText('and an answer')).toBeVisible()
  const { tree } = app.board
  await expect(tree.entry('L1')).toContainText('127.0.0.1')
  await expect(tree.items).toHaveCount(4)
}

test('a recording is opened, read and searched; its index is made anew where it is missing; what is opened then goes on beside it', async () => {
  await using folder = await temporaryFolder()
  const file = folder.join('talk.swb')
  {
    await using recorder = await launchApp()
    await record(recorder, file)
  }
  await using app = await launchApp()
  await open(app, file)
  await expectShown(app)
  const first = new ConnectionPane(app.window, 'C1')
  const bar = await FindBar.open(first)
  await bar.find('needle')
  await expect(bar.told).toHaveText('1 of 1')
  // Its marks are there, and nobody writes to it.
  await expect(first.rows.filter({ hasText: 'a needle from afar' })).toContainText('Marked.')
  await first.region.getByRole('button', { name: 'Marks', exact: true }).click()
  const marked = first.region.getByRole('group', { name: 'Marks', exact: true })
  await expect(marked.getByRole('textbox')).not.toBeEditable()

  // A new socket takes the next id; the same file once more takes those after it.
  const listener = await app.board.listen('tcp://127.0.0.1:0')
  expect(listener.id).toBe('L2')
  await rm(`${file}.idx`)
  await open(app, file)
  await expect(app.board.tree.entry('L3')).toBeVisible()
  const again = new ConnectionPane(app.window, 'C4')
  await expect(again.traffic.getByText('a needle from afar')).toBeVisible()
  // The accepts of the second one name its own connections.
  await app.board.tree.open('L3')
  await expect(app.window.getByRole('region', { name: /^L3\b/ })).toContainText('C6')
})

test('a file named on the command line is opened; a torn one as far as it is whole, and told so; any other is refused', async () => {
  await using folder = await temporaryFolder()
  const file = folder.join('talk.swb')
  {
    await using recorder = await launchApp()
    await record(recorder, file)
  }
  {
    await using app = await launchApp({ args: [file] })
    await app.board.tree.open('C1')
    await expectShown(app)
  }
  const torn = folder.join('torn.swb')
  await copyFile(file, torn)
  await truncate(torn, 2000)
  const foreign = folder.join('other.swb')
  await writeFile(foreign, 'no recording at all')
  await using app = await launchApp()
  await open(app, torn)
  await expect.poll(() => problemsTold(app)).toContain('from byte')
  await expect(app.board.tree.entry('C1')).toBeVisible()
  await open(app, foreign)
  await expect.poll(() => problemsTold(app)).toContain('does not begin as pcapng')
})
