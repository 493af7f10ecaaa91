import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { MAX_PROBLEMS, type ExperimentProblem } from '../../shared/model/experiment'
import { readPipedExperiment } from './readExperiment'

async function problemsIn(input: string | Uint8Array): Promise<readonly ExperimentProblem[]> {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  const read = await readPipedExperiment(
    (async function* pieces() {
      for (let at = 0; at < bytes.length; at += 65_536)
        yield await Promise.resolve(bytes.subarray(at, at + 65_536))
    })(),
  )
  return read.ok ? [] : read.problems
}

const told = async (input: string | Uint8Array): Promise<string[]> =>
  (await problemsIn(input)).map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`)

const opened = `switchboard: 1
endpoints:
  server: { listen: "tcp://127.0.0.1:0" }
  alice: { dial: "tcp://127.0.0.1:{server.port}" }
steps:
  - open: server
  - open: alice
`
const step = (text: string): string => `${opened}  - ${text}\n`
const endpoint = (text: string): string => `switchboard: 1\nendpoints:\n  a: ${text}\nsteps:\n  - open: a\n`

describe('each key with a value of another type', () => {
  test.each([
    ['switchboard: "1"', '1:14 switchboard: found the text "1", expected a whole number'],
    ['name: [a]', '1:7 name: found a list, expected text'],
    ['about: true', '1:8 about: found the truth value true, expected text'],
    ['endpoints: [a]', '1:12 endpoints: found a list, expected names of endpoints'],
    ['steps: open', '1:8 steps: found the text "open", expected a list of steps'],
    [endpoint('5'), '3:6 endpoints.a: found the number 5, expected listen or dial'],
    [endpoint('{ listen: 8060 }'), '3:16 endpoints.a.listen: found the number 8060, expected an address'],
    [endpoint('{ dial: null }'), '3:14 endpoints.a.dial: found nothing, expected an address'],
    [
      endpoint('{ listen: "tcp://h:1", behaviour: 1 }'),
      'endpoints.a.behaviour: found the number 1, expected the name',
    ],
    [endpoint('{ listen: "tcp://h:1", options: [] }'), 'endpoints.a.options: found a list, expected options'],
    [endpoint('{ listen: "tcp://h:1", options: { backlog: 1.5 } }'), 'options.backlog: found the number 1.5'],
    [
      endpoint('{ listen: "tcp://h:1", options: { ipv6Only: "no" } }'),
      'options.ipv6Only: found the text "no", expected true or false',
    ],
    [endpoint('{ listen: "tcp://h:1", options: { accepted: [] } }'), 'options.accepted: found a list'],
    [
      endpoint('{ dial: "tcp://h:1", options: { localHost: 127 } }'),
      'options.localHost: found the number 127, expected text',
    ],
    ['steps:\n  - 42', '2:5 steps[1]: found the number 42, expected a step'],
    [step('open: 1'), '8:11 steps[3].open: found the number 1, expected the name of an endpoint'],
    [step('wait: 100'), '8:11 steps[3].wait: found the number 100, expected a time with its unit'],
    [
      step('{ open: alice, within: 1 }'),
      'steps[3].within: found the number 1, expected a time with its unit',
    ],
    [step('{ send: alice, text: 42 }'), 'steps[3].text: found the number 42, expected text, in quotes'],
    [step('{ send: alice, hex: 6162 }'), 'steps[3].hex: found the number 6162, expected digits in quotes'],
    [step('{ send: alice, file: [a] }'), 'steps[3].file: found a list, expected a path'],
    [
      step('{ expect: alice, regex: 1 }'),
      'steps[3].regex: found the number 1, expected a regular expression',
    ],
    [step('{ expect: alice, length: "3" }'), 'steps[3].length: found the text "3", expected a whole number'],
    [
      step('{ expect: alice, closed: finn }'),
      'steps[3].closed: found the text "finn", expected fin or reset.',
    ],
    [
      step('{ expect: alice, error: 111 }'),
      'steps[3].error: found the number 111, expected the name of an error',
    ],
    [step('{ expect: alice, nothing: 1 }'), 'steps[3].nothing: found the number 1, expected true or false'],
  ])('%j', async (text, expected) => {
    expect((await told(text)).join('\n')).toContain(expected)
  })
})

describe('what YAML can do beside plain values', () => {
  const nine = (name: string): string => `[${new Array(9).fill(`*${name}`).join(',')}]`
  test.each([
    [
      'a billion laughs',
      `a: &a [x]\n${[...'bcdefghi'].map((name, at) => `${name}: &${name} ${nine('abcdefgh'.charAt(at))}`).join('\n')}`,
      '1:1 a: there is no such key',
    ],
    ['more aliases than a hundred', `a: &a x\nb: [${'*a,'.repeat(101)}]`, 'more than 100 aliases'],
    [
      'an alias of what it lies in',
      endpoint('&e { listen: *e }'),
      '3:9 endpoints.a.listen: found keys with values',
    ],
    ['an alias without its anchor', endpoint('*x'), '3:6 : There is no anchor &x before this alias.'],
    ['a merge key', endpoint('\n    <<: { listen: "tcp://h:1" }'), '4:5 endpoints.a: has a merge key (<<)'],
    ['a key twice', `name: a\nname: b\n${opened}`, '2:1 name: is there twice; a key may be given once.'],
    ['a key that is a list', `? [a]\n: b\n${opened}`, 'found a list as a key, expected a word.'],
    ['binary', step('{ send: alice, text: !!binary "aGk=" }'), 'The tag "!!binary" means nothing here'],
    [
      'a tag of a program',
      step('{ send: alice, text: !!js/function "x" }'),
      'The tag "!!js/function" means nothing here',
    ],
    ['a tag of nobody', step('{ send: alice, text: !foo x }'), 'The tag "!foo" means nothing here'],
    [
      'another version of YAML',
      `%YAML 9.9\n---\n${opened}`,
      '1:7 : This is no YAML: Unsupported YAML version 9.9',
    ],
    ['two documents', `${opened}---\n${opened}`, '8:1 : The file holds several YAML documents'],
    [
      'an escape that is none',
      step('{ send: alice, text: "a\\q" }'),
      '8:28 : This is no YAML: Invalid escape sequence \\q.',
    ],
    [
      'half an escape',
      step('{ send: alice, text: "\\xzz" }'),
      'This is no YAML: Invalid escape sequence \\xzz.',
    ],
    ['a quote that does not end', step('{ send: alice, text: "abc'), 'Missing closing "quote'],
    ['a tab', `${opened}\t- wait: 1ms\n`, '8:1 : A tab cannot indent in YAML: use blanks.'],
    [
      'names of JavaScript',
      `switchboard: 1\n__proto__: 1\nconstructor: 2\n`,
      '2:1 __proto__: there is no such key',
    ],
  ])('%s', async (_title, text, expected) => {
    expect((await told(text)).join('\n')).toContain(expected)
  })

  test('an anchor and its alias stand for the same value', async () => {
    expect(
      await told(
        'switchboard: 1\nendpoints:\n  a: &x { listen: "tcp://h:0" }\n  b: *x\nsteps:\n  - open: b\n',
      ),
    ).toEqual([])
  })
})

describe('values that are beyond what there is', () => {
  test.each([
    [
      endpoint('{ listen: "tcp://127.0.0.1:70000" }'),
      '3:16 endpoints.a.listen: Port 70000 is not a whole number from 0 to 65535.',
    ],
    [endpoint('{ listen: "tcp://127.0.0.1:-1" }'), 'Port -1 is not a whole number from 0 to 65535.'],
    [endpoint('{ dial: "tcp://127.0.0.1:0" }'), 'port 0 is nothing to dial'],
    [endpoint('{ dial: "tcp://127.0.0.1:{nobody.port}" }'), '{nobody.port} refers to no endpoint here.'],
    [
      endpoint('{ listen: "tcp://h:1", behavior: echo }'),
      '3:29 endpoints.a.behavior: there is no such key; did you mean behaviour?',
    ],
    [endpoint('{ listen: "tcp://h:1", behaviour: ekko }'), 'endpoints.a.behaviour: '],
    [
      endpoint('{ listen: "udp://h:1", behaviour: "impair:udp://h:2 lose=3" }'),
      'endpoints.a.behaviour: impair: lose is "3". It takes 1/N for every Nth, or a share such as 10%.',
    ],
    [
      endpoint('{ listen: "udp://h:1", behaviour: "impair:udp://h:{b.port}" }'),
      'endpoints.a.behaviour: {b.port} refers to no endpoint here',
    ],
    [step('send: alcie\n    text: x'), '8:11 steps[3].send: there is no endpoint alcie; did you mean alice?'],
    [step('send: b\n    text: x'), 'steps[3].send: there is no endpoint b; there are server, alice.'],
    [step('expect: "server[0]"\n    length: 1'), '"server[0]" names no endpoint'],
    [step('expect: "server[99999999999999999999]"\n    length: 1'), 'names no endpoint'],
    [step('{ send: alice, hex: "6g" }'), 'steps[3].hex: Character 2 is "g", which is no hex digit.'],
    [step('{ send: alice, hex: "616" }'), 'a digit that stands alone'],
    [step('{ send: alice, text: "\\ud800" }'), 'half of a surrogate pair'],
    [step('{ send: alice, file: ../a }'), "leads out of the experiment's folder."],
    [step('{ send: alice, file: "a\\0b" }'), 'steps[3].file: is no path.'],
    [step('wait: -5ms'), 'found the text "-5ms", expected a time with its unit'],
    [step('wait: 999999999999h'), 'found the text "999999999999h", expected a time with its unit'],
    [step('{ open: alice, within: -1s }'), 'steps[3].within: found the text "-1s"'],
    [step('{ expect: alice, length: -1 }'), 'found the number -1, expected a whole number'],
    [step('{ expect: alice, length: 1e300 }'), 'found the number 1e300, expected a whole number'],
    [
      step('{ expect: alice, error: ECONREFUSED }'),
      'ECONREFUSED is no error that is known here; did you mean ECONNREFUSED?',
    ],
    [step('{ expect: alice, regex: "(" }'), 'The expression cannot be read'],
    [step(`{ expect: alice, regex: "${'(a*)*'.repeat(3000)}" }`), 'An expression holds at most 4096 bytes.'],
  ])('%j', async (text, expected) => {
    expect((await told(text)).join('\n')).toContain(expected)
  })
})

describe('files that are no experiments at all', () => {
  const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le')
  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', '1:1 : found nothing, expected an experiment'],
    ['UTF-16', utf16(opened), '1:1 : The file is in UTF-16: save it as UTF-8.'],
    ['UTF-16 the other way round', utf16(opened).swap16(), '1:1 : The file is in UTF-16'],
    [
      'UTF-16 without a mark',
      utf16(opened).subarray(2),
      '1:2 : The file is no text: an experiment is YAML in UTF-8, which has no NUL bytes.',
    ],
    ['a NUL', step('{ send: alice, text: "a\0b" }'), '8:28 : The file is no text'],
    [
      'Latin-1',
      Buffer.from(step('{ send: alice, text: "grüße" }'), 'latin1'),
      '8:29 : The file is no text: an experiment is YAML in UTF-8, which has no byte fc here.',
    ],
    [
      'half a character at the end',
      Buffer.from(`${opened}# ü`).subarray(0, -1),
      'does not end within a character',
    ],
    ['ten megabytes', Buffer.alloc(10_000_000, '#'), 'has more than 1000000 bytes, which no experiment has.'],
    [
      'a hundred thousand steps',
      `steps:\n${'- wait: 1s\n'.repeat(90_000)}`,
      'more than 200000 words and signs',
    ],
    [
      'ten thousand steps and one',
      `steps:\n${'- wait: 1s\n'.repeat(10_001)}`,
      '2:1 steps: has 10001 entries; at most 10000 are taken.',
    ],
    ['brackets', '['.repeat(900_000), 'nested more deeply'],
    ['maps in maps', '{a: '.repeat(200_000), 'nested more deeply'],
    ['a long key', `${'k'.repeat(900_000)}: 1`, 'This is no YAML'],
    [
      'keys of nobody',
      Array.from({ length: 20_000 }, (_, n) => `key${n}: 1`).join('\n'),
      'there is no such key',
    ],
  ])('%s', async (_title, input, expected) => {
    const beganMs = performance.now()
    expect((await told(input)).join('\n')).toContain(expected)
    expect(performance.now() - beganMs).toBeLessThan(10_000)
  })

  test('a byte order mark and the line ends of Windows are fine', async () => {
    expect(await told(`\ufeff${opened}`)).toEqual([])
    expect(await told(opened.replaceAll('\n', '\r\n'))).toEqual([])
  })
})

