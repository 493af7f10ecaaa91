import { describe, expect, test } from 'vitest'
import type { SocketEvent } from '@shared/model/record'
import { rank } from '../components/frame/rank'
import { describeEvent } from './event'
import { previewOf } from './row'
import { formatClock, formatDelta, formatMoment, formatRate } from './time'

const at = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const

describe('events in words', () => {
  test('FIN, RST and timeout are told apart, and by whom', () => {
    const closed = (how: 'fin' | 'reset' | 'timeout', by: 'local' | 'remote', unsentBytes = 0): string =>
      describeEvent({ what: 'closed', how, by, unsentBytes }).text
    expect(closed('fin', 'remote')).toBe('closed (fin), first by the peer')
    expect(closed('reset', 'remote')).toBe('RST by peer: closed (reset)')
    expect(closed('reset', 'local', 5)).toBe('RST sent: closed (reset); 5 B were never sent')
    expect(closed('timeout', 'remote')).toBe('closed (timeout): the peer does not answer')
    expect(describeEvent({ what: 'finished', by: 'remote' }).text).toContain('FIN by peer')
  })
  test('every one has words', () => {
    const events: SocketEvent[] = [
      { what: 'listening', at },
      { what: 'accepted', connection: 'C1', remote: at },
      { what: 'dropped', count: 2 },
      { what: 'dialling', to: at },
      { what: 'attempted', address: '::1', outcome: 'timeout' },
      { what: 'opened', local: at, remote: at, by: 'local' },
      { what: 'bound', at },
      { what: 'peerSet', peer: null },
      { what: 'groupJoined', group: '239.0.0.1', networkInterface: 'eth0' },
      { what: 'paused' },
      { what: 'resumed' },
      { what: 'optionsSet', options: [{ name: 'ttl', value: 5, note: 'as asked' }] },
      { what: 'behaviourSet', behaviour: 'echo' },
      { what: 'failed', fault: { code: 'EACCES', syscall: 'bind', summary: 'No.' } },
      { what: 'noted', text: 'a\u202eb' },
    ]
    for (const event of events) expect(describeEvent(event).text).not.toBe('')
    expect(describeEvent({ what: 'noted', text: 'a\u202eb' }).text).toBe('a\\u202eb')
  })
})

test('a chunk longer than its head is shown with an ellipsis, and an empty datagram says so', () => {
  const row = {
    row: 0,
    atNanos: 0,
    kind: 'data',
    direction: 'in',
    offset: 0,
    combinedOffset: 0,
    peer: null,
    before: new Uint8Array(0),
  } as const
  expect(previewOf({ ...row, lengthBytes: 3, head: Uint8Array.of(0x41, 0xc3) }, 'text', 100)).toBe('A…')
  expect(previewOf({ ...row, lengthBytes: 0, head: new Uint8Array(0) }, 'hex', 100)).toBe('(empty datagram)')
  expect(previewOf({ ...row, lengthBytes: 2, head: Uint8Array.of(1, 255) }, 'hex', 100)).toBe('01 ff')
  const long = { ...row, lengthBytes: 400, head: new Uint8Array(400).fill(0x61) }
  expect(previewOf(long, 'text', 2)).toBe('aa…')
  const short = { ...row, lengthBytes: 80, head: new Uint8Array(80).fill(0x61) }
  expect(previewOf(short, 'text', 2)).toBe('a'.repeat(80))
  expect(previewOf(long, 'text', 100)).toBe(`${'a'.repeat(100)}…`)
  expect(previewOf(long, 'hex', 100)).toBe(`${'61 '.repeat(33)}6…`)
})

test('times and rates are short and exact', () => {
  expect(formatDelta(1_234_567)).toBe('+0.001234')
  const midnight = new Date(2024, 0, 1).getTime()
  expect(formatClock(midnight, 3_723_004_005_000)).toBe('01:02:03.004005')
  expect(formatClock(midnight, 3_723_004_005_006, 9)).toBe('01:02:03.004005006')
  expect(formatDelta(1_234_567, 9)).toBe('+0.001234567')
  expect(formatMoment(midnight, 3_723_004_005_006)).toBe('2024-01-01 01:02:03.004005006')
  expect(formatRate(0.2)).toBe('')
  expect(formatRate(999)).toBe('999 B/s')
  expect(formatRate(1500)).toBe('1.5 kB/s')
  expect(formatRate(200_000_000)).toBe('200 MB/s')
})

test('the palette ranks what begins with the words first', () => {
  const items = ['Listen on the address', 'Close listener L1', 'Go to the address field'].map((title) => ({
    title,
    group: 'x',
  }))
  expect(rank(items, 'list').map(({ title }) => title)).toEqual([
    'Listen on the address',
    'Close listener L1',
  ])
  expect(rank(items, 'address go').map(({ title }) => title)).toEqual(['Go to the address field'])
  expect(rank(items, 'nothing')).toEqual([])
})
