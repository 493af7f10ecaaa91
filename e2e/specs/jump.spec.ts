import { JumpBar } from '../drivers/jumpBar'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'jump' })
needs('python3')

test('a row, a byte and a moment are gone to by one field, which says what it understands', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  let sentBytes = 0
  for (let n = 0; n < 60; n++) {
    const line = `line ${String(n).padStart(3, '0')}\n`
    await wire.send(Buffer.from(line))
    // One by one: each is a chunk of its own.
    await pane.carries({ in: (sentBytes += line.length) })
  }
  const selected = pane.traffic.locator('[aria-selected="true"]')
  const firstData = Number(await pane.rows.filter({ hasText: 'line 059' }).getAttribute('aria-rowindex'))
  // Row 1 has the index 2: the heading is the first.
  const rowOf = (n: number): number => firstData - 1 - (59 - n)

  const bar = await JumpBar.open(pane)
  await bar.field.fill(String(rowOf(7)))
  await expect(bar.told).toHaveText(`row ${rowOf(7)}`)
  await bar.go(String(rowOf(7)))
  await expect(selected).toContainText('line 007')

  await JumpBar.open(pane)
  await bar.field.fill('in @0x5b')
  await expect(bar.told).toHaveText('byte 91 (0x5b) of what came in')
  await bar.go('in @0x5b')
  await expect(selected).toContainText('line 010')
  const chunk = pane.region.getByRole('group', { name: 'Selected chunk', exact: true })
  await expect(chunk).toContainText('9 B at offset 90')

  // What the time column tells of a row leads back to it.
  const time = (await selected.getByRole('gridcell').first().innerText()).trim()
  await JumpBar.open(pane)
  await bar.go('1')
  await expect(selected).toContainText('dial')
  await JumpBar.open(pane)
  // Microseconds are cut off: the row is the first one after.
  await bar.go(`${time}s`)
  await expect(selected).toContainText('line 010')

  await JumpBar.open(pane)
  await bar.field.fill('9000')
  await expect(bar.told).toHaveText('row 9,000: past the end, so the last')
  await bar.go('9000')
  await expect(selected).toContainText('line 059')

  await JumpBar.open(pane)
  await bar.field.fill('25:00')
  await expect(bar.told).toHaveText('25:00 is no time of day.')
  await bar.field.press('Enter')
  await expect(bar.region).toBeVisible()
  await bar.field.press('Escape')
  await expect(bar.region).toBeHidden()

  await pane.show('Hex')
  await pane.region.getByRole('button', { name: 'Go to', exact: true }).click()
  await bar.go('@100')
  const bytes = pane.region.getByRole('group', { name: 'Selected bytes', exact: true })
  await expect(bytes).toContainText('0x00000064')

  // A range of bytes is selected as it was written.
  await JumpBar.open(pane)
  await bar.field.fill('in @0x10+32')
  await expect(bar.told).toHaveText('32 bytes from 16 (0x10) of what came in')
  await bar.go('in @0x10+32')
  await expect(bytes).toContainText('32 B')
  await expect(bytes).toContainText('0x00000010 – 0x0000002f')
  await expect(pane.region.getByRole('combobox', { name: 'Stream', exact: true })).toHaveValue('in')

  // A day and a time of day: what was before it all leads to the first row, what is after it to the last.
  await JumpBar.open(pane)
  await bar.field.fill('2001-02-03 04:05')
  await expect(bar.told).toHaveText('2001-02-03 04:05:00.000000000')
  await bar.go('2001-02-03 04:05')
  await pane.show('Conversation')
  await JumpBar.open(pane)
  await bar.go('2001-02-03')
  await expect(selected).toHaveAttribute('aria-rowindex', '2')
  await JumpBar.open(pane)
  await bar.go('2199-01-01 00:00:00.5')
  await expect(selected).toContainText('line 059')
})
