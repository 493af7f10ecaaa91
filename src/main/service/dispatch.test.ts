import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commands, type CommandName } from '../../shared/contract/commands'
import { type Fault } from '../../shared/model/fault'
import { dispatch } from './dispatch'
import { type HandlerContext } from './handlers/area'

/** Fixed, so that a failure can be had again. */
const SEED = 20_240_607
const MALFORMED_A_COMMAND = 1000

/** Whatever is asked of it throws: no malformed input may come so far. */
const untouchable = new Proxy(
  {},
  {
    get() {
      throw new Error('a handler was reached')
    },
  },
) as HandlerContext

const names = Object.keys(commands) as CommandName[]

async function refusal(name: unknown, input: unknown): Promise<Fault> {
  const reply = await dispatch(name, input, untouchable, () => undefined)
  if (reply.ok) throw new Error('it was accepted')
  return reply.fault
}

const anything = fc.anything({
  key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype', 'x')),
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
})
const polluting = fc.constantFrom(
  ...[
    '{"__proto__":{"x":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"id":"C1","__proto__":{"x":1}}',
  ].map((text): unknown => JSON.parse(text)),
)
/** Values that look right but are not, in the fields that commands have. */
const value = fc.oneof(
  fc.constantFrom('C1', 'L1', 'U1', 'C0', 'C01', '__proto__', 'tcp://127.0.0.1:0', '', 'in', 'both'),
  fc.constantFrom(0, -1, 1.5, NaN, Infinity, 2 ** 53, 70000, null, undefined, true),
  fc.uint8Array({ maxLength: 8 }),
  anything,
)
const fields = [
  'id',
  'at',
  'to',
  'from',
  'bytes',
  'behaviour',
  'options',
  'grant',
  'group',
  'stream',
  'path',
  'extra',
  '__proto__',
]
const nearlyRight = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 5 })

test.each(names)('%s refuses malformed input with a fault that says what is wrong', async (name) => {
  const malformed = fc
    .oneof(
      { weight: 4, arbitrary: nearlyRight },
      { weight: 2, arbitrary: anything },
      { weight: 1, arbitrary: polluting },
    )
    .filter((input) => !commands[name].input.safeParse(input).success)
  await fc.assert(
    fc.asyncProperty(malformed, async (input) => {
      const fault = await refusal(name, input)
      expect(fault.code).toBe('SB_INPUT')
      expect(fault.summary).toMatch(new RegExp(`^${name.replace('.', '\\.')}: `))
      expect(fault.summary.length).toBeLessThan(500)
      expect(fault.summary).not.toMatch(/\n\s+at /)
    }),
    { seed: SEED, numRuns: MALFORMED_A_COMMAND },
  )
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  expect(Object.keys(Object.prototype)).toEqual([])
})

test('a fault names the field that is wrong', async () => {
  const fault = async (name: CommandName, input: unknown) => (await refusal(name, input)).summary
  expect(await fault('connection.send', { id: 'C1', bytes: 'text' })).toMatch(/^connection\.send: bytes: /)
  expect(await fault('connection.send', { id: 'L1', bytes: new Uint8Array(1) })).toMatch(
    /^connection\.send: id: /,
  )
  expect(await fault('listener.open', { at: 'tcp://h:1', options: { accepted: { ttl: 300 } } })).toMatch(
    /^listener\.open: options\.accepted\.ttl: /,
  )
  expect(await fault('socket.list', { surplus: 1 })).toMatch(/^socket\.list: the input: .*surplus/)
})

test.each([
  '__proto__',
  'constructor',
  'toString',
  'listener.opem',
  '',
  'x'.repeat(10_000),
  null,
  7,
  {},
  Symbol('x'),
])('there is no command %o', async (name) => {
  const fault = await refusal(name, {})
  expect(fault.code).toBe('SB_INPUT')
  expect(fault.summary.length).toBeLessThan(200)
})

test('an input that cannot even be read is refused', async () => {
  const trap = {
    get id(): string {
      throw new Error('no')
    },
  }
  expect(await refusal('connection.close', trap)).toMatchObject({ code: 'SB_INPUT' })
})

test('a defect is told by an id, under which the log has the stack', async () => {
  const logged: string[] = []
  const reply = await dispatch('connection.close', { id: 'C1' }, untouchable, (text) => logged.push(text))
  if (reply.ok) throw new Error('it was accepted')
  expect(reply.fault.code).toBe('SB_BUG')
  const id = /\(([0-9a-f]{8})\)/.exec(reply.fault.summary)?.[1]
  expect(id).toBeDefined()
  expect(logged).toHaveLength(1)
  expect(logged[0]).toMatch(
    new RegExp(`bug ${id} in connection\\.close: Error: a handler was reached\n\\s+at `),
  )
  expect(JSON.stringify(reply.fault)).not.toContain('    at ')
})
