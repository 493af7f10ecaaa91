import { expect, test, vi } from 'vitest'
import { type ServiceEvent } from '../../shared/contract/events'
import { type SocketId } from '../../shared/model/ids'
import { type ConnectionSummary, type Counters, type RecordingStatus } from '../../shared/model/summary'
import { type Summarised } from '../engine/types'
import { EventBatches } from './eventBatches'

const status: RecordingStatus = { file: '/x.swb', bytes: 12, isDiskBehind: false }

function setup() {
  const moved = new Map<SocketId, Counters>()
  const batches: (readonly ServiceEvent[])[] = []
  const atMs: number[] = []
  const events = new EventBatches({
    takeMovedCounters(each) {
      for (const [id, counters] of moved) each(id, counters)
      moved.clear()
    },
    recordingStatus: () => status,
  })
  const stop = events.listen((batch) => {
    batches.push(batch)
    atMs.push(performance.now())
  })
  return { events, batches, atMs, moved, stop }
}

function connection(id: number, queuedBytes: number): ConnectionSummary {
  const state = { phase: 'dialling', to: { kind: 'tcp', host: 'h', port: 1 }, attempts: [] } as const
  return {
    kind: 'connection',
    id: `C${id}`,
    listener: null,
    asked: 'tcp://h:1',
    state,
    isReadingPaused: false,
    queuedBytes,
    options: [],
  }
}

/** A socket as it is now, with this much queued. */
function socket(id: number, queuedBytes: number): Summarised {
  const summary = connection(id, queuedBytes)
  return { id: summary.id, summary: () => summary }
}

test('a later summary of a socket replaces the earlier one of the same batch', async () => {
  const { events, batches } = setup()
  for (let queued = 0; queued < 1000; queued++) events.changed(socket(1, queued))
  await vi.waitUntil(() => batches.length > 0)
  expect(batches[0]).toEqual([{ name: 'socket.changed', value: connection(1, 999) }])
  events.close()
})

test('a thousand connections that change all the time come a few in a batch, each in its turn, batches at least a frame apart', async () => {
  const { events, batches, atMs } = setup()
  for (let round = 0; round < 5; round++) {
    for (let id = 1; id <= 1000; id++) events.changed(socket(id, round))
    await vi.waitUntil(() => batches.length > round)
  }
  expect(batches.slice(0, 5).map((batch) => batch.length)).toEqual([32, 128, 128, 128, 128])
  const told = () => batches.flatMap((batch) => batch.map((event) => event.value as ConnectionSummary))
  await vi.waitUntil(() => told().filter(({ queuedBytes }) => queuedBytes === 4).length === 1000)
  expect(new Set(told().map(({ id }) => id)).size).toBe(1000)
  const gaps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0))
  // A timer may fire up to a millisecond before its time.
  expect(Math.min(...gaps)).toBeGreaterThan(14)
  events.close()
})

test('counters that moved are told together, and not again while they rest', async () => {
  const { events, batches, moved } = setup()
  const counters = { inBytes: 1, inChunks: 1, outBytes: 0, outChunks: 0, rows: 2 }
  moved.set('C1', counters).set('C2', counters)
  await vi.waitUntil(() => batches.length > 0)
  expect(batches).toEqual([
    [
      {
        name: 'counters.ticked',
        value: [
          ['C1', counters],
          ['C2', counters],
        ],
      },
    ],
  ])
  moved.set('C2', counters)
  await vi.waitUntil(() => batches.length > 1)
  expect(batches[1]).toEqual([{ name: 'counters.ticked', value: [['C2', counters]] }])
  events.close()
})

test('a socket that was forgotten is not told as changed any more', async () => {
  const { events, batches } = setup()
  events.changed(socket(1, 0))
  events.forgotten('C1')
  await vi.waitUntil(() => batches.length > 0)
  expect(batches[0]).toEqual([{ name: 'socket.forgotten', value: { id: 'C1' } }])
  events.close()
})

test('with nobody listening nothing is gathered, and no timer keeps the process', () => {
  const { events, batches, stop } = setup()
  stop()
  events.changed(socket(1, 0))
  events.problem(null, { code: 'EIO', summary: 'x' })
  events.flush()
  expect(batches).toEqual([])
})

test('the end tells what has gathered', () => {
  const { events, batches, moved } = setup()
  events.changed(socket(1, 7))
  events.recordingMoved()
  moved.set('C1', { inBytes: 0, inChunks: 0, outBytes: 3, outChunks: 1, rows: 1 })
  events.close()
  expect(batches.flat().map(({ name }) => name)).toEqual([
    'socket.changed',
    'counters.ticked',
    'recording.changed',
  ])
})
