import AxeBuilder from '@axe-core/playwright'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ExperimentPanel } from '../drivers/experimentPanel'
import { ExportDialog, saveAs } from '../drivers/exportDialog'
import { temporaryFolder } from '../drivers/places'
import { ROOT } from '../drivers/program'
import { expect, test } from '../drivers/test'

const PHONE_CALL = path.join(ROOT, 'examples/phone-call.yaml')

test('an experiment runs: each step gets its sign, and its sockets and bytes are in the list', async ({
  app,
  board,
}) => {
  const experiment = await ExperimentPanel.open(app, PHONE_CALL)
  await expect(experiment.panel.getByRole('heading', { name: 'Phone call' })).toBeVisible()
  await expect(experiment.panel.getByText('listens on tcp://127.0.0.1:0, upper')).toBeVisible()
  await expect(experiment.verdict).toHaveText('12 steps')
  await experiment.press('Run')
  await expect(experiment.verdict).toHaveText(/^passed: 12 steps in \d+ ms$/)
  await expect(experiment.steps).toHaveCount(12)
  await expect(experiment.steps.filter({ hasText: 'passed:' })).toHaveCount(12)
  await expect(experiment.steps.nth(3)).toContainText('expect alice "HELLO\\n"')
  await expect(experiment.current).toHaveCount(0)

  const alice = await board.open('C1')
  await expect(alice.state).toHaveText('closed (fin)')
  await alice.counts({ in: [6, 1], out: [6, 1] })
  await expect(alice.rows.filter({ hasText: /← in.*HELLO\\n/ })).toBeVisible()

  // Once more, by its key: it is read anew, and takes new sockets.
  await app.window.keyboard.press('F9')
  await expect(board.tree.items.filter({ hasText: 'L2' })).toBeVisible()
  await expect(experiment.verdict).toHaveText(/^passed/)
})

test('steps are taken one by one, the one that comes is lit, and Stop closes what is open', async ({
  app,
  board,
}) => {
  const experiment = await ExperimentPanel.open(app, PHONE_CALL)
  await experiment.press('Step')
  await expect(experiment.verdict).toHaveText('before step 2 of 12')
  await expect(experiment.current).toContainText('open alice')
  await app.window.keyboard.press('F8')
  await expect(experiment.verdict).toHaveText('before step 3 of 12')
  await expect(experiment.current).toHaveText(/send\s*alice\s*"hello\\n"/)
  const alice = await board.open('C1')
  await expect(alice.state).toHaveText('open')
  await experiment.press('Stop')
  await expect(experiment.verdict).toHaveText('stopped before step 3 of 12')
  await expect(alice.state).toHaveText(/^closed \((fin|reset)\)$/)
})

test('where what comes is not what was expected, the step says so, and both sides stand beside each other', async ({
  app,
}) => {
  await using folder = await temporaryFolder()
  const file = folder.join('differs.yaml')
  await writeFile(
    file,
    `switchboard: 1
name: Not quite an echo
about: The server answers in upper case, and the steps expect it not to.
endpoints:
  server: { listen: "tcp://127.0.0.1:0", behaviour: upper }
  client: { dial: "tcp://127.0.0.1:{server.port}" }
steps:
  - open: server
  - open: client
  - send: client
    text: "GET me that, please\\n"
  - expect: client
    text: "GET me that, please\\n"
  - close: client
`,
  )
  const experiment = await ExperimentPanel.open(app, file)
  await experiment.press('Run')
  await expect(experiment.verdict).toHaveText('failed at step 4 of 5')
  const failed = experiment.steps.nth(3)
  await expect(failed).toContainText('failed:')
  await expect(failed).toContainText('Byte 4 is another than expected.')
  await expect(failed.getByRole('table', { name: 'Expected, 20 B' })).toContainText('GET me t')
  await expect(failed.getByRole('table', { name: 'Came, 20 B' })).toContainText('GET ME T')
  await expect(failed.getByRole('table', { name: 'Came, 20 B' }).locator('mark').first()).toHaveText('4d')
  await expect(experiment.steps.nth(4)).toContainText('waiting:')
  for (const colorScheme of ['dark', 'light'] as const) {
    await app.window.emulateMedia({ colorScheme })
    await expect(app.window.locator('html')).toHaveAttribute('data-theme', colorScheme)
    const { violations } = await new AxeBuilder({ page: app.window }).setLegacyMode(true).analyze()
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
  }
})

test('a faulty file lists its faults by line; mended, it is read again and runs', async ({ app }) => {
  await using folder = await temporaryFolder()
  const file = folder.join('faulty.yaml')
  const good = `switchboard: 1
endpoints:
  server: { listen: "tcp://127.0.0.1:0" }
steps:
  - open: server
  - close: server
`
  await writeFile(file, good.replace('listen', 'lissen').replace('close: server', 'close: sever'))
  const experiment = await ExperimentPanel.open(app, file)
  await expect(experiment.verdict).toHaveText('2 faults in the file')
  await expect(experiment.faults).toHaveText([
    /line 3, column 13\s*endpoints\.server\.lissen\s*there is no such key; did you mean listen\?/,
    /line 6, column 12\s*steps\[2\]\.close\s*there is no endpoint sever; did you mean server\?/,
  ])
  await expect(experiment.panel.getByRole('button', { name: 'Run', exact: true })).toBeDisabled()
  await writeFile(file, good)
  await experiment.press('Read the file again')
  await expect(experiment.verdict).toHaveText('2 steps')
  await experiment.press('Run')
  await expect(experiment.verdict).toHaveText(/^passed: 2 steps/)
  await experiment.press('Put the experiment away')
  await expect(experiment.panel).toBeHidden()
})

test('what was done by hand is exported as an experiment, which then runs', async ({ app, board }) => {
  await using folder = await temporaryFolder()
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const pane = await board.dial(await listener.url())
  await pane.isOpen()
  await pane.composer.send('by hand')
  await pane.carries({ in: 7, out: 7 })
  await pane.close()
  const exporting = await ExportDialog.open(app.window)
  await exporting.choose('The whole of this session')
  await exporting.choose(/^Experiment/)
  await expect(exporting.dialog.getByRole('combobox', { name: 'Direction' })).toBeDisabled()
  const file = folder.join('by-hand.yaml')
  const chosen = await saveAs(app, file)
  await exporting.submit()
  await expect(exporting.told).toContainText(`exported ${file}`)
  expect((await chosen.offered())[0]).toMatch(/\.yaml$/)

  const experiment = await ExperimentPanel.open(app, file)
  await expect(experiment.panel.getByText('listens on tcp://127.0.0.1:0, upper')).toBeVisible()
  await expect(experiment.steps.filter({ hasText: /expect C1 "BY HAND"/ })).toHaveCount(1)
  await experiment.press('Run')
  await expect(experiment.verdict).toHaveText(/^passed/)
})