describe('whatever becomes of an experiment', () => {
  const seeds = readdirSync('examples')
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(`examples/${name}`))

  function areTold(problems: readonly ExperimentProblem[], bytes: Uint8Array): void {
    const lines = Buffer.from(bytes)
      .toString('utf8')
      .split(/\r\n|\n|\r/).length
    expect(problems.length).toBeLessThanOrEqual(MAX_PROBLEMS)
    for (const { line, column, message } of problems) {
      expect(line).toBeGreaterThan(0)
      expect(line).toBeLessThanOrEqual(lines)
      expect(column).toBeGreaterThan(0)
      expect(message).toMatch(/[.?]$/)
    }
  }

  test('with some bytes of its file changed it is read, or its faults are told by line', async () => {
    const change = fc.tuple(fc.nat(5000), fc.nat(8), fc.uint8Array({ maxLength: 6 }))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (seed, changes) => {
          let bytes = seed
          for (const [at, length, others] of changes) {
            const from = at % (bytes.length + 1)
            bytes = Buffer.concat([bytes.subarray(0, from), others, bytes.subarray(from + length)])
          }
          areTold(await problemsIn(bytes), bytes)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('with some values of its tree made others it is read, or its faults are told by line', async () => {
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('server', 'alice', '1s', 'tcp://127.0.0.1:1', 'server[1]', 1e99, -1),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.nat(),
        values,
        fc.constantFrom('value', 'key', 'gone', 'twice'),
        async (seed, pick, value, how) => {
          const tree = parse(seed.toString()) as unknown
          const places: [Record<string, unknown>, string][] = []
          const walk = (node: unknown): void => {
            if (node === null || typeof node !== 'object') return
            for (const key of Object.keys(node)) {
              places.push([node as Record<string, unknown>, key])
              walk((node as Record<string, unknown>)[key])
            }
          }
          walk(tree)
          const [node, key] = places[pick % places.length] ?? [{}, '']
          if (how === 'value') node[key] = value
          else if (how === 'gone') Reflect.deleteProperty(node, key)
          else if (how === 'twice') node[`${key}s`] = node[key]
          else node[JSON.stringify(value)] = node[key]
          const bytes = Buffer.from(stringify(tree))
          areTold(await problemsIn(bytes), bytes)
        },
      ),
      { numRuns: 400 },
    )
  })
})
