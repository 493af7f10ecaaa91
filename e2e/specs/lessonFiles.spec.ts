import { existsSync } from 'node:fs'
import path from 'node:path'
import { experimentText, lessonText, writeLesson } from '../../src/main/lesson/testing/writeLesson'
import { launchApp, type App } from '../drivers/app'
import { drop } from '../drivers/drop'
import { LessonPane } from '../drivers/lessonPane'
import { temporaryFolder } from '../drivers/places'
import { expect, test } from '../drivers/test'

const lessonOf = (app: App) => app.window.getByRole('region', { name: 'Lesson', exact: true })

test('a lesson that is named on the command line is shown', async () => {
  await using folder = await temporaryFolder()
  const lesson = await writeLesson(folder.join('upper'))
  await using app = await launchApp({ args: [path.join(lesson, 'lesson.md')] })
  await expect(lessonOf(app).getByRole('heading', { name: 'Upper case' })).toBeVisible()
  await expect(lessonOf(app).getByRole('img', { name: 'A circle' })).toBeVisible()
  await app.quit()
})

test('a lesson is dropped on the window as its folder; what is wrong with it is told with file and line', async ({
  app,
}) => {
  await using folder = await temporaryFolder()
  await drop(app, await writeLesson(folder.join('upper')))
  await expect(lessonOf(app).getByRole('heading', { name: 'Upper case' })).toBeVisible()
  const torn = await writeLesson(folder.join('torn'), {
    'lesson.md': lessonText.replace('Upper case', 'Torn').replace('{answered}', '{answred}'),
    'experiment.yaml': experimentText,
  })
  await drop(app, path.join(torn, 'lesson.md'))
  await expect(lessonOf(app).getByRole('heading', { name: 'Torn' })).toBeVisible()
  await expect(lessonOf(app).getByRole('list', { name: 'Faults' })).toHaveText(
    /lesson\.md:22 no step measures \{answred\}: did you mean answered\?/,
  )
})

test('what a proxy has dialled goes with its lesson', async ({ app, board }) => {
  await using folder = await temporaryFolder()
  const server = "server: { listen: 'tcp://127.0.0.1:0', behaviour: upper }"
  const relay = "relay: { listen: 'tcp://127.0.0.1:0', behaviour: 'proxy:tcp://127.0.0.1:{server.port}' }"
  await drop(
    app,
    await writeLesson(folder.join('relayed'), {
      'experiment.yaml': experimentText
        .replace(server, `${server}\n  ${relay}`)
        .replace("dial: 'tcp://127.0.0.1:{server.port}'", "dial: 'tcp://127.0.0.1:{relay.port}'")
        .replace('- part: talk', '- open: relay\n  - part: talk'),
    }),
  )
  const lesson = new LessonPane(app.window)
  await lesson.press('Do all')
  await lesson.isDone('talk')
  await lesson.press('List of sockets')
  // Two listeners, the caller, whom the relay accepted, what it dialled, and whom the server accepted.
  await expect(board.tree.items).toHaveCount(6)
  await lesson.press('Reset')
  await expect(board.tree.items).toHaveCount(0)
})

test('the folder for own lessons is made when it is asked for, and what lies in it is among the lessons', async ({
  app,
}) => {
  const shown = await app.electron.evaluateHandle(({ shell }) => {
    const paths: string[] = []
    shell.openPath = (asked) => {
      paths.push(asked)
      return Promise.resolve('')
    }
    return paths
  })
  const own = path.join(app.profile, 'lessons')
  await app.window.keyboard.press('F2')
  const gallery = app.window.getByRole('dialog', { name: 'Lessons' })
  await gallery.getByRole('button', { name: 'Open my lessons’ folder' }).click()
  await expect.poll(() => shown.jsonValue()).toEqual([own])
  expect(existsSync(own)).toBe(true)
  await writeLesson(path.join(own, '01-mine'), { 'lesson.md': lessonText.replace('Upper case', 'Mine') })
  await app.window.keyboard.press('Escape')
  await expect(gallery).toBeHidden()
  await app.window.keyboard.press('F2')
  await gallery.getByText('Mine').click()
  await expect(lessonOf(app).getByRole('heading', { name: 'Mine' })).toBeVisible()
})
