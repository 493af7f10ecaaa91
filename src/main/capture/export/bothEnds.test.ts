import { expect, test } from 'vitest'
import { type SocketId } from '../../../shared/model/ids'
import { pairedEnds, type Opening } from './bothEnds'

const [client, server] = [
  { kind: 'tcp', host: '127.0.0.1', port: 50_123 },
  { kind: 'tcp', host: '127.0.0.1', port: 8060 },
] as const

const dialled = (atNanos: number): Opening => ({ local: client, remote: server, by: 'local', atNanos })
const accepted = (atNanos: number): Opening => ({ local: server, remote: client, by: 'remote', atNanos })
const pairs = (all: Readonly<Record<SocketId, Opening>>): object =>
  Object.fromEntries(pairedEnds(new Map(Object.entries(all) as [SocketId, Opening][])))

test('ports that are used again are paired in their order, however long one end took', () => {
  // The first accept came late, and the second call at once after it.
  const all = { C1: dialled(0), C2: accepted(900), C3: dialled(1000), C4: accepted(1010) }
  expect(pairs(all)).toEqual({ C2: 'C1', C4: 'C3' })
  expect(pairs({ C9: accepted(1010), C8: accepted(900), C3: dialled(1000), C1: dialled(0) })).toEqual({
    C8: 'C1',
    C9: 'C3',
  })
})

test('where an end is missing, the nearest is taken, and once only', () => {
  expect(pairs({ C1: dialled(0), C3: dialled(1000), C4: accepted(1010) })).toEqual({ C4: 'C3' })
  expect(pairs({ C1: dialled(0), C2: accepted(10), C4: accepted(20) })).toEqual({ C2: 'C1' })
  expect(pairs({ C2: accepted(10) })).toEqual({})
})
