import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Experiment } from '../../shared/model/experiment'
import { programLanguages, type ProgramLanguage } from '../../shared/model/program'
import { has } from '../engine/testing/bench'
import { parseExperiment } from '../experiment/parseExperiment'
import { programOf } from './programOf'
import { Programs } from './testing/programs'

let programs: Programs
beforeAll(async () => (programs = await Programs.make()))
afterAll(() => programs[Symbol.asyncDispose]())

const isThere: Readonly<Record<ProgramLanguage, boolean>> = {
  python: has('python3'),
  node: true,
  c: has('cc'),
}
const languages = programLanguages.filter((language) => isThere[language])

const examples = readdirSync('examples').filter((name) => name.endsWith('.yaml'))
const lessons = existsSync('lessons') ? readdirSync('lessons') : []
const files = [
  ...examples.map((name) => `examples/${name}`),
  ...lessons.map((name) => `lessons/${name}/experiment.yaml`).filter((name) => existsSync(name)),
]

/** With paths and a low port of its own: others may run the same at the same time. */
const textOf = (file: string, language: ProgramLanguage): string =>
  readFileSync(file, 'utf8')
    .replaceAll('/tmp/switchboard-', `${programs.path}/${language}-`)
    .replaceAll('1023))', `${1020 + programLanguages.indexOf(language)}))`)

