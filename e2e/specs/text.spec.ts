import { FindBar } from '../drivers/findBar'
import { JumpBar } from '../drivers/jumpBar'
import { type Pane } from '../drivers/pane'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'text' })
needs('python3')

const LINES = 300_000
const lineOf = (n: number): string => `line ${n}${n === 123_456 ? ' has the needle' : ''}\n`

/** The numbers of the lines whose beginning is in sight, from top to bottom. */
async function numbersInSight(pane: Pane): Promise<number[]> {
  return await pane.traffic.evaluate((grid) => {
    const box = grid.getBoundingClientRect()
    return [...grid.querySelectorAll('[role=row]')].flatMap((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      const number = /^line (\d+)/.exec(row.textContent ?? '')?.[1]
      return number !== undefined && bottom > box.top + 1 && top < box.bottom - 1 ? [Number(number)] : []
    })
  })
}

test('running text of any length is gone to anywhere, found in and read on, with nothing left out', async ({
  app,
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  const bytes = Buffer.from(Array.from({ length: LINES }, (_, n) => lineOf(n)).join(''))
  for (let at = 0; at < bytes.length; at += 500_000) await wire.send(bytes.subarray(at, at + 500_000))
  await pane.carries({ in: bytes.length })
  await pane.show('Text')
  await expect.poll(async () => (await numbersInSight(pane)).at(-1)).toBe(LINES - 1)

  // By the bar beside it, which is that of the whole stream.
  const bar = pane.region.getByRole('scrollbar', { name: 'Place in the stream', exact: true })
  await expect(bar).toHaveAttribute('aria-valuemax', String(bytes.length))
  const box = await bar.boundingBox()
  if (box === null) throw new Error('there is no bar')
  for (const part of [0.25, 0.75]) {
    await app.window.mouse.click(box.x + box.width / 2, box.y + part * box.height)
    await expect
      .poll(async () => Math.abs(((await numbersInSight(pane))[0] ?? 0) / LINES - part))
      .toBeLessThan(0.05)
    await expect
      .poll(async () => Math.abs(Number(await bar.getAttribute('aria-valuenow')) / bytes.length - part))
      .toBeLessThan(0.05)
  }
  await pane.traffic.press('Home')
  await expect.poll(async () => (await numbersInSight(pane))[0]).toBe(0)

  // Page by page: what was at the bottom is still in sight, whatever was laid out anew.
  let last = (await numbersInSight(pane)).at(-1) ?? 0
  for (let page = 0; page < 60; page++) {
    await pane.traffic.press('PageDown')
    await expect.poll(async () => (await numbersInSight(pane)).at(-1)).toBeGreaterThan(last)
    const numbers = await numbersInSight(pane)
    expect(numbers[0]).toBeLessThanOrEqual(last + 1)
    expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n))
    last = numbers.at(-1) ?? 0
  }

  // What is found is lit where it stands.
  const find = await FindBar.open(pane)
  await find.find('the needle')
  await expect(find.told).toHaveText('1 of 1')
  const found = pane.traffic.locator('mark')
  await expect(found).toHaveText('the needle')
  await expect(found).toBeInViewport()
  expect(await numbersInSight(pane)).toContain(123_456)
  await find.field.press('Escape')

  await JumpBar.open(pane).then((jump) => jump.go(`@${bytes.indexOf(lineOf(200_000))}`))
  await expect.poll(() => numbersInSight(pane)).toContain(200_000)
  await expect(found).toHaveText('l')

  // Away from the end it says how much is new, and leads there.
  await wire.send('and some more\n')
  const toEnd = pane.region.getByRole('button', { name: '14 B new ↓' })
  await toEnd.click()
  await expect(pane.rows.last()).toHaveText('and some more')
})

test('of two sides one can be read by itself', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await wire.send('one half, ')
  await pane.carries({ in: 10 })
  await pane.composer.send('a question')
  await pane.carries({ out: 10 })
  await wire.send('the other half\n')
  await pane.carries({ in: 25 })
  await pane.show('Text')
  await expect(pane.rows).toHaveText(['one half, ', 'a question', 'the other half'])
  const stream = pane.region.getByRole('combobox', { name: 'Stream', exact: true })
  await stream.selectOption('in')
  await expect(pane.rows).toHaveText(['one half, the other half'])
  await stream.selectOption('out')
  await expect(pane.rows).toHaveText(['a question'])
  await stream.selectOption('both')
  await expect(pane.rows).toHaveCount(3)
})
