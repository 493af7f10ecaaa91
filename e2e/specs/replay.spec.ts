import AxeBuilder from '@axe-core/playwright'
import { readFile } from 'node:fs/promises'
import { launchApp, type App } from '../drivers/app'
import { EndpointTree } from '../drivers/endpointTree'
import { temporaryFolder } from '../drivers/places'
import { saveTo, titles } from '../drivers/sessions'
import { expect, test } from '../drivers/test'
import { pythonDials } from '../peers/python'

/** The dialog in which recorded connections are played. */
async function openReplay(app: App) {
  await app.window.getByRole('button', { name: 'Replay', exact: true }).click()
  const dialog = app.window.getByRole('dialog', { name: 'Replay', exact: true })
  await expect(dialog).toBeVisible()
  return {
    dialog,
    verdict: dialog.getByRole('status', { name: 'Verdict', exact: true }),
    progress: dialog.getByRole('status', { name: 'Progress', exact: true }),
    choose: (name: string | RegExp) => dialog.getByRole('radio', { name }).check(),
    press: (name: string) => dialog.getByRole('button', { name, exact: true }).click(),
  }
}

test('saved, quit, started, opened: the same panes and bytes, and a replay says that they are equal', async () => {
  await using folder = await temporaryFolder()
  const file = folder.join('call.swb')
  {
    await using app = await launchApp()
    const listener = await app.board.listen('tcp://127.0.0.1:0', 'upper')
    const caller = await app.board.dial(await listener.url())
    for (const [n, word] of ['hello', ' is', ' anybody there'].entries()) {
      await caller.composer.send(word)
      await expect.poll(async () => (await caller.readCounters()).in[1]).toBe(n + 1)
    }
    await saveTo(app, file)
    await app.window.keyboard.press('ControlOrMeta+s')
    await expect.poll(() => titles(app)).toEqual(['call – Switchboard'])
    await app.quit()
  }
  await using app = await launchApp({ args: [file] })
  const caller = app.board.connection('C1')
  await expect(caller.region).toBeVisible()
  await caller.carries({ in: 22, out: 22 })
  const replay = await openReplay(app)
  await replay.choose(/^Both/)
  await replay.choose(/^As fast/)
  await replay.press('Play')
  await expect(replay.verdict).toHaveText('All 2 are equal.')
  await expect(replay.dialog.getByRole('list', { name: 'Connections' }).getByRole('listitem')).toHaveText([
    /C1 as client.*equal.*sent 22 of 22 B, came 22 of 22 B/,
    /as server.*equal/,
  ])
  await expect(replay.dialog.getByRole('img', { name: /^Delay of \d+ answers/ }).first()).toBeVisible()
  // Once more: what the first replay opened is recorded here too, and is not played with the rest.
  await replay.press('Play')
  await expect(replay.verdict).toHaveText('All 2 are equal.')
  await expect(replay.dialog).toContainText('Left out: 1 connection on which replays had played.')
  const report = folder.join('report.xml')
  await saveTo(app, report)
  await replay.press('JUnit')
  await expect(replay.dialog).toContainText('Saved report.xml')
  expect(await readFile(report, 'utf8')).toContain('failures="0"')
})

test('against a server that answers otherwise, the first byte that differs is lit, with both sides around it', async ({
  app,
  board,
}) => {
  const first = await board.listen('tcp://127.0.0.1:0', 'upper')
  const caller = await board.dial(await first.url())
  await caller.composer.send('hello')
  await caller.carries({ in: 5, out: 5 })
  const other = await board.listen('tcp://127.0.0.1:0', 'reply:HELP!')
  const replay = await openReplay(app)
  await replay.dialog.getByRole('textbox', { name: 'Target' }).fill(await other.url())
  await replay.dialog.getByRole('checkbox', { name: /^All/ }).uncheck()
  await replay.dialog.getByRole('checkbox', { name: /^C1 / }).check()
  await replay.press('Play')
  await expect(replay.verdict).toHaveText('1 of 1 differs.')
  const [differing] = [replay.dialog.getByRole('list', { name: 'Connections' }).getByRole('listitem').first()]
  await expect(differing).toContainText('byte 3 of what the server sent differs')
  await expect(differing.getByRole('table', { name: 'Expected, 5 B' }).locator('mark').first()).toHaveText(
    '4c',
  )
  await expect(differing.getByRole('table', { name: 'Came, 5 B' }).locator('mark').first()).toHaveText('50')
  for (const colorScheme of ['dark', 'light'] as const) {
    await app.window.emulateMedia({ colorScheme })
    await expect(app.window.locator('html')).toHaveAttribute('data-theme', colorScheme)
    const { violations } = await new AxeBuilder({ page: app.window }).setLegacyMode(true).analyze()
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
  }
})

