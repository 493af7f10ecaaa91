import { expect, test, vi } from 'vitest'
import { TAP_CREDIT_BYTES } from '../../shared/contract/limits'
import { unpackRows } from '../../shared/contract/packedRows'
import { type TapMessage } from '../../shared/contract/tap'
import { type Row } from '../../shared/model/record'
import { type TapSource } from './tap'
import { Taps } from './taps'

/** A record that grows on demand. Taps see captures through two functions only, so these two stand for one. */
function growingRecord() {
  let rows = 0
  const source: TapSource = {
    size: () => ({ rows, inBytes: rows * 512, outBytes: 0 }),
    read(_id, from, to) {
      const found = Array.from({ length: Math.min(to, rows) - from }, (_, index) => dataRow(from + index))
      return Promise.resolve({ ok: true, value: found })
    },
  }
  return { source, grow: (by: number) => (rows += by) }
}

function dataRow(row: number): Row {
  const head = new Uint8Array(512)
  return {
    row,
    atNanos: row,
    kind: 'data',
    direction: 'in',
    offset: row * 512,
    combinedOffset: row * 512,
    lengthBytes: 512,
    peer: null,
    head,
    before: new Uint8Array(0),
  }
}

function follow(source: TapSource, from = 0) {
  const messages: TapMessage[] = []
  const taps = new Taps(source, () => undefined)
  const tap = taps.open('C1', from, (message) => messages.push(message))
  return { messages, tap, taps }
}

const rowsOf = (messages: readonly TapMessage[]) =>
  messages.flatMap((message) =>
    message.type === 'rows' ? unpackRows(message.rows).map(({ row }) => row) : [],
  )

test('a tap that settles gets every row once, in order, from the row it asked for', async () => {
  const { source, grow } = growingRecord()
  grow(10)
  const { messages, tap, taps } = follow(source, 4)
  await vi.waitUntil(() => rowsOf(messages).length === 6)
  grow(5)
  await vi.waitUntil(() => rowsOf(messages).length === 11)
  tap.settle(1e6)
  expect(rowsOf(messages)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  expect(messages.at(-1)).toMatchObject({ size: { rows: 15, inBytes: 15 * 512 } })
  taps.close()
})

test('far behind, a tap goes to the last rows', async () => {
  const { source, grow } = growingRecord()
  grow(1_000_000)
  const { messages, taps } = follow(source)
  await vi.waitUntil(() => messages.length === 1)
  expect(rowsOf(messages)).toHaveLength(96)
  expect(rowsOf(messages).at(-1)).toBe(999_999)
  taps.close()
})

test('a reader that never settles is sent its credit, one word of what it misses, and then nothing', async () => {
  const { source, grow } = growingRecord()
  const { messages, tap, taps } = follow(source)
  const isSpent = () => messages.at(-1)?.type === 'skipped'
  while (!isSpent()) {
    const before = messages.length
    grow(200)
    await vi.waitUntil(() => messages.length > before)
  }
  const sent = messages.length
  const sentBytes = messages.reduce((sum, each) => sum + (each.type === 'rows' ? each.costBytes : 0), 0)
  expect(sentBytes).toBeGreaterThanOrEqual(TAP_CREDIT_BYTES)
  expect(sentBytes).toBeLessThan(2 * TAP_CREDIT_BYTES)

  // Another tap on the same record shows that frames go by.
  let framesBy = 0
  const witness = taps.open('C1', 0, ({ type }) => {
    if (type === 'rows') framesBy++
    witness.settle(1e9)
  })
  for (let frame = 1; frame <= 5; frame++) {
    grow(100_000)
    await vi.waitUntil(() => framesBy >= frame)
  }
  witness.close()
  expect(messages).toHaveLength(sent)

  tap.settle(sentBytes)
  await vi.waitUntil(() => messages.length === sent + 1)
  expect(rowsOf(messages.slice(-1))).toHaveLength(96)
  taps.close()
})

test('a closed tap is silent', async () => {
  const { source, grow } = growingRecord()
  grow(3)
  const { messages, tap, taps } = follow(source)
  tap.close()
  const other = taps.open('C2', 0, (message) => messages.push(message))
  await vi.waitUntil(() => messages.length > 0)
  expect(messages).toHaveLength(1)
  other.close()
})

test('a record that cannot be read is told once, and the tap goes on', async () => {
  const { source, grow } = growingRecord()
  const faults: string[] = []
  let isBroken = true
  const fault = { code: 'EIO', summary: 'x' }
  const flaky: TapSource = {
    size: source.size,
    read: (id, from, to) => (isBroken ? Promise.resolve({ ok: false, fault }) : source.read(id, from, to)),
  }
  const messages: TapMessage[] = []
  const taps = new Taps(flaky, (_id, of) => faults.push(of.code))
  taps.open('C1', 0, (message) => messages.push(message))
  for (const rows of [1, 2]) {
    grow(1)
    await vi.waitUntil(() => messages.length === rows)
  }
  isBroken = false
  grow(1)
  await vi.waitUntil(() => messages.length === 3)
  expect(faults).toEqual(['EIO'])
  expect(messages.map(({ type }) => type)).toEqual(['skipped', 'skipped', 'rows'])
  taps.close()
})
