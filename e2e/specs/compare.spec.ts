import { Compare } from '../drivers/compare'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'compare' })
needs('python3')

const text = (lines: number): string =>
  Array.from({ length: lines }, (_, n) => `line ${n} of what both were told\n`).join('')

test('two connections are compared side by side, and each difference is one step away', async ({ board }) => {
  await using server = await pythonListens()
  const one = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await one.isOpen()
  const two = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await two.isOpen()
  const told = Buffer.from(text(3000))
  const other = Buffer.from(
    text(3000).replace('line 700 ', 'line 7-0 ').replace('line 2000 of', 'line 2000 (and some more) of'),
  )
  await (await server.wire(0)).send(told)
  await (await server.wire(1)).send(other)
  await one.carries({ in: told.length })
  await two.carries({ in: other.length })

  const compare = new Compare(board.window)
  await board.palette.run('compare two')
  await compare.choose('A', one.id, 'in')
  await compare.choose('B', two.id, 'in')
  await compare.run()
  const flipped = other.indexOf('line 7-0 ') + 6
  await expect(compare.outcome).toHaveText(
    `first difference at offset ${flipped.toLocaleString('en')}; 2 differences in all`,
  )
  await expect(compare.place).toHaveText('1 of 2')
  const lit = compare.rows.locator('mark')
  await expect(lit.filter({ hasText: /^30$/ })).toBeVisible()
  await expect(lit.filter({ hasText: /^2d$/ })).toBeVisible()
  await compare.press('Next difference')
  await expect(compare.place).toHaveText('2 of 2')
  // What was pasted lies beside nothing, and after it both go on side by side.
  const cells = async (): Promise<string[][]> =>
    compare.rows.evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent ?? '')),
    )
  await expect
    .poll(async () => {
      const all = await cells()
      const gap = all.findIndex(([a, , , b]) => a === '' && b !== '')
      const after = all.slice(gap).find(([a]) => a !== '')
      return after !== undefined && after[0] !== after[3] && after[2] === after[5] && after[2] !== ''
    })
    .toBe(true)
  const litText = (await lit.allTextContents()).join('')
  expect(litText).toContain('some more')
  await compare.dialog.press('F3')
  await expect(compare.place).toHaveText('1 of 2')

  await compare.choose('B', two.id, 'in', '', String(flipped))
  await compare.run()
  await expect(compare.outcome).toHaveText(/^equal up to [\d,]+, then B ends: A has [\d,]+ B more$/)
  await compare.choose('A', one.id, 'in', '0', String(flipped))
  await compare.run()
  await expect(compare.outcome).toHaveText(`equal, ${flipped.toLocaleString('en')} B`)
  await compare.choose('A', one.id, 'in', 'here')
  await compare.run()
  await expect(compare.fault).toContainText('no whole number')
  await compare.choose('A', one.id, 'in', '0', '99999999')
  await compare.run()
  await expect(compare.fault).toContainText('A has no bytes 0 to 99999999')
  await compare.close()
})

test('selected bytes are compared with others', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  await (await server.wire()).send(Buffer.from('abcdefgh'))
  await pane.carries({ in: 8 })
  await pane.composer.send('abXdefgh')
  await pane.carries({ out: 8 })
  await pane.show('Hex')
  await pane.region.getByRole('combobox', { name: 'Stream', exact: true }).selectOption('in')
  await pane.rows
    .nth(1)
    .getByRole('gridcell')
    .nth(1)
    .click({ position: { x: 8, y: 10 } })
  for (let n = 0; n < 7; n++) await pane.traffic.press('Shift+ArrowRight')
  await pane.button('Compare with…').click()
  const compare = new Compare(board.window)
  await expect(compare.dialog.getByRole('textbox', { name: 'To byte A', exact: true })).toHaveValue('8')
  await compare.choose('B', pane.id, 'out')
  await compare.run()
  await expect(compare.outcome).toHaveText('first difference at offset 2')
  await compare.close()
})