function experimentIn(text: string): Experiment {
  const parsed = parseExperiment(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.experiment
}

for (const language of programLanguages) {
  describe.skipIf(!isThere[language])(
    `in ${language}${isThere[language] ? '' : ' (not installed here)'}`,
    () => {
      test.concurrent.for(files)('%s does all that its steps say', async (file, { expect }) => {
        const experiment = experimentIn(textOf(file, language))
        const program = programOf(experiment, { language, only: null })
        const { code, said } = await programs.run(await programs.command(program))
        expect(`${code} ${said}`).toBe('0 ')
      })

      test('none of them leaves a folder behind', () => {
        expect(programs.left()).toEqual([])
      })
    },
  )
}

const CALL = `
switchboard: 1
name: A wrong byte
endpoints:
  server: { listen: 'tcp://127.0.0.1:0', behaviour: upper }
  alice: { dial: 'tcp://127.0.0.1:{server.port}' }
  radio: { listen: 'udp://127.0.0.1:0' }
  sender: { dial: 'udp://127.0.0.1:{radio.port}' }
steps:
  - open: server
  - open: alice
  - send: alice
    text: "hello\\n"
  - expect: alice
    text: "HELLO\\n"
  - open: radio
  - open: sender
  - send: sender
    text: 'one datagram'
  - expect: radio
    text: 'one datagram'
  - close: server
  - close: alice
`

const ASKING = `
switchboard: 1
name: Names, lines and numbers
endpoints: {}
steps:
  - call: 'phone = socket(AF_INET, SOCK_STREAM)'
  - call: 'phone.bind(("127.0.0.1", 0))'
  - call: 'phone.listen(5)'
  - call: 'alice = socket(AF_INET, SOCK_STREAM)'
  - call: 'alice.getsockname()'
    gives: "('0.0.0.0', 0)"
  - call: 'alice.connect(phone.getsockname())'
  - call: 'line, peer = phone.accept()'
  - call: 'name = line.getpeername()'
    as: caller
  - call: 'alice.sendall(b"one\\ntw")'
  - call: 'file = line.makefile()'
  - call: 'line.readline()'
    gives: "b'one\\\\n'"
  - call: 'alice.close()'
  - call: 'line.readline()'
    gives: "b'tw'"
  - call: 'line.readline()'
    gives: "b''"
  - call: 'radio = socket(AF_INET, SOCK_DGRAM)'
  - call: 'radio.bind(("127.0.0.1", 0))'
  - call: 'hasty = socket(AF_INET, SOCK_DGRAM)'
  - call: 'hasty.sendto(b"12345", radio.getsockname())'
  - expect: radio
    kernel: { 'next datagram': 5, drops: 0, 'Recv-Q': '> 5' }
  - call: 'wire = socket(AF_UNIX, SOCK_STREAM)'
  - call: 'wire.bind("{temp.path}/wire")'
  - call: 'wire.listen(1)'
  - call: 'end = socket(AF_UNIX, SOCK_STREAM)'
  - call: 'end.connect(wire.getsockname())'
  - call: 'other, nobody = wire.accept()'
  - call: 'end.sendall(b"abc")'
  - expect: other
    kernel: { pid: '> 1', uid: '>= 0', 'Recv-Q': 3 }
`

test.each([
  ["('0.0.0.0', 0)", "('0.0.0.0', 1)"],
  ["b'one", "b'onE"],
  ["b''", "b'x'"],
  ["'next datagram': 5", "'next datagram': 4"],
  ['drops: 0', 'drops: 1'],
  ["'Recv-Q': '> 5'", "'Recv-Q': 5"],
  ["pid: '> 1'", 'pid: 1'],
  ["'Recv-Q': 3", "'Recv-Q': 2"],
])(
  'names, lines and numbers of the kernel are what they are expected to be: %s, not %s',
  async (right, wrong) => {
    expect(ASKING).toContain(right)
    for (const language of languages.filter((each) => each !== 'node')) {
      const program = programOf(experimentIn(ASKING), { language, only: null })
      expect(program.notes).toEqual([])
      expect(await programs.run(await programs.command(program))).toEqual({ code: 0, said: '' })
      const text = ASKING.replace(right, wrong).replaceAll('expect: radio', 'within: 50ms\n    expect: radio')
      const other = programOf(experimentIn(text), { language, only: null })
      const { code, said } = await programs.run(await programs.command(other))
      expect(code, said).toBe(1)
      expect(said.trim().split('\n')).toHaveLength(1)
    }
  },
)

test.each([
  ['text: "HELLO\\n"', 'text: "HELLo\\n"'],
  ["expect: radio\n    text: 'one datagram'", "expect: radio\n    text: 'one Datagram'"],
  [
    'close: server',
    'expect: alice\n    nothing: true\n    within: 20ms\n  - expect: alice\n    error: ECONNRESET\n    within: 50ms',
  ],
])('what is not as expected ends a program with 1 and one line: %s', async (right, wrong) => {
  for (const language of languages) {
    const fine = await programs.command(programOf(experimentIn(CALL), { language, only: null }))
    expect(await programs.run(fine)).toEqual({ code: 0, said: '' })
    const other = await programs.command(
      programOf(experimentIn(CALL.replace(right, wrong)), { language, only: null }),
    )
    const { code, said } = await programs.run(other)
    expect(code, said).toBe(1)
    expect(said.trim().split('\n')).toHaveLength(1)
  }
})

const LATE = `
switchboard: 1
name: Late, and back
endpoints:
  radio: { listen: 'udp://127.0.0.1:0', behaviour: upper }
  net: { listen: 'udp://127.0.0.1:0', behaviour: 'impair:udp://127.0.0.1:{radio.port} delay=800ms@1/2 duplicate=1/3 way=both' }
  alice: { dial: 'udp://127.0.0.1:{net.port}' }
steps:
  - open: radio
  - open: net
  - open: alice
  - { send: alice, text: one }
  - { expect: alice, text: ONE }
  - { send: alice, text: two } # late there, and its answer back
  - { expect: alice, nothing: true, within: 900ms }
  - { expect: alice, text: TWO }
  - { send: alice, text: three } # twice there; of its answers the first twice back, the second late
  - { expect: alice, text: THREE }
  - { expect: alice, text: THREE }
  - { expect: alice, nothing: true, within: 300ms }
  - { expect: alice, text: THREE }
`

test.concurrent.for(languages)('a network is late in both directions: %s', async (language, { expect }) => {
  const program = programOf(experimentIn(LATE), { language, only: null })
  expect(program.notes).toEqual([])
  expect(await programs.run(await programs.command(program))).toEqual({ code: 0, said: '' })
})
