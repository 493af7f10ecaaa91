import { existsSync, readdirSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isMap, parseDocument } from 'yaml'
import { measuredBySteps } from '../main/lesson/measured'
import { readWholeLesson } from '../main/lesson/readLesson'
import { experimentText, lessonText, writeLesson } from '../main/lesson/testing/writeLesson'
import { lessonFolders } from '../shared/reference/lessons'
import { commandLine } from './testing/commandLine'

const cli = commandLine()

const names = readdirSync('lessons').sort()

interface Told {
  readonly name: string
  readonly outcome: string
  readonly values: Readonly<Record<string, string | null>>
  readonly steps: readonly {
    readonly phase: string
    readonly note: string
    readonly values?: Readonly<Record<string, string>>
  }[]
}

/** An experiment of which the first step that expects something, and is taken here, expects something else; and the step's number. */
function broken(text: string, phases: readonly string[]): { text: string; step: number } {
  const document = parseDocument(text)
  const { steps } = document.toJS() as { steps: Record<string, unknown>[] }
  const others: readonly (readonly [key: string, other: unknown])[] = [
    ['text', '~~'],
    ['gives', "b'~~'"],
    ['raises', 'EPERM'],
    ['error', 'EPERM'],
  ]
  const otherOf = (step: Record<string, unknown>): (typeof others)[number] | undefined =>
    'send' in step ? undefined : others.find(([key]) => key in step)
  const at = steps.findIndex((step, index) => phases[index] === 'passed' && otherOf(step) !== undefined)
  const [key, other] = otherOf(steps[at] ?? {}) ?? ['', '']
  document.setIn(['steps', at, key], other)
  return { text: document.toString(), step: at + 1 }
}

test.concurrent.for(names)(
  'the lesson %s passes, and with another expectation it does not',
  { timeout: 60_000 },
  async (name, { expect }) => {
    await using run = cli.start('run', `lessons/${name}`, '--json')
    expect(await run.exit(), run.stdout + run.stderr).toBe(0)
    expect(run.stderr).toBe('')
    const { outcome, steps, values } = JSON.parse(run.stdout) as Told
    expect(outcome).toBe('passed')
    expect(Object.keys(values).length).toBeGreaterThan(0)

    // What a text may speak of is told without a run: that must know all that a run can measure.
    const whole = await readWholeLesson(`lessons/${name}`)
    const known = whole.ok ? measuredBySteps(whole.value.experiment?.steps ?? []) : []
    for (const [index, each] of steps.entries())
      for (const value of Object.keys(each.values ?? {}))
        expect(known[index], `step ${index + 1}`).toContain(value)

    const copy = cli.recording(name)
    await cp(`lessons/${name}`, copy, { recursive: true })
    const file = join(copy, 'experiment.yaml')
    const { text, step } = broken(
      await readFile(file, 'utf8'),
      steps.map(({ phase }) => phase),
    )
    await writeFile(file, text)
    await using red = cli.start('run', copy, '--json')
    expect(await red.exit(), red.stdout + red.stderr).toBe(1)
    const told = JSON.parse(red.stdout) as Told
    expect(told.outcome).toBe('failed')
    expect(told.steps.findIndex(({ phase }) => phase === 'failed') + 1).toBe(step)
  },
)

test('lessons are those that the reference knows, and so are those that links lead to', async () => {
  expect(names).toEqual(lessonFolders)
  for (const name of names) {
    const text = await readFile(`lessons/${name}/lesson.md`, 'utf8')
    for (const [, id = ''] of text.matchAll(/\]\(lesson:([^)]*)\)/g))
      expect(lessonFolders, name).toContain(id)
  }
})

test('a lesson is run with its headings, and what was measured stands below', async () => {
  const folder = await writeLesson(cli.recording('upper'))
  await using run = cli.start('run', folder)
  expect(await run.exit(), run.stdout + run.stderr).toBe(0)
  expect(run.lines[0]).toBe('Upper case: What goes in small comes out large.')
  expect(run.lines).toContain('Listen')
  expect(run.lines).toContain('Talk')
  const port = /listening on tcp:\/\/127\.0\.0\.1:(\d+)/.exec(run.stdout)?.[1] ?? 'none'
  expect(run.lines.slice(-4)).toEqual([
    'measured here:',
    `  server.port  ${port}`,
    expect.stringMatching(/^ {2}answered {5}(\d+ µs|\d+\.\d+ m?s)$/),
    expect.stringMatching(/^passed: 6 steps in \d+ ms$/),
  ])

  const report = cli.recording('upper.xml')
  const session = cli.recording('upper.swb')
  await using again = cli.start(
    'run',
    join(folder, 'lesson.md'),
    '--json',
    '--junit',
    report,
    '--record',
    session,
  )
  expect(await again.exit(), again.stderr).toBe(0)
  expect(JSON.parse(again.stdout)).toMatchObject({
    name: 'Upper case',
    outcome: 'passed',
    recording: session,
  })
  expect(await readFile(report, 'utf8')).toContain('the values that the text uses are measured')
  expect(existsSync(session)).toBe(true)
})

