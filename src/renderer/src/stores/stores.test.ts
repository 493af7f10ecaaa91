import fc from 'fast-check'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ConnectionSummary, ListenerSummary } from '@shared/model/summary'
import { useCountersStore } from './counters'
import { useOpenedStore } from './opened'
import { useProblemsStore } from './problems'
import { readSettings } from './settings'
import { useSocketsStore } from './sockets'

beforeEach(() => setActivePinia(createPinia()))

const at = { kind: 'tcp', host: '127.0.0.1', port: 8060 } as const
const listener: ListenerSummary = {
  kind: 'listener',
  id: 'L1',
  asked: 'tcp://127.0.0.1:8060',
  state: { phase: 'listening', at },
  behaviour: 'none',
  accepted: 0,
  dropped: 0,
}
const connection = (id: `C${number}`, of: 'L1' | null): ConnectionSummary => ({
  kind: 'connection',
  id,
  listener: of,
  asked: 'tcp://127.0.0.1:8060',
  state: { phase: 'open', local: at, remote: at },
  isReadingPaused: false,
  queuedBytes: 0,
  options: [],
})

describe('sockets', () => {
  test('accepted connections hang below their listener, in the order they came', () => {
    const sockets = useSocketsStore()
    sockets.apply([
      ['C10', connection('C10', 'L1')],
      ['C2', connection('C2', 'L1')],
      ['C1', connection('C1', null)],
      ['L1', listener],
    ])
    expect(sockets.roots.map(({ id }) => id)).toEqual(['L1', 'C1'])
    expect(sockets.accepted.get('L1')?.map(({ id }) => id)).toEqual(['C2', 'C10'])
  })
  test('those of a forgotten listener stand on their own', () => {
    const sockets = useSocketsStore()
    sockets.replaceAll([listener, connection('C1', 'L1')])
    sockets.apply([['L1', null]])
    expect(sockets.roots.map(({ id }) => id)).toEqual(['C1'])
  })
  test('what an answer tells does not undo what an event told before', () => {
    const sockets = useSocketsStore()
    const failed = { ...listener, state: { phase: 'closed', at } } as const
    sockets.apply([['L1', failed]])
    sockets.appeared(listener)
    expect(sockets.all.get('L1')).toBe(failed)
  })
})

describe('counters', () => {
  const counters = (inBytes: number) => ({ inBytes, inChunks: 1, outBytes: 0, outChunks: 0, rows: 1 })
  test('touch only the sockets that moved', () => {
    const store = useCountersStore()
    store.ticked([
      ['C1', counters(1)],
      ['C2', counters(2)],
    ])
    const still = store.of('C2').value
    store.ticked([['C1', counters(5)]])
    expect(store.of('C1').value.inBytes).toBe(5)
    expect(store.of('C2').value).toBe(still)
  })
  test('are added up without the listeners, which only repeat', () => {
    const store = useCountersStore()
    store.ticked([
      ['L1', counters(7)],
      ['C1', counters(3)],
      ['U1', counters(4)],
    ])
    store.ticked([['C1', counters(10)]])
    expect(store.total.inBytes).toBe(14)
    expect(store.moved.inBytes).toBe(14)
  })
  test('tell of what moves without what was recorded before the window or a recording was opened', () => {
    const store = useCountersStore()
    store.ticked([['C1', counters(1000)]], true)
    useOpenedStore().appeared({ opened: 1, file: 'a.swb', beganAtMs: 0, ids: ['C2'], warnings: [] })
    store.ticked([
      ['C2', counters(5000)],
      ['C1', counters(1003)],
    ])
    expect(store.total.inBytes).toBe(6003)
    expect(store.moved.inBytes).toBe(3)
  })
})

test('problems are kept, but not without end', () => {
  const problems = useProblemsStore()
  for (let n = 0; n < 500; n++) problems.arose(null, { code: 'SB_BUG', summary: String(n) })
  expect(problems.list.length).toBeLessThanOrEqual(200)
  expect(problems.list.at(-1)?.fault.summary).toBe('499')
  problems.dismiss(problems.list[0]?.key ?? 0)
  problems.clear()
  expect(problems.list).toEqual([])
})

describe('settings', () => {
  test('are read back as they were written', () => {
    const written = {
      ...readSettings('{}'),
      theme: 'light',
      addresses: ['tcp://a:1'],
      treeWidth: 300,
      ladderWidth: 500,
    } as const
    expect(readSettings(JSON.stringify(written))).toEqual(written)
  })
  test('whatever the file holds, they have their form', () => {
    const keys = Object.keys(readSettings('{}'))
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (json) => {
        const settings = readSettings(json)
        expect(Object.keys(settings)).toEqual(keys)
        expect(settings.addresses.every((each) => typeof each === 'string')).toBe(true)
      }),
    )
    expect(readSettings('{"theme":"pink","treeWidth":1e9,"payloads":{"stream":[{"text":1}]}}')).toEqual(
      readSettings('{}'),
    )
  })
})
