import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { programLanguages, type Program as Written, type ProgramLanguage } from '../shared/model/program'
import { commandLine, portOf } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { Program } from './testing/program'

const cli = commandLine()

/** Starts a program of a file, compiled first where that is needed. */
async function started(language: ProgramLanguage, file: string, ...words: string[]): Promise<Program> {
  if (language === 'python') return new Program('python3', ['-W', 'error', file, ...words])
  if (language === 'node') return new Program(process.execPath, [file, ...words])
  const flags = '-std=c11 -Wall -Wextra -Wpedantic -pthread'.split(' ')
  await using compiler = new Program('cc', [...flags, '-o', `${file}.out`, file])
  expect(await compiler.exit(), compiler.stderr).toBe(0)
  expect(compiler.stderr).toBe('')
  return new Program(`${file}.out`, words)
}

/** A session of the phone call: C1 and C3 call L1, of which they are C2 and C4. */
async function recorded(name: string): Promise<string> {
  const file = cli.recording(name)
  await using demo = cli.start('demo', '--port', '0', '--record', file)
  expect(await demo.exit(), demo.stderr).toBe(0)
  return file
}

describeWith(['python3', 'cc'], 'a recorded connection as a program', () => {
  test.each(programLanguages)('in %s: the replay of the server finds nothing else', async (language) => {
    const session = await recorded(`call-${language}.swb`)
    const file = cli.recording(`caller.${{ python: 'py', node: 'mjs', c: 'c' }[language]}`)
    const of = [session, '--connection', 'C1']
    await using writing = cli.start('export', ...of, '--format', language, '--output', file)
    expect(await writing.exit(), writing.stderr).toBe(0)
    await using server = cli.start('replay', ...of, '--as', 'server', '--listen', 'tcp://127.0.0.1:0')
    const port = await portOf(server)
    await using caller = await started(language, file, '127.0.0.1', String(port))
    expect(await caller.exit(), caller.stderr).toBe(0)
    expect(await server.exit(), server.stdout + server.stderr).toBe(0)
    expect(server.lines.at(-1)).toBe('Equal.')
  })

  test.each(programLanguages)('in %s: the replay of the client finds nothing else', async (language) => {
    const session = await recorded(`served-${language}.swb`)
    const file = cli.recording(`server.${{ python: 'py', node: 'mjs', c: 'c' }[language]}`)
    const of = [session, '--connection', 'C2']
    await using writing = cli.start('export', ...of, '--format', language, '--output', file)
    expect(await writing.exit(), writing.stderr).toBe(0)
    await using server = await started(language, file, '127.0.0.1', '0')
    const [, port = ''] = await server.prints(/^listening on 127\.0\.0\.1 (\d+)\n/)
    await using client = cli.start('replay', ...of, '--as', 'client', '--target', `tcp://127.0.0.1:${port}`)
    expect(await client.exit(), client.stdout + client.stderr).toBe(0)
    expect(client.lines.at(-1)).toBe('Equal.')
  })
})

test('a program is written to a file, or told line by line as JSON', async () => {
  const file = cli.recording('alice.py')
  const words = ['program', 'examples/phone-call.yaml', '--language', 'python', '--only', 'alice']
  await using writing = cli.start(...words, '--output', file)
  expect(await writing.exit(), writing.stderr).toBe(0)
  await using telling = cli.start(...words, '--json')
  expect(await telling.exit(), telling.stderr).toBe(0)
  const told = JSON.parse(telling.stdout) as Written
  expect(told).toMatchObject({ language: 'python', only: 'alice', sides: ['server', 'alice', 'bob'] })
  expect(told.lines.map(({ text }) => `${text}\n`).join('')).toBe(await readFile(file, 'utf8'))
  const sent = told.lines.find(({ text }) => text.includes('sendall(b"hello\\n")'))
  expect(sent).toMatchObject({ steps: [2] })
  expect(sent?.about).toContain('send(2)')
})

test('a lesson is named by its folder; what a language cannot do is told', async () => {
  await using run = cli.start('program', 'lessons/01-phone-call', '--language', 'node')
  expect(await run.exit(), run.stderr).toBe(0)
  expect(run.stdout).toContain("import net from 'node:net'")
  expect(run.stderr).toMatch(/^switchboard: note: Node has no socket calls/)
})

test.each([
  [['program', 'examples/phone-call.yaml', '--language', 'pascal'], /pascal/],
  [['program', 'examples/phone-call.yaml', '--language', 'c', '--only', 'nobody'], /no endpoint nobody/],
  [['program', 'examples/none.yaml', '--language', 'c'], /none\.yaml/],
  [['program', 'examples', '--language', 'c'], /no lesson/],
])('%s cannot be done', async (words, why) => {
  await using run = cli.start(...words)
  expect(await run.exit()).toBe(2)
  expect(run.stderr).toMatch(why)
  expect(run.stdout).toBe('')
})