test('a value that its step did not measure fails the run', async () => {
  const folder = await writeLesson(cli.recording('missing'), {
    'lesson.md': lessonText.replace('{answered}', '{answered}, {alice.path}'),
  })
  await using run = cli.start('run', folder)
  expect(await run.exit(), run.stderr).toBe(1)
  expect(run.lines.at(-1)).toBe('failed: the text uses {alice.path}, which no step has measured')
  await using json = cli.start('run', folder, '--json')
  expect(await json.exit()).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({ outcome: 'failed', values: { 'alice.path': null } })
})

test('a value of a step that is left out here is not missed', async () => {
  const folder = await writeLesson(cli.recording('left out'), {
    'experiment.yaml': experimentText.replace(
      'took: answered',
      'took: answered\n    where: [windows, not windows]',
    ),
  })
  await using run = cli.start('run', folder)
  expect(await run.exit(), run.stdout + run.stderr).toBe(0)
  expect(run.lines).toContain('  answered     -')
})

test('what is wrong with a lesson is told with file and line, and nothing is run', async () => {
  const folder = await writeLesson(cli.recording('wrong'), {
    'lesson.md': lessonText.replace('{answered}', '{answred}').replace('circle.svg', 'square.svg'),
  })
  await using run = cli.start('run', join(folder, 'lesson.md'))
  expect(await run.exit()).toBe(2)
  expect(run.stdout).toBe('')
  expect(run.stderr.split('\n').slice(0, -1)).toEqual([
    expect.stringMatching(
      /^switchboard: .*wrong\/lesson\.md:15: there is no "square\.svg" in the lesson's folder\.$/,
    ),
    expect.stringMatching(
      /^switchboard: .*wrong\/lesson\.md:22: no step measures \{answred\}: did you mean answered\?$/,
    ),
  ])
  await using json = cli.start('run', folder, '--json')
  expect(await json.exit()).toBe(2)
  expect(JSON.parse(json.stdout)).toMatchObject({
    outcome: 'invalid',
    problems: [{ file: 'lesson.md', line: 15 }, { line: 22 }],
  })
})

test('what is no lesson is refused', async () => {
  await using readme = cli.start('run', 'README.md')
  expect(await readme.exit()).toBe(2)
  expect(readme.stderr).toBe(
    'switchboard: README.md is no lesson: that is a folder with lesson.md and experiment.yaml in it.\n',
  )
  await using folder = cli.start('run', 'docs')
  expect(await folder.exit()).toBe(2)
  expect(folder.stderr).toMatch(/^switchboard: docs is no lesson: .*\n$/)
  const half = await writeLesson(cli.recording('half'), { 'experiment.yaml': null })
  await using torn = cli.start('run', half)
  expect(await torn.exit()).toBe(2)
  expect(torn.stderr).toMatch(/^switchboard: .*ENOENT.*experiment\.yaml.*\n$/)
})

test('lessons are listed', async () => {
  const folder = cli.recording('all')
  await writeLesson(join(folder, '01-upper'))
  await using list = cli.start('lessons', '--folder', folder)
  expect(await list.exit(), list.stderr).toBe(0)
  expect(list.lines).toEqual([
    '01-upper    2 min  Upper case: What goes in small comes out large.',
    '',
    `switchboard run ${join(folder, '01-upper')} runs the first.`,
  ])
  await writeLesson(join(folder, '02-torn'), { 'lesson.md': '---\nlesson' })
  await using json = cli.start('lessons', '--folder', folder, '--json')
  expect(await json.exit()).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({
    lessons: [
      { id: '01-upper', title: 'Upper case', minutes: 2, isOwn: true, path: join(folder, '01-upper') },
      { id: '02-torn', problem: expect.stringContaining('lesson.md:1: ') as string },
    ],
  })
  await using none = cli.start('lessons', '--folder', join(folder, 'nowhere'))
  expect(await none.exit()).toBe(2)
})

test.runIf(process.platform === 'linux')("the user's own are where the window has them", async () => {
  const settings = cli.recording('settings')
  await writeLesson(join(settings, 'Switchboard', 'lessons', '01-mine'))
  await using list = cli.startUnder(['env', `XDG_CONFIG_HOME=${settings}`], 'lessons', '--json')
  expect(await list.exit(), list.stderr).toBe(0)
  expect(JSON.parse(list.stdout)).toMatchObject({ lessons: [{ id: '01-mine', isOwn: true }] })
})

test('what the documentation shows is a lesson that passes', async () => {
  const text = await readFile('docs/lessons.md', 'utf8')
  const [, experiment = ''] = /```yaml\n(switchboard:[^`]*)```/.exec(text) ?? []
  const [, lesson = ''] = /````markdown\n(---\n[^]*?)````\n/.exec(text) ?? []
  expect(isMap(parseDocument(experiment).contents)).toBe(true)
  const folder = await writeLesson(cli.recording('documented'), {
    'experiment.yaml': experiment,
    'lesson.md': lesson,
  })
  await using run = cli.start('run', folder)
  expect(await run.exit(), run.stdout + run.stderr).toBe(0)
})
