import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'fold' })
needs('python3')

const lines = (count: number, word: string): string =>
  Array.from({ length: count }, (_, n) => `${word} ${n}\r\n`).join('')

test('a chunk of several lines unfolds in the place of its row, and folds again', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await wire.send(Buffer.from('short\n'))
  await pane.carries({ in: 6 })
  const headers = lines(12, 'Header')
  await wire.send(Buffer.from(headers))
  await pane.carries({ in: 6 + headers.length })
  await wire.send(Buffer.from('the end'))
  const end = pane.rows.filter({ hasText: 'the end' })
  await expect(end).toBeVisible()

  await expect(pane.rows.filter({ hasText: 'short' }).getByRole('button')).toHaveCount(0)
  const row = pane.rows.filter({ hasText: 'Header 0' })
  const heightOf = async (): Promise<number> => (await row.boundingBox())?.height ?? 0
  const folded = await heightOf()
  await row.click()
  await pane.traffic.press('ArrowRight')
  await expect(row.getByRole('button', { name: 'Fold', exact: true })).toHaveAttribute(
    'aria-expanded',
    'true',
  )
  await expect(row.getByRole('gridcell').last()).toHaveText(/^Header 0\nHeader 1\n[^]*Header 11$/)
  expect(await heightOf()).toBe(12 * folded)
  // The row after it is one key away, as ever.
  await pane.traffic.press('ArrowDown')
  await expect(end).toHaveAttribute('aria-selected', 'true')
  const topOf = async (of: typeof row): Promise<number> => (await of.boundingBox())?.y ?? 0
  expect((await topOf(end)) - (await topOf(row))).toBe(12 * folded)
  await pane.traffic.press('ArrowUp')
  await pane.traffic.press('ArrowLeft')
  await expect.poll(heightOf).toBe(folded)
  await row.getByRole('button', { name: 'Unfold', exact: true }).click()
  await expect.poll(heightOf).toBe(12 * folded)
})

test('a long chunk unfolds a part at a time, and what follows it is still reached', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  // One write that we make is one chunk, whatever the peer reads.
  const text = lines(1500, 'Line')
  await pane.composer.endWith('none')
  await pane.composer.send(text.replaceAll('\r\n', '\\r\\n'))
  await pane.carries({ out: text.length })
  await (await server.wire()).send(Buffer.from('after it'))
  await pane.carries({ in: 8 })
  const row = pane.rows.filter({ hasText: 'out' })
  await row.filter({ hasText: 'Line 0' }).click()
  await pane.traffic.press('ArrowRight')
  await expect(row).toContainText('Line 9\n')
  await pane.scrollTo(1)
  const more = pane.traffic.getByRole('button', { name: /B more$/ })
  await expect(more).toHaveText(`${(text.length - 4096).toLocaleString('en')} B more`)
  await expect(pane.rows.filter({ hasText: 'after it' })).toBeVisible()
  await more.click()
  await pane.scrollTo(1)
  await expect(row).toContainText('Line 1499')
  await expect(more).toHaveCount(0)
  await expect(pane.rows.filter({ hasText: 'after it' })).toBeVisible()
  await pane.scrollTo(0)
  await expect(row).toContainText('Line 0\n')
})

test('times are told to the nanosecond where one asks for it', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  await (await server.wire()).send(Buffer.from('ping'))
  const time = pane.rows.filter({ hasText: 'ping' }).getByRole('gridcell').first()
  await expect(time).toHaveText(/^\d+\.\d{6} $/)
  await time.hover()
  await expect(time).toHaveAttribute(
    'title',
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}, \d+\.\d{9} s since the session began, \+\d+\.\d{9} s since the row before$/,
  )
  const choice = pane.region.getByRole('combobox', { name: 'Time', exact: true })
  await choice.selectOption('Time of day (ns)')
  await expect(time).toHaveText(/^\d\d:\d\d:\d\d\.\d{9} $/)
  await choice.selectOption('Time since row before (ns)')
  await expect(time).toHaveText(/^\+\d+\.\d{9} $/)
  await choice.selectOption('Time')
  await expect(time).toHaveText(/^\d+\.\d{6} $/)
})
