import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type App } from '../drivers/app'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'copy' })
needs('ncat', 'python3')

const run = promisify(execFile)
const PAYLOAD = "it's 100%\\r\\n\\x00\\xff"
const BYTES = Buffer.from("it's 100%\r\n\x00\xff", 'latin1')

async function clipboard(app: App): Promise<string> {
  return await app.electron.evaluate(async ({ clipboard: of }) => await of.readText())
}

test('a chunk copied as a shell command sends the same bytes to the same place', async ({ app, board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const first = await server.wire()
  await pane.composer.send(PAYLOAD)
  await first.receives(BYTES)
  await pane.rows.filter({ hasText: "it's" }).click()
  const list = pane.region.getByRole('combobox', { name: 'Copy as' })
  await list.selectOption('shell command')
  await expect(pane.region).toContainText('Copied as shell command')
  const command = await clipboard(app)
  expect(command).toContain(`nc 127.0.0.1 ${server.port}`)
  const netcat = run('sh', ['-c', command], { timeout: 5000 })
  const second = await server.wire(1)
  await second.receives(BYTES)
  await second.close()
  await netcat

  await list.selectOption('Python bytes')
  await expect.poll(() => clipboard(app)).toContain("b'it")
  const { stdout } = await run('python3', ['-c', `print((${await clipboard(app)}).hex())`])
  expect(stdout.trim()).toBe(BYTES.toString('hex'))
  await expect(list).toHaveValue('')
})

test('bytes selected in the hex view are told as numbers and copied as hex', async ({ app, board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await wire.send(Uint8Array.from({ length: 100 }, (_, at) => at + 1))
  await pane.counts({ in: [100, 1] })
  await pane.show('Hex')
  const digits = pane.rows.nth(1).getByRole('gridcell').nth(1)
  const box = await digits.boundingBox()
  if (box === null) throw new Error('the first line is not in sight')
  const columns = (await digits.textContent())?.length ?? 0
  const column = box.width / columns
  const nextLine = await pane.rows.nth(2).getByRole('gridcell').first().innerText()
  const bytesALine = parseInt(nextLine, 16)
  // From the third byte to the sixth, with the pointer.
  await app.window.mouse.move(box.x + 7 * column, box.y + 10)
  await app.window.mouse.down()
  await app.window.mouse.move(box.x + 16 * column, box.y + 10)
  await app.window.mouse.up()
  const selected = pane.region.getByRole('group', { name: 'Selected bytes' })
  await expect(selected).toContainText('4 B')
  await expect(selected).toContainText('0x00000002 – 0x00000005')
  const values = selected.getByRole('row')
  await expect(values.filter({ hasText: 'u32' })).toContainText(String(0x06050403))
  await expect(values.filter({ hasText: 'u32' })).toContainText(String(0x03040506))
  // Eleven more, into the next line, with the keys.
  for (let n = 0; n < 11; n++) await pane.traffic.press('Shift+ArrowRight')
  await pane.traffic.press('Shift+ArrowDown')
  const selectedBytes = 15 + bytesALine
  await expect(selected).toContainText(`${selectedBytes} B`)
  await pane.traffic.press('Control+c')
  const expected = Array.from({ length: selectedBytes }, (_, at) =>
    (at + 3).toString(16).padStart(2, '0'),
  ).join(' ')
  await expect.poll(() => clipboard(app)).toBe(expected)
  // All of it came in: to where it was sent.
  await selected.getByRole('combobox', { name: 'Copy as' }).selectOption('shell command')
  const [, address = ''] = /tcp:\/\/(127\.0\.0\.1:\d+)/.exec(await pane.region.innerText()) ?? []
  await expect.poll(() => clipboard(app)).toContain(`| nc ${address.replace(':', ' ')}`)
  await pane.traffic.press('Escape')
  await expect(selected).toBeHidden()
})
