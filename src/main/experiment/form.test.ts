import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { experimentForm } from './form'
import { parseExperiment } from './parseExperiment'

const FILE = 'docs/experiment.schema.json'

const examples = readdirSync('examples')
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => [name, readFileSync(`examples/${name}`, 'utf8')] as const)

/** Every act, key and option once. */
const everything = `switchboard: 1
name: Everything
about: All keys.
endpoints:
  server: { listen: "tcp://127.0.0.1:0", behaviour: echo, options: { backlog: 5, ipv6Only: false, reuseAddress: true, accepted: { noDelay: true, ttl: 9 } } }
  alice: { dial: "tcp://127.0.0.1:{server.port}", options: { noDelay: true, keepAlive: true, keepAliveDelayMs: 5, localHost: "127.0.0.1", localPort: 0 } }
  radio: { listen: "udp://127.0.0.1:0", options: { broadcast: true, multicastTtl: 0, multicastLoopback: true, receiveBufferBytes: 9, sendBufferBytes: 9 } }
  phone: { dial: "udp://127.0.0.1:{radio.port}" }
steps:
  - { open: server, within: 1s }
  - open: alice
  - open: radio
  - open: phone
  - { send: alice, text: a, within: 2m }
  - { send: alice, hex: "61" }
  - { send: alice, file: a.bin }
  - { send: radio, text: a, to: "udp://127.0.0.1:9" }
  - { expect: "server[1]", text: a }
  - { expect: alice, hex: "61" }
  - { expect: alice, regex: "a+" }
  - { expect: alice, length: 0 }
  - { expect: alice, nothing: true, within: 1.5 s }
  - wait: 1h
  - pause: alice
  - resume: alice
  - shutdown: alice
  - { expect: alice, closed: fin }
  - { expect: alice, error: ECONNRESET }
  - reset: alice
  - close: alice
`

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** Editors read the file, not the code. */
const schema = z.fromJSONSchema(
  JSON.parse(readFileSync(FILE, 'utf8')) as Parameters<typeof z.fromJSONSchema>[0],
)
const fits = (value: unknown): boolean => schema.safeParse(value).success

test('the schema in docs/ is that of the form (vitest -u writes it)', async () => {
  const json = { title: 'Switchboard experiment', ...z.toJSONSchema(experimentForm(), { io: 'input' }) }
  await expect(`${JSON.stringify(json, null, 2)}\n`).toMatchFileSnapshot(`../../../${FILE}`)
})

test.each([...examples, ['everything', everything] as const])('%s fits', (_name, text) => {
  expect(parseExperiment(text)).toMatchObject({ ok: true })
  expect(fits(parse(text))).toBe(true)
})

describe('an experiment with something else in one of its places', () => {
  const seeds = [everything, ...examples.map(([, text]) => text)].map((text) => parse(text) as Json)
  const others: Json[] = [
    null,
    true,
    7,
    -1,
    1.5,
    '',
    'alice',
    'x',
    '1s',
    'ECONNREFUSED',
    [],
    ['a'],
    {},
    { a: 1 },
  ]

  /** Ways to all values of a tree. */
  function placesIn(value: Json, way: readonly (string | number)[] = []): (string | number)[][] {
    const inside: [string | number, Json][] =
      value === null || typeof value !== 'object'
        ? []
        : Array.isArray(value)
          ? value.map((each, at) => [at, each])
          : Object.entries(value)
    return [[...way], ...inside.flatMap(([key, each]) => placesIn(each, [...way, key]))]
  }

  function changed(
    tree: Json,
    [key, ...rest]: readonly (string | number)[],
    change: (value: Json) => Json,
  ): Json {
    if (key === undefined) return change(tree)
    const copy = structuredClone(tree) as Record<string | number, Json>
    copy[key] = changed(copy[key] ?? null, rest, change)
    return copy
  }

  const mutation = fc.constantFrom(...seeds).chain((seed) =>
    fc.record({
      seed: fc.constant(seed),
      way: fc.constantFrom(...placesIn(seed)),
      other: fc.constantFrom(...others),
      isAdded: fc.boolean(),
    }),
  )

  test('fits whenever the checker takes it', () => {
    let taken = 0
    fc.assert(
      fc.property(mutation, ({ seed, way, other, isAdded }) => {
        const tree = changed(seed, way, (value) =>
          isAdded && value !== null && typeof value === 'object' && !Array.isArray(value)
            ? { ...value, within: other }
            : other,
        )
        const isTaken = parseExperiment(stringify(tree)).ok
        if (isTaken) taken++
        expect(!isTaken || fits(tree), JSON.stringify(tree)).toBe(true)
      }),
      { numRuns: 600 },
    )
    expect(taken).toBeGreaterThan(5)
  })

  test('does not fit where it has a key that is none, or a value of another type, and the checker refuses it too', () => {
    fc.assert(
      fc.property(mutation, ({ seed, way }) => {
        const tree = changed(seed, way, (value) =>
          value !== null && typeof value === 'object' && !Array.isArray(value)
            ? { ...value, frobnicate: 1 }
            : { frobnicate: 1 },
        )
        expect([parseExperiment(stringify(tree)).ok, fits(tree)], JSON.stringify(tree)).toEqual([
          false,
          false,
        ])
      }),
      { numRuns: 200 },
    )
  })
})
