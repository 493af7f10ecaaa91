import { execFileSync } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Folder } from '../capture/testing/folder'
import { lessonFolder } from './folder'
import { listLessons } from './listLessons'
import { readPicture } from './picture'
import { readWholeLesson, type WholeLesson } from './readLesson'
import { experimentText, lessonText, writeLesson } from './testing/writeLesson'

let folder: Folder
let count = 0
beforeAll(async () => (folder = await Folder.make()))
afterAll(() => folder[Symbol.asyncDispose]())

const fresh = (): string => join(folder.path, String(++count))

type Files = Parameters<typeof writeLesson>[1]

async function read(files: Files = {}): Promise<WholeLesson> {
  const whole = await readWholeLesson(await writeLesson(fresh(), files))
  if (!whole.ok) throw new Error(whole.fault.summary)
  return whole.value
}

async function problems(files: Files): Promise<string[]> {
  return (await read(files)).problems.map(({ file, line, message }) => `${file}:${line}: ${message}`)
}

const front = (lines: string): string => `---\n${lines}\n---\n${lessonText.split('---\n')[2] ?? ''}`
const good = 'lesson: 1\ntitle: T\nteaches: S.\nminutes: 2'

test('a lesson is its text, checked against its experiment', async () => {
  const { lesson, experiment, problems: found } = await read()
  expect(found).toEqual([])
  expect(lesson).toMatchObject({
    title: 'Upper case',
    teaches: 'What goes in small comes out large.',
    minutes: 2,
    needs: [],
    panes: ['server', 'alice'],
  })
  expect(lesson.blocks.map(({ is }) => is)).toEqual([
    ...['heading', 'do', 'paragraph', 'picture', 'heading', 'do', 'paragraph'],
  ])
  expect(experiment?.steps).toHaveLength(6)
})

test('lines may end as on Windows', async () => {
  expect(await problems({ 'lesson.md': lessonText.replaceAll('\n', '\r\n') })).toEqual([])
})

test.for<[string, string, ...string[]]>([
  [
    'no front matter',
    '# Hello\n',
    'lesson.md:1: expected ---, then lesson: 1 and the title, then --- and the text.',
  ],
  [
    'one that does not end',
    '---\nlesson: 1\n',
    'lesson.md:1: the --- of this line has no second --- that ends what the lesson says of itself.',
  ],
  [
    'a later version',
    front(good.replace('1', '2')),
    'lesson.md:2: lesson: is version 2, of a newer Switchboard; this one reads version 1.',
  ],
  ['no title', front(good.replace('title: T\n', '')), 'lesson.md:2: lacks title: what it is called.'],
  [
    'a title of two lines',
    front(good.replace('T', '"a\\nb"')),
    'lesson.md:3: title: is more than one line of text.',
  ],
  [
    'a key that is misspelt',
    front(`${good}\npane: []`),
    'lesson.md:6: pane: there is no such key; did you mean panes?',
  ],
  [
    'minutes that are none',
    front(good.replace('2', 'few')),
    'lesson.md:5: minutes: found the text "few", expected a whole number from 1 to 600.',
  ],
  [
    'a pane of nobody',
    front(`${good}\npanes: [server, bench, bob]`),
    'lesson.md:6: panes: there is no endpoint bob; there are server, alice, bench.',
  ],
  [
    'panes without end',
    front(`${good}\npanes: [a, b, c, d, e]`),
    'lesson.md:6: panes: has 5 entries; at most 4 are taken.',
  ],
  [
    'YAML that is none',
    front(`${good}\n  x`),
    'lesson.md:5: minutes: found the text "2 x", expected a whole number from 1 to 600.',
  ],
])('%s is told', async ([, text, ...found]) => {
  expect(await problems({ 'lesson.md': text })).toEqual(found)
})

test('what is wrong with the experiment is told with its file', async () => {
  const {
    lesson,
    experiment,
    problems: found,
  } = await read({
    'experiment.yaml': experimentText.replace('behaviour: upper', 'behavior: upper'),
  })
  expect(experiment).toBeNull()
  expect(lesson).toMatchObject({ title: 'Upper case', blocks: [] })
  expect(found).toEqual([
    {
      file: 'experiment.yaml',
      line: 4,
      message: 'endpoints.server.behavior: there is no such key; did you mean behaviour?',
    },
  ])
})

test('what is no text, or too long, is told', async () => {
  const none = ['lesson.md:1: the file is no text: a lesson is Markdown in UTF-8.']
  expect(await problems({ 'lesson.md': new Uint8Array([0x2d, 0xff, 0xfe]) })).toEqual(none)
  expect(await problems({ 'lesson.md': `${lessonText}\0` })).toEqual(none)
  expect(await problems({ 'lesson.md': 'x'.repeat(262_145) })).toEqual([
    'lesson.md:1: "lesson.md" has 262145 bytes; at most 262144 are taken.',
  ])
  expect(await problems({ 'lesson.md': null })).toEqual([
    `lesson.md:1: there is no "lesson.md" in the lesson's folder.`,
  ])
})

