import AxeBuilder from '@axe-core/playwright'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { type App } from '../drivers/app'
import { ExperimentPanel } from '../drivers/experimentPanel'
import { saveAs } from '../drivers/exportDialog'
import { LessonGallery } from '../drivers/lessonPane'
import { temporaryFolder } from '../drivers/places'
import { ROOT } from '../drivers/program'
import { ProgramPanel } from '../drivers/programPanel'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'

needs('python3')
const run = promisify(execFile)
const PHONE_CALL = path.join(ROOT, 'examples/phone-call.yaml')

async function barriers({ window }: App): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: window }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

test('an experiment is a program, whose lines are lit as its steps are taken', async ({ app }) => {
  const { window } = app
  const experiment = await ExperimentPanel.open(app, PHONE_CALL)
  const program = await ProgramPanel.open(window, experiment.panel)
  await expect(program.lines).toBeFocused()
  await expect(program.lit).toHaveCount(0)
  await experiment.press('Step')
  await expect(program.lit.filter({ hasText: 'server.listen(5)' })).toBeVisible()
  // Lit while it is taken, too; the next one can be taken once it has been.
  await expect(experiment.verdict).toHaveText(/^before step 2 of/)
  await experiment.press('Step')
  await expect(experiment.verdict).toHaveText(/^before step 3 of/)
  await experiment.press('Step')
  await expect(program.lit).toHaveText([/alice\.sendall\(b"hello\\n"\)/])
  await expect(program.chosen).toContainText('sendall')
  await expect(program.detail).toContainText('send(2), again and again')
  await expect(program.detail).toContainText('step 3: send alice')

  await program.choose('C')
  await expect(program.lit).toHaveText([/send_all\(alice, "hello\\n", 6\);/])
  await expect(program.commands).toContainText('cc -std=c11')
  await program.choose('Node')
  await expect(program.lit).toHaveText([/alice\.socket\.write\('hello\\n'\)/])

  // With the keyboard from line to line, and away.
  await program.lines.focus()
  await window.keyboard.press('Home')
  await expect(program.chosen).toContainText('// Phone call')
  await window.keyboard.press('End')
  await window.keyboard.press('ArrowUp')
  await expect(program.detail).toContainText('line ')
  await window.keyboard.press('Escape')
  await expect(program.region).toBeHidden()
  await expect(experiment.panel.getByRole('button', { name: 'Show as a program' })).toBeFocused()
})

test('one end alone is saved, and runs', async ({ app }) => {
  await using folder = await temporaryFolder()
  const experiment = await ExperimentPanel.open(app, PHONE_CALL)
  const program = await ProgramPanel.open(app.window, experiment.panel)
  const whole = folder.join('whole.py')
  const offered = await saveAs(app, whole)
  await program.press('Save the program')
  await expect.poll(() => offered.offered()).toEqual([expect.stringMatching(/phone-call\.py$/)])
  await expect.poll(async () => run('python3', [whole]).then(() => 'ran', String)).toBe('ran')

  await program.part.selectOption('alice alone')
  await expect(program.commands).toHaveText('python3 phone-call-alice.py')
  await program.press('Copy the program')
  await expect(program.region.getByRole('status')).toHaveText('Copied')
  const copied = await app.electron.evaluate(({ clipboard }) => clipboard.readText())
  expect(copied).toContain('socket.create_connection((host, port), timeout=5)')
})

test('a connection that was recorded is the program of its side', async ({ app, board }) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'echo')
  const pane = await board.dial(await listener.url())
  await pane.composer.send('by hand')
  await pane.counts({ in: [7, 1], out: [7, 1] })
  const program = await ProgramPanel.open(app.window, pane.region)
  await expect(program.region.getByRole('heading')).toHaveText('C1 as a program')
  await expect(program.lines).toContainText('C1.sendall(b"by hand")')
  await program.press('Close the program')
  await board.palette.run('as a program')
  await expect(program.chosen).toBeVisible()
})

for (const theme of ['dark', 'light'] as const) {
  test(`beside a lesson nothing stands in the way of a screen reader, ${theme}`, async ({ app }) => {
    const { window } = app
    await window.emulateMedia({ colorScheme: theme })
    await expect(window.locator('html')).toHaveAttribute('data-theme', theme)
    const lesson = await (await LessonGallery.open(window)).choose('01-phone-call')
    const program = await ProgramPanel.open(window, lesson.region)
    await window.keyboard.press('F8')
    await expect(program.lit.filter({ hasText: 'phone = ' })).toBeVisible()
    await window.screenshot({ path: `test-results/program-lesson-${theme}.png` })
    expect(await barriers(app)).toEqual([])
    await program.choose('Node')
    await program.region.getByText('What it does otherwise').click()
    await window.screenshot({ path: `test-results/program-notes-${theme}.png` })
    expect(await barriers(app), 'its notes').toEqual([])
  })
}
