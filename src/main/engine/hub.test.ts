import { expect, test } from 'vitest'
import { type ConnectionId } from '../../shared/model/ids'
import { type ConnectionSummary } from '../../shared/model/summary'
import { Hub, type Owned } from './hub'
import { Watcher } from './posix/watcher'
import { MemoryRecorder } from './testing/memoryRecorder'
import { type EngineEvent } from './types'

const newHub = () =>
  new Hub(new MemoryRecorder(), {
    lingerMs: 1,
    socketLimit: 10,
    isDirect: true,
    watcher: new Watcher(undefined),
  })

function socket(id: ConnectionId): Owned {
  const summary = { kind: 'connection', id } as ConnectionSummary
  return {
    id,
    isOver: true,
    hasMoved: false,
    summary: () => summary,
    counters: () => ({ inBytes: 0, inChunks: 0, outBytes: 0, outChunks: 0, rows: 0 }),
    kernelSocket: () => null,
  }
}

test('of very many ended connections the oldest are forgotten, and that is told', () => {
  const hub = newHub()
  const forgotten: string[] = []
  hub.onEvent((event: EngineEvent) => event.type === 'forgotten' && forgotten.push(event.id))
  for (let nth = 1; nth <= 11_001; nth++) {
    hub.add(socket(`C${nth}`))
    hub.ended(`C${nth}`)
  }
  expect([...hub.all()]).toHaveLength(10_001)
  expect(forgotten).toHaveLength(1_000)
  expect(forgotten[0]).toBe('C1')
  expect(hub.find('C1')).toBeUndefined()
  expect(hub.find('C1001')).toBeDefined()
})

test('several changes within one turn of the loop are told once', async () => {
  const hub = newHub()
  let told = 0
  hub.onEvent(() => told++)
  const one = socket('C1')
  hub.add(one)
  hub.changed(one)
  hub.changed(one)
  expect(told).toBe(0)
  await new Promise((resolve) => setImmediate(resolve))
  expect(told).toBe(1)
})