test('pictures lie in the folder, and are what their endings say', async () => {
  const shows = (...names: string[]): string =>
    `${lessonText}\n${names.map((name) => `![x](${name})\n`).join('\n')}`
  const text = shows(
    'a.png',
    'b.gif',
    '../c.svg',
    '/etc/d.svg',
    'none.svg',
    'big.svg',
    'text.svg',
    'https://x.org/e.svg',
  )
  const files = {
    'a.png': '<svg/>',
    'b.gif': 'GIF89a',
    'big.svg': `<svg>${' '.repeat(524_288)}</svg>`,
    'text.svg': '<html><svg/></html>',
  }
  expect(await problems({ 'lesson.md': text, ...files })).toEqual([
    'lesson.md:24: "a.png" does not hold what its ending says.',
    'lesson.md:26: "b.gif" is no picture that is shown: those end in .svg, .png or .jpg.',
    `lesson.md:28: "../c.svg" leads out of the lesson's folder.`,
    'lesson.md:30: "/etc/d.svg" is not relative: what a lesson shows lies in its folder.',
    `lesson.md:32: there is no "none.svg" in the lesson's folder.`,
    'lesson.md:34: "big.svg" has 524299 bytes; at most 524288 are taken.',
    'lesson.md:36: "text.svg" does not hold what its ending says.',
    'lesson.md:38: "https://x.org/e.svg" is not relative: what a lesson shows lies in its folder.',
  ])
})

test('a link does not lead out of the folder, and a pipe is not waited for', async () => {
  const outside = fresh()
  await writeFile(outside, '<svg/>')
  const lesson = await writeLesson(fresh())
  await mkdir(join(lesson, 'below'))
  await symlink(outside, join(lesson, 'out.svg'))
  await symlink(join(lesson, 'circle.svg'), join(lesson, 'below', 'in.svg'))
  execFileSync('mkfifo', [join(lesson, 'pipe.svg')])
  expect(await readPicture(lesson, 'out.svg')).toEqual({
    refusal: `"out.svg" is a link that leads out of the lesson's folder.`,
  })
  expect(await readPicture(lesson, 'below/in.svg')).toMatchObject({ type: 'image/svg+xml' })
  expect(await readPicture(lesson, 'pipe.svg')).toEqual({ refusal: '"pipe.svg" is no regular file.' })
  expect(await readPicture(lesson, '\0.svg')).toEqual({ refusal: '"·.svg" is no path.' })
})

test('a lesson is named by its folder or by its text', async () => {
  const path = await writeLesson(fresh())
  expect(await lessonFolder(path)).toEqual({ ok: true, value: path })
  expect(await lessonFolder(join(path, 'lesson.md'))).toEqual({ ok: true, value: path })
  expect(await lessonFolder(join(path, 'circle.svg'))).toMatchObject({
    ok: false,
    fault: { summary: 'circle.svg is no lesson: that is a folder with lesson.md and experiment.yaml in it.' },
  })
  expect(await lessonFolder(join(path, 'nothing'))).toMatchObject({ ok: false, fault: { code: 'ENOENT' } })
  expect(await readWholeLesson(await writeLesson(fresh(), { 'experiment.yaml': null }))).toMatchObject({
    ok: false,
    fault: { code: 'ENOENT' },
  })
})

test('lessons are listed by the names of their folders, with what keeps one from being read', async () => {
  const all = fresh()
  await writeLesson(join(all, '02-second'), { 'experiment.yaml': 'nonsense' })
  await writeLesson(join(all, '01-first'))
  await writeLesson(join(all, '03-third'), { 'lesson.md': null })
  await symlink(join(all, '01-first'), join(all, '04-linked'))
  await writeLesson(join(all, '.hidden'))
  await writeFile(join(all, 'README.md'), 'read me')
  const cards = await listLessons(all, true)
  expect(cards.map(({ id }) => id)).toEqual(['01-first', '02-second', '03-third', '04-linked'])
  expect(cards[0]).toEqual({
    id: '01-first',
    title: 'Upper case',
    teaches: 'What goes in small comes out large.',
    minutes: 2,
    needs: [],
    isOwn: true,
  })
  expect(cards[2]).toMatchObject({
    title: '03-third',
    problem: `lesson.md:1: there is no "lesson.md" in the lesson's folder.`,
  })
  expect(await listLessons(join(all, 'nowhere'), true)).toEqual([])
})

test('of a folder with thousands of entries some are listed', async () => {
  const all = fresh()
  await Promise.all(
    Array.from({ length: 2500 }, (_, index) => mkdir(join(all, String(index)), { recursive: true })),
  )
  expect(await listLessons(all, true)).toHaveLength(200)
})

test('a text that is torn anywhere is told, or read', async () => {
  const path = await writeLesson(fresh())
  for (let length = lessonText.length; length >= 0; length--) {
    await truncate(join(path, 'lesson.md'), length)
    const whole = await readWholeLesson(path)
    if (!whole.ok) throw new Error(whole.fault.summary)
    const { lesson, problems: found } = whole.value
    expect(found.length > 0, lessonText.slice(0, length)).toBe(lesson.blocks.length === 0)
  }
})

test('whatever bytes are in it, it is told or read', async () => {
  const path = await writeLesson(fresh())
  await fc.assert(
    fc.asyncProperty(fc.nat(lessonText.length - 1), fc.uint8Array({ maxLength: 8 }), async (at, bytes) => {
      const text = Buffer.from(lessonText)
      await writeFile(
        join(path, 'lesson.md'),
        Buffer.concat([text.subarray(0, at), bytes, text.subarray(at + bytes.length)]),
      )
      const whole = await readWholeLesson(path)
      expect(whole.ok).toBe(true)
    }),
    { numRuns: 300 },
  )
})
