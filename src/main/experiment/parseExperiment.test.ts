import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MAX_PROBLEMS, type Experiment } from '../../shared/model/experiment'
import { parseExperiment } from './parseExperiment'

const phoneCall = `switchboard: 1
name: Phone call
about: The server answers each message in upper case.
endpoints:
  server: { listen: "tcp://127.0.0.1:8060", behaviour: upper, options: { backlog: 5, reuseAddress: true } }
  alice:  { dial: "tcp://127.0.0.1:8060" }
steps:
  - open: server
  - open: alice
  - send: alice
    text: "hello\\n"
  - expect: alice
    text: "HELLO\\n"
    within: 1s
  - wait: 100ms
  - close: alice
`

function good(text: string): Experiment {
  const parsed = parseExperiment(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.experiment
}

/** Each problem as `line:column key: message`. */
function problems(text: string): string[] {
  const parsed = parseExperiment(text)
  return parsed.ok
    ? []
    : parsed.problems.map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`)
}

/** The phone call with some words changed: what was there, and what is there now. */
const changed = (...changes: readonly (readonly [string, string])[]): string =>
  changes.reduce((text, [from, to]) => {
    expect(text).toContain(from)
    return text.replace(from, to)
  }, phoneCall)

/** Endpoints that listen, dial and are datagrams, with these steps. */
const withSteps = (steps: string): string => `switchboard: 1
endpoints:
  server: { listen: "tcp://127.0.0.1:0" }
  alice: { dial: "tcp://127.0.0.1:{server.port}" }
  radio: { listen: "udp://127.0.0.1:0" }
steps:
  - open: server
  - open: alice
  - open: radio
${steps}`

test('the phone call is read as it is written', () => {
  expect(good(phoneCall)).toMatchObject({
    name: 'Phone call',
    about: 'The server answers each message in upper case.',
    endpoints: [
      {
        kind: 'listener',
        name: 'server',
        address: 'tcp://127.0.0.1:8060',
        behaviour: 'upper',
        options: { backlog: 5 },
      },
      { kind: 'dialled', name: 'alice', address: 'tcp://127.0.0.1:8060', options: {} },
    ],
    steps: [
      { act: 'open', at: { name: 'server', caller: null }, line: 8 },
      { act: 'open', at: { name: 'alice' }, line: 9 },
      { act: 'send', payload: { is: 'text', bytes: new TextEncoder().encode('hello\n') } },
      { act: 'expect', expectation: { is: 'text' }, withinMs: 1000, line: 12 },
      { act: 'wait', forMs: 100 },
      { act: 'close', line: 16 },
    ],
  })
})

describe('every fault tells its line, its key, what was found and what was expected', () => {
  test.each<[string, readonly (readonly [string, string])[], string]>([
    [
      'an unknown key',
      [['    text: "hello', '    txet: "hello']],
      '11:5 steps[3].txet: there is no such key; did you mean text?',
    ],
    [
      'an unknown step',
      [['- wait: 100ms', '- wiat: 100ms']],
      '15:5 steps[5]: there is no step "wiat"; did you mean wait?',
    ],
    [
      'a wrong type',
      [['name: Phone call', 'name: 42']],
      '2:7 name: found the number 42, expected text, in quotes where it looks like something else.',
    ],
    [
      'a time without a unit',
      [['within: 1s', 'within: 1']],
      '14:13 steps[4].within: found the number 1, expected a time with its unit, as 100ms, 1.5s or 2m.',
    ],
    [
      'an option out of range',
      [['backlog: 5', 'backlog: 70000']],
      '5:83 endpoints.server.options.backlog: found the number 70000, expected a whole number from 0 to 65535.',
    ],
    [
      'a reference to nothing',
      [['- open: alice', '- open: alcie']],
      '9:11 steps[2].open: there is no endpoint alcie; did you mean alice?',
    ],
    [
      'a key given twice',
      [['name: Phone call', 'name: Phone call\nname: Another']],
      '3:1 name: is there twice; a key may be given once.',
    ],
    [
      'a newer version',
      [['switchboard: 1', 'switchboard: 2']],
      '1:14 switchboard: is version 2, of a newer Switchboard; this one reads version 1.',
    ],
    [
      'an address that is none',
      [['"tcp://127.0.0.1:8060" }', '"tcp://127.0.0.1" }']],
      '6:19 endpoints.alice.dial: "127.0.0.1" has no port.',
    ],
    [
      'a list where text belongs',
      [['text: "hello\\n"', 'text: [1, 2]']],
      '11:11 steps[3].text: found a list, expected text',
    ],
    ['a tab that indents', [['  server:', '\tserver:']], '5:1 : A tab cannot indent in YAML: use blanks.'],
  ])('%s', (_title, changes, expected) => {
    expect(problems(changed(...changes)).join('\n')).toContain(expected)
  })

  test.each([
    ['- send: alice', 'lacks one of text, hex, file.'],
    [
      '- send: alice\n    text: "a"\n    hex: "61"',
      'has text and hex; expected just one of text, hex, file.',
    ],
    ['- send: alice\n    hex: "6"', 'Character 1 is a digit that stands alone'],
    ['- send: alice\n    file: ../secret', "leads out of the experiment's folder."],
    ['- send: alice\n    file: /etc/passwd', 'is not relative'],
    ['- send: alice\n    text: "\\ud800"', 'half of a surrogate pair'],
    ['- expect: alice\n    closed: yes', 'found the text "yes", expected fin or reset.'],
    ['- expect: alice\n    regex: "("', 'The expression cannot be read'],
    ['- expect: alice\n    error: refused', 'the name of an error in capitals'],
    ['- expect: alice[1]\n    length: 1', 'alice has no callers'],
    ['- expect: radio\n    closed: fin', 'is a datagram socket'],
    ['- send: alice\n    text: "x"\n    to: "udp://127.0.0.1:1"', 'is for datagram sockets that listen'],
    ['- open: alice\n    close: alice', 'does several things at once: open, close.'],
    ['- 42', 'found the number 42, expected a step'],
  ])('%s', (step, expected) => {
    expect(problems(withSteps(`  ${step}`)).join('\n')).toContain(expected)
  })

  test('an endpoint that no step has opened', () => {
    const text = phoneCall.replace('  - open: alice\n', '')
    expect(problems(text)[0]).toContain('alice is not open yet: put - open: alice before this step.')
  })

  test.each([
    ['{server.port}', []],
    ['{alice.port}', ['refers to the endpoint itself']],
    ['{sever.port}', ['refers to no endpoint here; did you mean server?']],
    ['{server.prot}', ['names nothing: write {NAME.PART}']],
    ['{server.path}', ['server has no path']],
  ])('a port by reference: %s', (reference, expected) => {
    const found = problems(
      changed(['alice:  { dial: "tcp://127.0.0.1:8060"', `alice:  { dial: "tcp://127.0.0.1:${reference}"`]),
    )
    expect(found).toHaveLength(expected.length)
    expected.forEach((each, index) => expect(found[index]).toContain(each))
  })
})

test('all faults are told at once, in the order of the file, and no more than so many', () => {
  const many = problems(
    changed(
      ['name:', 'nmae:'],
      ['behaviour: upper', 'behaviour: lower'],
      ['within: 1s', 'within: soon'],
      ['wait: 100ms', 'wait: x'],
    ),
  )
  expect(many.map((each) => each.split(':')[0])).toEqual(['2', '5', '14', '15'])
  expect(problems(withSteps('  - frobnicate: alice\n'.repeat(100)))).toHaveLength(MAX_PROBLEMS)
})

describe('a text that would become too much', () => {
  const nine = (name: string): string => `[${new Array(9).fill(`*${name}`).join(',')}]`
  const laughs = `a: &a [lol]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} ${nine('abcdefgh'.charAt(index))}`).join('\n')}`
  test.each([
    ['a billion laughs', laughs],
    ['a hundred aliases and more', `a: &a x\nb: [${'*a,'.repeat(200)}]`],
    ['an alias of what it lies in', 'switchboard: 1\nendpoints: &a { x: *a }\nsteps: *a'],
    ['a million brackets', '['.repeat(1_000_000)],
    ['lists in lists', '- '.repeat(400_000)],
    ['maps in maps', '{a: '.repeat(200_000)],
    ['keys under keys', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['half a million comments', '#\n'.repeat(500_000)],
    ['a million quotes', '"'.repeat(1_000_000)],
    ['ten thousand and one steps', withSteps('  - wait: 1ms\n'.repeat(10_001))],
  ])('%s is refused in good time', (_title, text) => {
    const beganMs = performance.now()
    expect(problems(text).length).toBeGreaterThan(0)
    expect(performance.now() - beganMs).toBeLessThan(5000)
  })
})

describe('whatever a text is', () => {
  const seeds = [
    phoneCall,
    ...readdirSync('examples').map((name) => readFileSync(`examples/${name}`, 'utf8')),
  ]

  test('a mangled experiment is read or refused, and never throws', () => {
    const pieces = fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      '- ',
      ': ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a ',
      '*a',
      '!!int ',
      '|',
      '>',
      '#',
      '? ',
      '---\n',
      '<<: ',
      '0x',
      'null',
      '~',
      '1e99',
      '\u0000',
      '\ud800',
      '\u2028',
      '{server.port}',
      'server[0]',
      'within: ',
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(2000), fc.nat(20), pieces), { minLength: 1, maxLength: 6 }),
        (seed, cuts) => {
          let text = seed
          for (const [at, length, piece] of cuts)
            text =
              text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + length)
          const parsed = parseExperiment(text)
          if (!parsed.ok) {
            expect(parsed.problems.length).toBeGreaterThan(0)
            expect(parsed.problems.length).toBeLessThanOrEqual(MAX_PROBLEMS)
            for (const { line, column, message } of parsed.problems) {
              expect(line).toBeGreaterThan(0)
              expect(column).toBeGreaterThan(0)
              expect(message).not.toBe('')
            }
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('any text at all is refused, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(parseExperiment(text).ok).toBe(false)
      }),
    )
  })
})