test('a replay is paused, stepped and stopped', async ({ app, board }) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const caller = await board.dial(await listener.url())
  await caller.composer.send('hello')
  await caller.carries({ in: 5, out: 5 })
  const replay = await openReplay(app)
  await replay.choose(/^Server/)
  await replay.dialog.getByRole('checkbox', { name: /^All/ }).uncheck()
  await replay.dialog.getByRole('checkbox', { name: /^C1 / }).check()
  await replay.press('Play')
  const listening = replay.dialog.getByRole('status', { name: 'Listening at' })
  await expect(listening).toContainText(/Listening on tcp:\/\/127\.0\.0\.1:[1-9]/)
  await replay.press('Pause')
  await expect(replay.progress).toContainText('Paused')
  const step = replay.dialog.getByRole('button', { name: 'Step', exact: true })
  await step.click()
  await expect(replay.dialog.getByRole('alert')).toContainText('All connections wait for their peers.')
  // Who calls now gets no answer but by a step.
  await using client = await pythonDials(
    ((await listening.textContent()) ?? '').replace('Listening on ', '').trim(),
  )
  const wire = await client.wire()
  await wire.send('hello')
  await expect(replay.progress).toContainText('5 B of 10 B')
  await step.click()
  await wire.receives('HELLO')
  await expect(replay.progress).toContainText('Paused: 0 of 1 over · 10 B of 10 B')
  await replay.press('Go on')
  await expect(replay.progress).toContainText('Playing')
  await replay.press('Stop')
  await expect(replay.verdict).toHaveText(/^Stopped: /)
})

test('rules: what differs may differ in the next replay, and a value that is taken goes into what is sent', async ({
  app,
  board,
}) => {
  const first = await board.listen('tcp://127.0.0.1:0', 'reply:id=11;')
  const caller = await board.dial(await first.url())
  await caller.composer.send('hello ')
  await caller.carries({ in: 6, out: 6 })
  await caller.composer.send('I am id=11; ')
  await caller.carries({ in: 12, out: 18 })
  const other = await board.listen('tcp://127.0.0.1:0', 'reply:id=42;')
  const replay = await openReplay(app)
  await replay.dialog.getByRole('textbox', { name: 'Target' }).fill(await other.url())
  await replay.dialog.getByRole('checkbox', { name: /^All/ }).uncheck()
  await replay.dialog.getByRole('checkbox', { name: /^C1 / }).check()
  await replay.press('Play')
  await expect(replay.verdict).toHaveText('1 of 1 differs.')
  await replay.press('Let it differ')
  await expect(replay.dialog.getByRole('textbox', { name: 'Rule 1: May differ' })).toHaveValue('C1:3-4')

  const rule = (name: string) => replay.dialog.getByRole('textbox', { name })
  await rule('Rule 1: May differ').fill('all')
  await expect(replay.dialog.getByRole('alert')).toContainText('"all" is no mask.')
  await rule('Rule 1: May differ').fill(String.raw`/id=\d+/`)
  await expect(replay.dialog.getByRole('alert')).toHaveCount(0)
  await replay.press('Take')
  await expect(rule('Rule 2: Take')).toBeFocused()
  await app.window.keyboard.type(String.raw`id=/id=(\d+)/`)
  await replay.press('Send instead')
  await rule('Rule 3: Send instead').fill(String.raw`/id=(\d+)/={id}`)
  await replay.press('Play')
  await expect(replay.verdict).toHaveText('Equal.')
  await replay.press('Copy as command')
  await expect(replay.dialog).toContainText('Copied the command')
  expect(await app.electron.evaluate(({ clipboard }) => clipboard.readText())).toContain(
    String.raw`--connection C1 --mask '/id=\d+/' --capture 'id=/id=(\d+)/' --set '/id=(\d+)/={id}'`,
  )
  await replay.press('Close the replay')
  await new EndpointTree(app.window).open('C5')
  await expect(board.connection('C5').traffic).toContainText('I am id=42;')
})
