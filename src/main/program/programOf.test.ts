import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Experiment } from '../../shared/model/experiment'
import { programLanguages, programText, type Program, type ProgramLanguage } from '../../shared/model/program'
import { has, scratchFolder } from '../engine/testing/bench'
import { parseExperiment } from '../experiment/parseExperiment'
import { programOf, sidesOf } from './programOf'
import { posixPattern, pythonPattern } from './regex'

function experimentIn(text: string): Experiment {
  const parsed = parseExperiment(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.experiment
}

const files = [
  ...readdirSync('examples')
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `examples/${name}`),
  ...readdirSync('lessons').map((name) => `lessons/${name}/experiment.yaml`),
]
const all = files.map((file) => experimentIn(readFileSync(file, 'utf8')))

/** The line that holds a text. */
function lineOf(program: Program, text: string): Program['lines'][number] {
  const found = program.lines.find((each) => each.text.includes(text))
  if (found === undefined) throw new Error(`${text} is not in\n${programText(program)}`)
  return found
}

const call = experimentIn(readFileSync('examples/phone-call.yaml', 'utf8'))
const says: Readonly<Record<ProgramLanguage, readonly [send: string, listen: string]>> = {
  python: ['alice.sendall(b"hello\\n")', 'server.listen(5)'],
  node: ["alice.socket.write('hello\\n')", 'server.listen({'],
  c: ['send_all(alice, "hello\\n", 6);', 'listen(server, 5)'],
}

describe.each(programLanguages)('in %s', (language) => {
  test('lines belong to their steps, and say what they do with the page of the manual', () => {
    const program = programOf(call, { language, only: null })
    const [send, listen] = says[language]
    expect(lineOf(program, send)).toMatchObject({ steps: [2] })
    expect(lineOf(program, send).about).toContain('send(2)')
    expect(lineOf(program, listen)).toMatchObject({ steps: [0] })
    expect(lineOf(program, listen).about).toContain('listen(2)')
    expect(program).toMatchObject({ language, only: null, sides: ['server', 'alice', 'bob'] })
  })

  test('every step of every example and lesson has lines, or is told not to', () => {
    for (const experiment of all) {
      const { lines } = programOf(experiment, { language, only: null })
      const told = new Set(lines.flatMap(({ steps }) => steps))
      const isOver = lines.some(({ text }) => text.includes('cannot be unplugged'))
      const missing = experiment.steps.flatMap((_, at) => (told.has(at) ? [] : [at]))
      if (!isOver) expect(missing.map((at) => experiment.steps[at])).toEqual([])
      for (const each of told) expect(each).toBeLessThan(experiment.steps.length)
    }
  })

  test('each end is a program of its own, which has no steps of others', () => {
    for (const experiment of all)
      for (const only of sidesOf(experiment)) {
        const { lines } = programOf(experiment, { language, only })
        const own = experiment.steps.flatMap((step, at) =>
          ('at' in step && step.at.name === only) || step.act === 'wait' || step.act === 'part' ? [at] : [],
        )
        for (const each of new Set(lines.flatMap(({ steps }) => steps))) expect(own).toContain(each)
      }
  })
})

test('Python and C leave nothing out of the lessons and examples for which they have a call', () => {
  /** What belongs to other machines, and what the kernel tells nobody through the socket itself. */
  const isNoCall = /^Step \d+ is left out: it is only where |after it was closed: |^timer: /
  for (const language of ['python', 'c'] as const)
    for (const experiment of all) {
      const { notes } = programOf(experiment, { language, only: null })
      expect(notes.filter((note) => !isNoCall.test(note))).toEqual([])
    }
})

const HOSTILE = `
switchboard: 1
name: 'A """ name */ // with \\ and ??/ %s {0} \${x} \`'
about: "lines\\nand # more \\\\"
endpoints:
  main: { listen: 'tcp://127.0.0.1:0', behaviour: 'reply:"''\\\\?\\\\?/%d{}' }
  int: { dial: 'tcp://127.0.0.1:{main.port}' }
  class: { dial: 'tcp://127.0.0.1:{main.port}' }
  my-socket: { listen: 'udp://127.0.0.1:0' }
  my_socket: { dial: 'udp://127.0.0.1:{my-socket.port}' }
steps:
  - open: main
  - open: int
  - open: class
  - send: int
    text: "\\"'\\\\ \${x} {0} %s ??/ \\x00\\x011 é"
  - expect: int
    regex: '["''\\\\/?%{}]+'
  - expect: class
    nothing: true
    within: 10ms
  - open: my-socket
  - open: my_socket
  - send: my_socket
    hex: 'ff 00 22 5c 30 31'
  - expect: my-socket
    hex: 'ff 00 22 5c 30 31'
`

test('whatever names, texts and payloads hold, programs are well-formed', () => {
  using folder = scratchFolder()
  const checks: Readonly<Record<ProgramLanguage, readonly string[]>> = {
    python: ['python3', '-W', 'error', '-m', 'py_compile'],
    node: [process.execPath, '--check'],
    c: ['cc', '-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only'],
  }
  const experiment = experimentIn(HOSTILE)
  for (const language of programLanguages) {
    const [tool = '', ...words] = checks[language]
    if (language !== 'node' && !has(tool)) continue
    for (const only of [null, ...sidesOf(experiment)]) {
      const program = programOf(experiment, { language, only })
      const file = path.join(folder.path, program.fileName)
      writeFileSync(file, programText(program))
      const { status, stderr } = spawnSync(tool, [...words, file], { encoding: 'utf8' })
      expect(`${status} ${stderr}`, programText(program)).toBe('0 ')
    }
  }
})

test.each([
  ['^a$', 'm', '(?m)^a$', '^a$'],
  ['a.b', 'm', 'a[^\\n\\r]b', 'a[^\n\r]b'],
  ['(?<x>\\d+)\\k<x>', '', '(?P<x>\\d+)(?P=x)', null],
  ['a+?', '', 'a+?', null],
  ['(?:a|b)\\.', 'i', '(?i)(?:a|b)\\.', '(a|b)\\.'],
  ['\\u00e9', '', '\\xe9', null],
  ['\\p{L}', 'u', null, null],
  ['[^]', '', '[\\s\\S]', null],
])('/%s/%s is %s in Python and %s in C', (source, flags, python, c) => {
  expect(pythonPattern(source, flags)).toBe(python)
  expect(posixPattern(source, flags)?.pattern ?? null).toBe(c)
})
