import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { circle, experimentText, lessonText, writeLesson } from '../lesson/testing/writeLesson'
import { createService, type LocalService } from './service'
import { Session, temporaryFolder } from './testing/session'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let service: LocalService
let session: Session
let shipped: string
let own: string

beforeEach(async () => {
  folder = await temporaryFolder()
  shipped = join(folder.path, 'shipped')
  own = join(folder.path, 'own')
  const file = join(folder.path, 'session.swb')
  const created = await createService({ file, application: 'test', lessons: { shipped, own } })
  if (!created.ok) throw new Error(created.fault.summary)
  service = created.value
  session = new Session(service)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('lessons of the program are listed before those of the user', async () => {
  expect(await session.call('lesson.list', {})).toEqual([])
  await writeLesson(join(own, '01-mine'))
  await writeLesson(join(own, '02-upper'))
  await writeLesson(join(shipped, '02-upper'))
  const cards = await session.call('lesson.list', {})
  expect(cards.map(({ id, isOwn }) => [id, isOwn])).toEqual([
    ['02-upper', false],
    ['01-mine', true],
    ['02-upper', true],
  ])
  const open = async (id: string, isOwn?: boolean): Promise<boolean> => {
    const asked = isOwn === undefined ? { id } : { id, isOwn }
    return (await session.call('lesson.open', asked)).lesson.isOwn
  }
  expect(await open('02-upper')).toBe(false)
  expect(await open('02-upper', true)).toBe(true)
  expect(await open('01-mine')).toBe(true)
})

test('a lesson runs part by part, and its outcomes have what was measured', async () => {
  await writeLesson(join(shipped, '01-upper'))
  const { lesson, experiment, problems } = await session.call('lesson.open', { id: '01-upper' })
  expect(problems).toEqual([])
  expect(experiment.machine['machine.system']).toMatch(/\w/)
  const number = experiment.experiment
  for (const block of lesson.blocks) {
    if (block.is !== 'do') continue
    await session.call('experiment.run', { experiment: number, to: block.to })
    await session.until(
      'experiment.progressed',
      ({ experiment: of, done, phase }) =>
        of === number && done === block.to && phase !== 'running' && phase !== 'ending',
    )
    const outcomes = await session.call('experiment.outcomes', {
      experiment: number,
      from: block.from,
      to: block.to,
    })
    expect(outcomes.every(({ phase }) => phase === 'passed')).toBe(true)
    const measured = Object.assign({}, ...outcomes.map((each) => each.values)) as object
    expect(Object.keys(measured)).toContain(block.part === 'listen' ? 'server.port' : 'answered')
  }
  await session.call('experiment.close', { experiment: number })
  expect(await session.refusal('lesson.start', { experiment: number })).toBe('SB_UNKNOWN')
  expect(await session.refusal('lesson.picture', { experiment: number, name: 'circle.svg' })).toBe(
    'SB_UNKNOWN',
  )
})

test('a lesson that was picked is opened once by its grant', async () => {
  const path = await writeLesson(join(folder.path, 'elsewhere'))
  const grant = service.grantFile(join(path, 'lesson.md'))
  const opened = await session.call('lesson.open', { grant })
  expect(opened.lesson).toMatchObject({ id: 'elsewhere', isOwn: true })
  expect(await session.refusal('lesson.open', { grant })).toBe('SB_INPUT')
  const shippedOne = await writeLesson(join(shipped, '01-upper'))
  const again = await session.call('lesson.open', { grant: service.grantFile(shippedOne) })
  expect(again.lesson).toMatchObject({ id: '01-upper', isOwn: false })
})

test('what is wrong is told, and mended while it is open', async () => {
  const path = await writeLesson(join(own, 'mine'), {
    'lesson.md': lessonText.replace('{answered}', '{answred}'),
  })
  const { lesson, experiment, problems } = await session.call('lesson.open', { id: 'mine' })
  expect(lesson.blocks).toEqual([])
  expect(problems).toEqual([
    { file: 'lesson.md', line: 22, message: 'no step measures {answred}: did you mean answered?' },
  ])
  await writeFile(join(path, 'lesson.md'), lessonText)
  await writeFile(join(path, 'experiment.yaml'), experimentText.replace('text: HELLO', 'text: hello'))
  const again = await session.call('lesson.start', { experiment: experiment.experiment })
  expect(again.problems).toEqual([])
  expect(again.lesson.blocks.length).toBeGreaterThan(0)
  expect(again.experiment.experiment).toBe(experiment.experiment)
})

test('pictures that the text names are had, and no other file', async () => {
  await writeLesson(join(own, 'mine'), { 'other.svg': circle })
  const { experiment } = await session.call('lesson.open', { id: 'mine' })
  const picture = (name: string): Promise<string> =>
    session.refusal('lesson.picture', { experiment: experiment.experiment, name })
  expect(
    await session.call('lesson.picture', { experiment: experiment.experiment, name: 'circle.svg' }),
  ).toEqual({
    type: 'image/svg+xml',
    bytes: new Uint8Array(Buffer.from(circle)),
  })
  expect(await picture('other.svg')).toBe('SB_UNKNOWN')
  expect(await picture('../mine/circle.svg')).toBe('SB_UNKNOWN')
  expect(await picture('lesson.md')).toBe('SB_UNKNOWN')
})

test('a lesson that is not there is refused', async () => {
  expect(await session.refusal('lesson.open', { id: '..' })).toBe('SB_UNKNOWN')
  expect(await session.refusal('lesson.open', { id: 'nothing' })).toBe('SB_UNKNOWN')
  expect(await session.refusal('lesson.open', { grant: 'made up' })).toBe('SB_INPUT')
})
