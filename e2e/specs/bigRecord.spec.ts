import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { ExportDialog, saveAs } from '../drivers/exportDialog'
import { FilterLine } from '../drivers/filterLine'
import { FindBar } from '../drivers/findBar'
import { JumpBar } from '../drivers/jumpBar'
import { temporaryFolder } from '../drivers/places'
import { saveTo } from '../drivers/sessions'
import { CHUNK_BYTES } from '../drivers/recorded'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonDials } from '../peers/python'

needs('python3')

const HALF = 8192 * CHUNK_BYTES
const NEEDLE = 'here lies the needle'

test('a record of a gigabyte is saved while it goes on, filtered, jumped in, marked, selected in and exported', async ({
  app,
  board,
}) => {
  test.setTimeout(150_000)
  await using folder = await temporaryFolder()
  const listener = await board.listen('tcp://127.0.0.1:0')
  const { pane, caller: program } = await board.accepted(async () => pythonDials(await listener.url()))
  await using _program = program
  const wire = await program.wire()
  await wire.flood(HALF, CHUNK_BYTES)
  await pane.carries({ in: HALF })
  await wire.send(NEEDLE)
  await pane.carries({ in: HALF + NEEDLE.length })
  // It gets its first name at once, is saved elsewhere while the second half comes, and goes on there.
  await saveTo(app, folder.join('named.swb'))
  await app.window.keyboard.press('ControlOrMeta+s')
  await expect(app.window.getByRole('status', { name: 'Saved' })).toHaveText('Saved as named.swb')
  const file = folder.join('large.swb')
  await saveTo(app, file)
  const flooded = wire.flood(HALF, CHUNK_BYTES)
  await app.window.keyboard.press('ControlOrMeta+Shift+s')
  await expect(app.window.getByRole('progressbar', { name: /^Saving/ })).toBeVisible()
  await expect(app.window.getByRole('status', { name: 'Saved' })).toHaveText('Saved as large.swb', {
    timeout: 60_000,
  })
  await flooded
  await pane.carries({ in: 2 * HALF + NEEDLE.length })
  const selected = pane.traffic.locator('[aria-selected="true"]')

  // Filtered: of thousands of chunks the one.
  const line = await FilterLine.open(pane)
  await line.field.fill(`text:"${NEEDLE}"`)
  await line.field.press('Enter')
  await expect(line.told).toHaveText(/^1 of [\d,]+ rows$/)
  await expect(pane.rows.filter({ hasText: NEEDLE })).toHaveCount(1)
  await line.field.fill('size<100 kind:data')
  await line.field.press('Enter')
  await expect(line.told).toHaveText(/^\d+ of [\d,]+ rows$/)
  await expect(pane.rows.filter({ hasText: NEEDLE })).toHaveCount(1)
  await line.field.press('Escape')
  await expect(line.region).toBeHidden()

  // Jumped to by offset, and marked; gone to by its mark from elsewhere.
  await JumpBar.open(pane).then((jump) => jump.go(`in @${HALF}`))
  await expect(selected).toContainText(NEEDLE)
  await pane.traffic.press('m')
  await expect(selected).toContainText('Marked.')
  await JumpBar.open(pane).then((jump) => jump.go('row 12'))
  await expect(selected).not.toContainText(NEEDLE)
  await pane.traffic.press('n')
  await expect(selected).toContainText(NEEDLE)

  // Selected in the hex view by what was found, and saved as it is.
  await pane.show('Hex')
  const bar = await FindBar.open(pane)
  await bar.find(NEEDLE)
  await expect(bar.told).toHaveText('1 of 1')
  const inspector = pane.region.getByRole('group', { name: 'Selected bytes' })
  await expect(inspector).toContainText(`${NEEDLE.length} B`)
  const part = folder.join('part.bin')
  await saveAs(app, part)
  await inspector.getByRole('button', { name: 'Save selected bytes as' }).click()
  const exporting = new ExportDialog(app.window)
  await expect(exporting.told).toContainText(`exported ${part}`)
  expect(await readFile(part, 'utf8')).toBe(NEEDLE)
  await exporting.dismiss()

  // Exported as a whole.
  const whole = folder.join('whole.bin')
  await saveAs(app, whole)
  await ExportDialog.open(app.window)
  await exporting.choose(`All of ${pane.id}`)
  await exporting.choose(/^Raw|^Bytes/i)
  await exporting.submit()
  await expect(exporting.told).toContainText(`exported ${whole}`, { timeout: 60_000 })
  const hash = createHash('sha256')
  await pipeline(createReadStream(whole), hash)
  expect(hash.digest('hex')).toBe((await wire.sum()).sentSha256)
})
