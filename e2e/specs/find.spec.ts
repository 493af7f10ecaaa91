import { FindBar } from '../drivers/findBar'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'find' })
needs('python3')

test('text is found across chunks, step by step, and shown in the conversation and in the chunk', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  let sentBytes = 0
  for (let n = 0; n < 40; n++) {
    const line = n % 10 === 7 ? `row ${n} has a needle\n` : `row ${n} has straw\n`
    await wire.send(Buffer.from(line))
    // One by one: each is a chunk of its own.
    await pane.carries({ in: (sentBytes += line.length) })
  }
  await wire.send(Buffer.from('and a nee'))
  await pane.traffic.getByText('and a nee').waitFor()
  await wire.send(Buffer.from('dle in two'))
  await pane.traffic.getByText('dle in two').waitFor()

  const bar = await FindBar.open(pane)
  await bar.find('needle')
  await expect(bar.told).toHaveText(/^\d of 5$/)
  const selected = pane.traffic.locator('[aria-selected="true"]')
  await pane.traffic.press('Home')
  const shown = await bar.told.innerText()
  await bar.field.press('Enter')
  await expect(bar.told).not.toHaveText(shown)
  // Round and round: after five steps it is where it was.
  const first = await bar.told.innerText()
  for (let n = 0; n < 5; n++) {
    const before = await bar.told.innerText()
    await bar.field.press('Enter')
    await expect(bar.told).not.toHaveText(before)
  }
  await expect(bar.told).toHaveText(first)
  while (!(await bar.told.innerText()).startsWith('2')) {
    const before = await bar.told.innerText()
    await bar.field.press('Shift+Enter')
    await expect(bar.told).not.toHaveText(before)
  }
  await expect(selected).toContainText('row 17 has a needle')
  const chunk = pane.region.getByRole('group', { name: 'Selected chunk', exact: true })
  await expect(chunk).toContainText('row 17 has a needle')

  await bar.press('List the matches')
  await expect(bar.list.getByRole('button')).toHaveCount(5)
  await bar.list.getByRole('button').last().click()
  await expect(bar.told).toHaveText('5 of 5')
  await expect(selected).toContainText('and a nee')

  // What comes later is found too.
  await wire.send(Buffer.from('one more needle'))
  await expect(bar.told).toHaveText('5 of 6')
  await bar.field.press('Escape')
  await expect(bar.region).toBeHidden()
})

test('bytes and expressions are found in the hex view, where they are selected', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await wire.send(Uint8Array.from({ length: 1000 }, (_, at) => at % 251))
  await pane.counts({ in: [1000, 1] })
  await pane.show('Hex')
  const bar = await FindBar.open(pane)
  await bar.find('fa 00 01', 'Hex')
  await expect(bar.told).toHaveText('1 of 3')
  const selected = pane.region.getByRole('group', { name: 'Selected bytes', exact: true })
  await expect(selected).toContainText('0x000000fa – 0x000000fc')
  await bar.press('Next match')
  await expect(selected).toContainText('0x000001f5 – 0x000001f7')
  await bar.find('\\x10[\\x00-\\xff]{3}', 'Regex')
  await expect(bar.told).toHaveText(/of 4$/)
  await expect(selected).toContainText('4 B')
})

test('what cannot be looked for is told in the bar, and nothing is lost by it', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  await (await server.wire()).send(Buffer.from('some (text) here'))
  await pane.carries({ in: 16 })
  const bar = await FindBar.open(pane)
  await bar.find('(', 'Regex')
  await expect(bar.fault).toContainText('The expression cannot be read')
  await bar.find('4', 'Hex')
  await expect(bar.fault).toContainText('two digits')
  await bar.find('(TEXT)', 'Text')
  await expect(bar.told).toHaveText('1 of 1')
  await expect(bar.fault).toBeHidden()
  await bar.press('Match case')
  await expect(bar.told).toHaveText('not found')
})
