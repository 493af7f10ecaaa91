import { rendererMemoryBytes } from '../drivers/memory'
import { type Pane } from '../drivers/pane'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonBindsUdp, pythonDials } from '../peers/python'

needs('python3')

const MEGABYTE = 1_000_000
/** More than any screen shows: past this, rows out of sight are in the page. */
const FEW_ROWS = 200

test('fifty megabytes in 200,000 sends: the end is followed live, and any place shows its own bytes', async ({
  app,
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'discard')
  const { pane, caller } = await board.accepted(async () => pythonDials(await listener.url()))
  await using program = caller
  const wire = await program.wire()
  await pane.show('Hex')
  await wire.flood(256_000, 256)
  await pane.carries({ in: 256_000 })
  const memoryBefore = await rendererMemoryBytes(app)

  const seen = (await hexLines(pane)).at(-1)?.offset ?? 0
  const flooded = wire.flood(199_000 * 256, 256)
  await expect
    .poll(async () => (await hexLines(pane)).at(-1)?.offset, 'the view moves with the flood')
    .toBeGreaterThan(seen)
  await flooded
  const total = 200_000 * 256
  await pane.carries({ in: total })
  await expect
    .poll(async () => {
      const last = (await hexLines(pane)).at(-1)
      return last === undefined ? 0 : last.offset + last.bytes.length
    }, 'the last line of all is in sight')
    .toBe(total)
  await expectRightLines(pane)

  for (const part of [0, 0.5, 0.123, 0.987, 0.25]) {
    await pane.scrollTo(part)
    // Far from where it was, and near where the scroll bar says.
    await expect
      .poll(
        async () => Math.abs(((await hexLines(pane))[0]?.offset ?? -1) - part * total),
        `lines near ${part} of all`,
      )
      .toBeLessThan(0.01 * total)
    await expectRightLines(pane)
  }
  await pane.scrollTo(0)
  await expect.poll(async () => (await hexLines(pane))[0]?.offset).toBe(0)
  // Away from the end it says how much is new, and leads there.
  await wire.flood(1_280_000, 256)
  await pane.region.getByRole('button', { name: '1.3 MB new ↓', exact: true }).click()
  await expect.poll(async () => (await hexLines(pane)).at(-1)?.offset).toBeGreaterThan(total + 1_280_000 - 64)

  expect(await pane.rows.count(), 'only rows in sight are in the page').toBeLessThan(FEW_ROWS)
  expect((await rendererMemoryBytes(app)) - memoryBefore).toBeLessThan(100 * MEGABYTE)
})

test('a hundred thousand datagrams: all are there, and every row is where its number says', async ({
  app,
  board,
}) => {
  test.skip(process.platform !== 'linux', 'the peer sees in Linux’s /proc when there is room for more')
  const count = 100_000
  const pane = await board.bind('udp://127.0.0.1:0')
  await using python = await pythonBindsUdp()
  await python.send(await pane.port(), 'the beginning')
  await pane.counts({ in: [13, 1] })
  const memoryBefore = await rendererMemoryBytes(app)
  await python.flood(await pane.port(), count)
  await pane.counts({ in: [13 + 8 * count, 1 + count] })
  await expect(pane.rows.filter({ hasText: String(count - 1).padStart(8, '0') })).toBeVisible()

  await pane.scrollTo(0)
  const beginning = pane.rows.filter({ hasText: 'the beginning' })
  await expect(beginning).toBeVisible()
  const first = Number(await beginning.getAttribute('aria-rowindex')) + 1
  for (const part of [0.5, 0.123, 0.987]) {
    await pane.scrollTo(part)
    await expect(async () => {
      const rows = await numberedRows(pane)
      expect(rows.length).toBeGreaterThan(5)
      for (const { index, number } of rows) expect(number).toBe(index - first)
      expect(Math.abs((rows[0]?.number ?? -1) - part * count)).toBeLessThan(0.01 * count)
    }).toPass()
  }
  expect(await pane.rows.count(), 'only rows in sight are in the page').toBeLessThan(FEW_ROWS)
  expect((await rendererMemoryBytes(app)) - memoryBefore).toBeLessThan(100 * MEGABYTE)
})

interface HexLine {
  readonly offset: number
  /** As many as the width has room for. */
  readonly bytes: Buffer
}

/** The lines of the hex view that are drawn, from top to bottom. */
async function hexLines(pane: Pane): Promise<HexLine[]> {
  const cells = await pane.rows.evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent ?? '')),
  )
  return cells
    .map(([offset = '', digits = '']) => ({
      offset: Number.parseInt(offset, 16),
      bytes: Buffer.from(digits.replace(/\s/g, ''), 'hex'),
    }))
    .filter(({ offset }) => !Number.isNaN(offset))
    .toSorted((a, b) => a.offset - b.offset)
}

/** Each piece of 256 bytes holds its own number sixteen times over, so that every byte tells where it must lie. */
async function expectRightLines(pane: Pane): Promise<void> {
  await expect(async () => {
    const lines = await hexLines(pane)
    expect(lines.length).toBeGreaterThan(5)
    for (const { offset, bytes } of lines) {
      const piece = `${String(Math.floor(offset / 256)).padStart(15, '0')}\n`
      const expected = piece.repeat(3).slice(offset % 16, (offset % 16) + bytes.length)
      expect(bytes.toString('latin1')).toBe(expected)
    }
  }).toPass()
}

/** The datagrams that are drawn: where their rows say they lie, and what they hold. */
async function numberedRows(pane: Pane): Promise<{ index: number; number: number }[]> {
  const rows = await pane.rows.evaluateAll((elements) =>
    elements.map((row) => ({
      index: Number(row.getAttribute('aria-rowindex')),
      number: Number(/(?<!\d)\d{8}(?!\d)/.exec(row.textContent ?? '')?.[0]),
    })),
  )
  return rows.filter(({ number }) => !Number.isNaN(number))
}
