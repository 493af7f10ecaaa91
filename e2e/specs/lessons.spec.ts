import AxeBuilder from '@axe-core/playwright'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { type Page } from '@playwright/test'
import { type App, launchApp } from '../drivers/app'
import { pickFile } from '../drivers/dialogs'
import { heldBy } from '../drivers/leftOpen'
import { LessonGallery, LessonPane } from '../drivers/lessonPane'
import { writeLesson } from '../drivers/ownLesson'
import { temporaryFolder } from '../drivers/places'
import { ROOT } from '../drivers/program'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'

async function barriers(window: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: window }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} at ${target.join(' ')}`))
}

test('one’s own lesson, step by step: what is measured comes into the text, and pins stand at what it tells of', async ({
  app,
  board,
}) => {
  await writeLesson(path.join(app.profile, 'lessons'), 'small')
  const lesson = await LessonPane.open(app, 'small')
  await expect(lesson.title).toHaveText('A small call')
  await expect(lesson.value('server.port')).toHaveText('…')
  await expect(lesson.text).toContainText('On this machine')
  await expect(lesson.text.getByRole('group').filter({ hasText: 'Elsewhere' })).toBeVisible()
  await expect(lesson.part('ring')).toHaveAttribute('data-phase', 'next')
  await expect(lesson.part('end')).toHaveAttribute('data-phase', 'waiting')

  await lesson.do('ring')
  const server = board.listener('L1')
  await expect(server.state).toHaveText(/^listening on tcp:\/\/127\.0\.0\.1:\d+$/)
  const port = /\d+$/.exec(await server.state.innerText())?.[0] ?? ''
  await expect(lesson.value('server.port')).toHaveText(port)
  await expect(lesson.progress).toHaveText('1 of 2 steps done')
  const alice = board.connection('C1')
  await expect(alice.region, 'both panes are seen at once').toBeVisible()
  await expect(server.region).toBeVisible()
  await expect(app.window.getByRole('tab', { name: /^C1\s+alice/ })).toBeVisible()
  await expect(server.region.locator('[data-pointer="1"]')).toBeAttached()
  await expect(alice.rows.last().locator('[data-pointer="2"]')).toBeVisible()
  await expect(
    alice.region.getByRole('row').filter({ hasText: 'bytes_acked' }).locator('[data-pointer="3"]'),
  ).toBeInViewport()
  // The keyboard is still where it was.
  await expect(lesson.region.locator(':focus')).toHaveCount(1)

  const reference = app.window.getByRole('region', { name: 'Reference', exact: true })
  for (const [written, page] of [
    ['listen()', /^listen\(\)/],
    ['the other way', /^ECONNREFUSED/],
  ] as const) {
    await lesson.text.getByRole('link', { name: written }).click()
    await expect(reference.getByRole('heading', { name: page })).toBeVisible()
  }
  await app.window.keyboard.press('Escape')

  const [question] = await lesson.questions.all()
  await question?.getByRole('radio', { name: 'the client' }).check()
  await question?.getByRole('button', { name: 'Answer', exact: true }).click()
  await expect(lesson.questions).toContainText('Not quite.')
  await expect(lesson.questions).toContainText('it was asked for port 0')

  await app.window.keyboard.press('F8')
  await lesson.isDone('end')
  await expect(lesson.progress).toHaveText('all 2 steps done')
  await expect(lesson.value('gone')).toHaveText(/^[\d.]+ m?s$/)
  await expect(lesson.pins).toHaveCount(0)

  await lesson.press('Reset')
  await expect(lesson.progress).toHaveText('0 of 2 steps done')
  await expect(lesson.value('server.port')).toHaveText('…')
  await expect(lesson.questions).not.toContainText('it was asked for port 0')
  await expect(board.panes.tabs).toHaveCount(0)

  await lesson.press('Do all')
  await lesson.isDone('end')
  await lesson.close()
  await expect(board.panes.tabs).toHaveCount(0)
  await expect(board.tree.items).toHaveCount(0)
  await expect(board.faults).toHaveCount(0)

  const gallery = await LessonGallery.open(app.window)
  await expect(gallery.card('small')).toContainText('done on')
})

test('a lesson is opened from a file, and by its folder dropped into the folder of own ones; a broken one says where', async ({
  app,
}) => {
  await using folder = await temporaryFolder()
  const gallery = await LessonGallery.open(app.window)
  await pickFile(app, await writeLesson(folder.path, 'elsewhere'))
  await gallery.press('Open a lesson…')
  const lesson = new LessonPane(app.window)
  await expect(lesson.title).toHaveText('A small call')
  await lesson.do('ring')

  const broken = await writeLesson(folder.path, 'broken', (text) => text.replace('```do end', '```do and'))
  await LessonGallery.open(app.window)
  await pickFile(app, broken)
  await gallery.press('Open a lesson…')
  await expect(lesson.faults.first()).toContainText(/lesson\.md:\d+/)
  await expect(lesson.faults.first()).toContainText('and')
  await expect(lesson.parts).toHaveCount(0)
  // Mended, it is read again.
  await writeLesson(folder.path, 'broken')
  await lesson.press('Reset')
  await expect(lesson.parts).toHaveCount(2)
})

test('with the keyboard alone', async ({ app }) => {
  await writeLesson(path.join(app.profile, 'lessons'), 'small')
  const { keyboard } = app.window
  const gallery = await LessonGallery.open(app.window)
  await expect(gallery.find).toBeFocused()
  await keyboard.type('port of zero')
  await expect(gallery.cards).toHaveCount(1)
  await keyboard.press('Enter')
  const lesson = new LessonPane(app.window)
  await expect(lesson.text).toBeFocused()
  await keyboard.press('F8')
  await lesson.isDone('ring')
  await lesson.questions.getByRole('radio').first().focus()
  await keyboard.press('ArrowDown')
  await keyboard.press('Enter')
  await expect(lesson.questions).toContainText('Right.')
  await keyboard.press('F9')
  await lesson.isDone('end')
  await keyboard.press('Shift+F8')
  await expect(lesson.part('ring')).toHaveAttribute('data-phase', 'next')
  await keyboard.press('F2')
  await expect(gallery.dialog).toBeVisible()
  await keyboard.press('ArrowDown')
  await keyboard.press('ArrowUp')
  await expect(gallery.chosen).toHaveCount(1)
  await keyboard.press('Escape')
  await expect(gallery.dialog).toBeHidden()
})

for (const theme of ['dark', 'light'] as const) {
  test(`nothing in a lesson stands in the way of a screen reader, ${theme}`, async ({ app }) => {
    await app.window.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await writeLesson(path.join(app.profile, 'lessons'), 'small')
    const gallery = await LessonGallery.open(app.window)
    await expect(gallery.card('small')).toBeVisible()
    expect(await barriers(app.window), 'the gallery').toEqual([])
    const lesson = await gallery.choose('small')
    expect(await barriers(app.window), 'before the first step').toEqual([])
    await lesson.do('ring')
    await lesson.questions.getByRole('button', { name: 'Show the answer' }).click()
    expect(await barriers(app.window), 'after a step').toEqual([])
  })
}

test.describe('every lesson, step by step, to its end', () => {
  needs('ss')
  const folder = path.join(ROOT, 'lessons')
  const ids = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'lesson.md')))
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>
  let app: App
  // One program does them all: whatever one leaves behind, the next finds.
  test.beforeAll(async () => {
    temporary = await temporaryFolder()
    app = await launchApp({ env: { TMPDIR: temporary.path } })
    await app.window.setViewportSize({ width: 1280, height: 800 })
  })
  test.afterAll(async () => {
    await app[Symbol.asyncDispose]()
    await temporary[Symbol.asyncDispose]()
  })
  for (const id of ids) {
    test(id, async () => {
      test.setTimeout(180_000)
      const before = await heldBy(app, temporary.path)
      const lesson = await LessonPane.open(app, id)
      await expect(lesson.faults).toHaveCount(0)
      const names = await lesson.parts.evaluateAll((all) =>
        all.map((each) => each.getAttribute('data-part') ?? ''),
      )
      expect(names.length).toBeGreaterThan(0)
      for (const name of names) await lesson.do(name)
      await app.window.screenshot({ path: path.join(ROOT, 'test-results/lessons', `${id}.png`) })
      await expect(lesson.progress).toHaveText(`all ${names.length} steps done`)
      for (const step of await lesson.parts.getByRole('listitem').all())
        await expect(step).toHaveClass(/\b(passed|skipped)\b/)
      for (const question of await lesson.questions.all()) {
        await question.getByRole('button', { name: 'Show the answer' }).click()
        await expect(question.getByRole('status')).not.toBeEmpty()
      }
      const isSkipped = (await lesson.parts.locator('.skipped').count()) > 0
      if (!isSkipped)
        await expect(lesson.region.locator('[data-value]').filter({ hasText: /^(…|not here)$/ })).toHaveCount(
          0,
        )
      // What a pane tells of a dial that was to fail is the lesson's own matter.
      await expect(lesson.region.getByRole('alert')).toHaveCount(0)
      await expect(app.window.getByRole('button', { name: 'No problems' })).toBeVisible()

      await lesson.close()
      await expect(app.board.panes.tabs).toHaveCount(0)
      await expect(app.board.tree.items).toHaveCount(0)
      await expect.poll(() => heldBy(app, temporary.path)).toEqual(before)
    })
  }
})
