import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { ExportDialog, saveAs } from '../drivers/exportDialog'
import { temporaryFolder } from '../drivers/places'
import { problemsTold } from '../drivers/problems'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonDials, pythonListens, sha256 } from '../peers/python'
import { complaints, fields, followTcp } from '../peers/tshark'

needs('python3', 'tshark')
const run = promisify(execFile)

test('a connection is exported while it goes on; tshark follows exactly the bytes that its peer sent and received', async ({
  app,
  board,
}) => {
  await using folder = await temporaryFolder()
  const listener = await board.listen('tcp://127.0.0.1:0', 'echo')
  const { pane, caller: program } = await board.accepted(async () => pythonDials(await listener.url()))
  await using _program = program
  const wire = await program.wire()
  const question = randomBytes(300_000)
  await wire.send(question)
  await wire.receivesBytes(question.length)
  await pane.carries({ in: 300_000, out: 300_000 })

  // Nothing happens where the user chooses no file; the dialog is still there.
  const none = await saveAs(app, null)
  const exporting = await ExportDialog.open(app.window)
  await exporting.choose(`All of ${pane.id}`)
  await exporting.choose(/^pcapng/)
  await exporting.submit()
  await expect.poll(() => none.offered()).toEqual([expect.stringMatching(/-C1\.pcapng$/)])
  await expect(exporting.dialog).toBeVisible()

  const file = folder.join('call.pcapng')
  await saveAs(app, file)
  await exporting.submit()
  await expect(exporting.dialog).toBeHidden()
  await expect(exporting.told).toContainText(`exported ${file}`)
  const stream = await followTcp(file, 0)
  const said = await wire.sum()
  expect([stream.fromFirst.length, sha256(stream.fromFirst)]).toEqual([said.sentBytes, said.sentSha256])
  expect([stream.fromSecond.length, sha256(stream.fromSecond)]).toEqual([
    said.receivedBytes,
    said.receivedSha256,
  ])
  expect(await complaints(file)).toEqual([])
  expect(await fields(file, 'tcp.analysis.flags', 'frame.number')).toEqual([])
  await exporting.dismiss()
  await expect(exporting.told).toBeHidden()

  // The same as JSON, with the palette, from the session as a whole.
  const json = folder.join('all.json')
  await saveAs(app, json)
  await board.palette.run('Export the traffic')
  await exporting.choose('The whole of this session')
  await exporting.choose(/^JSON/)
  await exporting.direction('in')
  await exporting.submit()
  await expect(exporting.told).toContainText(`exported ${json}`)
  const script =
    'import base64,hashlib,json,sys\nd=json.load(open(sys.argv[1]))\nb=b"".join(base64.b64decode(r["base64"]) for r in d["rows"])\nprint(len(b),hashlib.sha256(b).hexdigest())'
  const { stdout } = await run('python3', ['-c', script, json])
  expect(stdout.trim()).toBe(`${said.sentBytes} ${said.sentSha256}`)
  expect(await readdir(folder.path)).toEqual(['all.json', 'call.pcapng'])
})

test('selected bytes are saved as they are, from the hex view and from a chunk', async ({ app, board }) => {
  await using folder = await temporaryFolder()
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  const bytes = randomBytes(100_000)
  await wire.send(bytes)
  await pane.carries({ in: 100_000 })
  const exporting = new ExportDialog(app.window)

  const chunk = folder.join('chunk.bin')
  await saveAs(app, chunk)
  const row = pane.rows.filter({ hasText: '← in' }).first()
  await row.click()
  const detail = pane.region.getByRole('group', { name: 'Selected chunk' })
  const length = Number(/([\d,]+) B at offset 0/.exec(await detail.innerText())?.[1]?.replaceAll(',', ''))
  await detail.getByRole('button', { name: 'Save the chunk as' }).click()
  await expect(exporting.told).toContainText(`exported ${chunk}`)
  expect((await readFile(chunk)).equals(bytes.subarray(0, length))).toBe(true)
  await exporting.dismiss()

  await pane.show('Hex')
  await pane.traffic.press('Home')
  const part = folder.join('part.bin')
  const offered = await saveAs(app, part)
  const digits = pane.rows.nth(1).getByRole('gridcell').nth(1)
  const box = await digits.boundingBox()
  if (box === null) throw new Error('the first line is not in sight')
  await app.window.mouse.click(box.x + 4, box.y + 10)
  const inspector = pane.region.getByRole('group', { name: 'Selected bytes' })
  for (let n = 0; n < 20; n++) await pane.traffic.press('Shift+ArrowRight')
  await expect(inspector).toContainText('21 B')
  await inspector.getByRole('button', { name: 'Save selected bytes as' }).click()
  await expect(exporting.told).toContainText(`exported ${part}`)
  expect((await offered.offered())[0]).toMatch(/-C1-at-0\.bin$/)
  expect((await readFile(part)).equals(bytes.subarray(0, 21))).toBe(true)
})

test('a long export can be cancelled and leaves no file; one that fails says why', async ({ app, board }) => {
  await using folder = await temporaryFolder()
  const listener = await board.listen('tcp://127.0.0.1:0')
  const { pane, caller: program } = await board.accepted(async () => pythonDials(await listener.url()))
  await using _program = program
  const wire = await program.wire()
  await wire.flood(48_000_000, 100_000)
  await pane.carries({ in: 48_000_000 })

  const file = folder.join('long.txt')
  await saveAs(app, file)
  const exporting = await ExportDialog.open(app.window)
  await exporting.choose(/^Hex dump/)
  await exporting.submit()
  await expect(exporting.told).toContainText('exporting long.txt')
  await exporting.cancelExport()
  await expect(exporting.told).toContainText('export cancelled')
  expect(await readdir(folder.path)).toEqual([])
  await exporting.dismiss()

  await saveAs(app, folder.join('nowhere/x.csv'))
  await ExportDialog.open(app.window)
  await exporting.choose(/^CSV/)
  await exporting.submit()
  await expect(exporting.told).toContainText('export failed: ENOENT')
  expect(await problemsTold(app)).toContain('The export cannot be written: ENOENT')
})
