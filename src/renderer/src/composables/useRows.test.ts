import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import { packRows } from '@shared/contract/packedRows'
import { installBridge, rowAt, settledPromises, type RecordedBridge } from '../testing/recordedBridge'
import { useRows, type RowsInSight } from './useRows'

let scope: EffectScope
let record: RecordedBridge
const known = shallowRef(0)
const follow = shallowRef(false)

function begin(rows: number): RowsInSight {
  record.rows = rows
  known.value = rows
  return scope.run(() => useRows('C1', known, follow)) as RowsInSight
}

beforeEach(() => {
  scope = effectScope()
  record = installBridge()
  follow.value = false
})
afterEach(() => scope.stop())

describe('rows in sight', () => {
  test('are pulled with a margin, once', async () => {
    const rows = begin(1000)
    rows.want(500, 40)
    await settledPromises()
    expect(rows.rowAt(500)).toEqual(rowAt(500))
    expect(rows.rowAt(539)).toEqual(rowAt(539))
    expect(record.reads).toHaveLength(1)
    rows.want(505, 40)
    await settledPromises()
    expect(record.reads).toHaveLength(1)
  })

  test('while one pull is under way no other is begun, and what lay between is never asked for', async () => {
    record.isHolding = true
    const rows = begin(100_000)
    rows.want(0, 40)
    rows.want(20_000, 40)
    rows.want(90_000, 40)
    expect(record.reads).toHaveLength(1)
    await record.release()
    expect(record.reads).toHaveLength(2)
    expect(record.reads[1]?.from).toBeGreaterThan(89_000)
    await record.release()
    expect(rows.rowAt(90_000)).toEqual(rowAt(90_000))
  })

  test('are all that is held, however far one scrolls', async () => {
    const rows = begin(50_000)
    for (let first = 0; first < 50_000; first += 500) {
      rows.want(first, 40)
      await settledPromises()
      expect(rows.rowAt(first)).toBeDefined()
    }
    const held = Array.from({ length: 50_000 }, (_, row) => rows.rowAt(row)).filter(
      (row) => row !== undefined,
    )
    expect(held.length).toBeLessThan(1100)
  })

  test('a record that is shorter than was told is not asked for without end', async () => {
    const rows = begin(100)
    record.rows = 50
    rows.want(80, 40)
    await settledPromises()
    const before = record.reads.length
    await settledPromises()
    expect(record.reads.length).toBe(before)
    expect(before).toBeLessThan(5)
    // It goes on once there is more.
    record.rows = 120
    known.value = 120
    await nextTick()
    await settledPromises()
    expect(rows.rowAt(80)).toEqual(rowAt(80))
  })
})

describe('following the end', () => {
  test('rows come by the tap and are settled after the frame that draws them', async () => {
    follow.value = true
    const rows = begin(10)
    await settledPromises()
    rows.want(0, 40)
    record.rows = 12
    const size = { rows: 12, inBytes: 0, outBytes: 0 }
    record.deliver({ type: 'rows', rows: packRows([rowAt(10), rowAt(11)]), size, costBytes: 300 })
    await vi.waitFor(() => expect(rows.total.value).toBe(12))
    expect(rows.rowAt(11)).toEqual(rowAt(11))
    await vi.waitFor(() => expect(record.settled).toEqual([300]))
  })

  test('what was skipped is pulled, as far as it is in sight', async () => {
    follow.value = true
    const rows = begin(10)
    await settledPromises()
    rows.want(4960, 40)
    record.rows = 5000
    record.deliver({ type: 'skipped', from: 10, to: 5000, size: { rows: 5000, inBytes: 0, outBytes: 0 } })
    await vi.waitFor(() => expect(rows.rowAt(4999)).toEqual(rowAt(4999)))
    expect(rows.rowAt(2000)).toBeUndefined()
  })

  test('a flood does not pile up', async () => {
    follow.value = true
    const rows = begin(0)
    await settledPromises()
    rows.want(0, 40)
    for (let from = 0; from < 100_000; from += 1000) {
      record.rows = from + 1000
      const some = Array.from({ length: 1000 }, (_, at) => rowAt(from + at))
      record.deliver({
        type: 'rows',
        rows: packRows(some),
        size: { rows: record.rows, inBytes: 0, outBytes: 0 },
        costBytes: 1000,
      })
    }
    await vi.waitFor(() => expect(rows.total.value).toBe(100_000))
    const held = Array.from({ length: 100_000 }, (_, row) => rows.rowAt(row)).filter(
      (row) => row !== undefined,
    )
    expect(held.length).toBeLessThan(1100)
    expect(rows.rowAt(99_999)).toEqual(rowAt(99_999))
  })

  test('the tap is closed when the end is no longer followed, and when the view goes', async () => {
    follow.value = true
    begin(0)
    await settledPromises()
    expect(record.openTaps.size).toBe(1)
    follow.value = false
    await nextTick()
    await settledPromises()
    expect(record.openTaps.size).toBe(0)
    follow.value = true
    await nextTick()
    await settledPromises()
    expect(record.openTaps.size).toBe(1)
    scope.stop()
    await settledPromises()
    expect(record.openTaps.size).toBe(0)
  })
})
