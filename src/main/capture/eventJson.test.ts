import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type SocketEvent } from '../../shared/model/record'
import { eventJson, MAX_WRITTEN_BYTES, writeEventJson } from './eventJson'

const endpoints: Endpoint[] = [
  { kind: 'tcp', host: '127.0.0.1', port: 8060 },
  { kind: 'tcp', host: 'fe80::1%eth"0', port: 0 },
  { kind: 'tcp', host: '::ffff:10.0.0.1', port: 65_535 },
  { kind: 'unix', path: '/tmp/a "quoted" \\ path\u0001' },
  { kind: 'unix', path: '' },
]

const events: SocketEvent[] = [
  ...endpoints.flatMap((remote): SocketEvent[] => [
    { what: 'accepted', connection: 'C12', remote },
    ...endpoints.map((local): SocketEvent => ({ what: 'opened', local, remote, by: 'remote' })),
  ]),
  { what: 'finished', by: 'local' },
  { what: 'noted', text: 'a "note"' },
]

/** What is written, with nothing before it and nothing after it; null where it is left to JSON. */
function written(atNanos: number, event: SocketEvent): string | null {
  const bytes = Buffer.alloc(MAX_WRITTEN_BYTES + 16, '#')
  const end = writeEventJson(bytes, 8, 'C7', atNanos, event)
  if (end < 0) return null
  expect(end - 8).toBeLessThanOrEqual(MAX_WRITTEN_BYTES)
  expect(bytes.toString('latin1', 0, 8) + bytes.toString('latin1', end)).toMatch(/^#*$/)
  return bytes.toString('latin1', 8, end)
}

test('what is written by hand is what JSON.stringify makes', () => {
  let count = 0
  for (const event of events) {
    const json = written(123_456_789_012, event)
    if (json === null) continue
    count++
    expect(json).toBe(eventJson('C7', 123_456_789_012, event))
    expect(JSON.parse(json)).toEqual({ v: 1, kind: 'event', socket: 'C7', atNanos: 123_456_789_012, event })
  }
  // Two plain addresses: two callers accepted, and each pair of them opened.
  expect(count).toBe(2 + 4)
})

test('every number is written as JSON has it', () => {
  const event: SocketEvent = {
    what: 'accepted',
    connection: 'C1',
    remote: { kind: 'tcp', host: '::1', port: 1 },
  }
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(2_000_000_000)), (atNanos) => {
      expect(written(atNanos, event)).toBe(eventJson('C7', atNanos, event))
    }),
  )
  for (const atNanos of [0, 9, 10, 999_999_999, 1_000_000_000, 1_000_000_001, Number.MAX_SAFE_INTEGER])
    expect(written(atNanos, event)).toBe(eventJson('C7', atNanos, event))
})

test('the longest that is written fits its room', () => {
  const host = 'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255'
  const endpoint = { kind: 'tcp', host, port: 65_535 } as const
  const event: SocketEvent = { what: 'opened', local: endpoint, remote: endpoint, by: 'remote' }
  expect(written(Number.MAX_SAFE_INTEGER, event)).toBe(eventJson('C7', Number.MAX_SAFE_INTEGER, event))
})
