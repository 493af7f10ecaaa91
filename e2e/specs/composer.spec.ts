import { randomBytes } from 'node:crypto'
import { truncate, unlink, writeFile } from 'node:fs/promises'
import { pickFile } from '../drivers/dialogs'
import { temporaryFolder } from '../drivers/places'
import { type LineEnding } from '../drivers/composer'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens, sha256 } from '../peers/python'

test.use({ sharedBy: 'composer' })
needs('python3')

test('escapes are the bytes they stand for', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await pane.composer.send('a\\n\\x00\\u00e9\\\\n')
  const expected = Buffer.from([0x61, 0x0a, 0x00, 0xc3, 0xa9, 0x5c, 0x6e])
  expect(await wire.receives(expected)).toEqual(expected)
})

test('an escape that is none is refused before anything is sent', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  await pane.composer.send('a\\q')
  await expect(pane.fault).toContainText('\\q')
  await pane.counts({ out: [0, 0] })
  await expect(pane.composer.payload).toHaveValue('a\\q')
})

for (const { ending, bytes } of [
  { ending: 'none', bytes: '' },
  { ending: 'LF', bytes: '\n' },
  { ending: 'CR', bytes: '\r' },
  { ending: 'CRLF', bytes: '\r\n' },
  { ending: 'NUL', bytes: '\0' },
] satisfies readonly { ending: LineEnding; bytes: string }[]) {
  test(`the line ending ${ending} is put after the text`, async ({ board }) => {
    await using server = await pythonListens()
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    const wire = await server.wire()
    await pane.composer.endWith(ending)
    await pane.composer.send('x')
    await pane.composer.send('y')
    const expected = Buffer.from(`x${bytes}y${bytes}`)
    expect(await wire.receives(expected)).toEqual(expected)
    await pane.composer.endWith('none')
  })
}

test('arrow-up brings back what was sent, the newest first, and arrow-down goes the other way', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  const { payload } = pane.composer
  await pane.composer.send('one')
  await pane.composer.send('two')
  await pane.composer.send('three')
  await expect(payload).toHaveValue('')
  await payload.press('ArrowUp')
  await expect(payload).toHaveValue('three')
  await payload.press('ArrowUp')
  await expect(payload).toHaveValue('two')
  await payload.press('ArrowUp')
  await expect(payload).toHaveValue('one')
  await payload.press('ArrowDown')
  await expect(payload).toHaveValue('two')
  await pane.composer.sendButton.click()
  expect(String(await wire.receives('onetwothreetwo'))).toBe('onetwothreetwo')
})

test('Enter sends', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await pane.composer.payload.fill('by the keyboard')
  await pane.composer.payload.press('Enter')
  expect(String(await wire.receives('by the keyboard'))).toBe('by the keyboard')
})

test.describe('a file', () => {
  test('is sent whole, with its progress told', async ({ app, board }) => {
    await using folder = await temporaryFolder()
    await using server = await pythonListens()
    const content = randomBytes(3_000_000)
    await writeFile(folder.join('holiday.jpg'), content)
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    const wire = await server.wire()
    await pickFile(app, folder.join('holiday.jpg'))
    await pane.sendFile()
    await expect(pane.fileProgress).toContainText('holiday.jpg')
    await wire.receivesBytes(content.length)
    expect(await wire.sum()).toMatchObject({ receivedBytes: content.length, receivedSha256: sha256(content) })
    await expect(pane.fileProgress).toContainText('sent')
    await pane.carries({ out: content.length })
  })

  test('that a peer does not take can be cancelled, and what went out is what the peer gets', async ({
    app,
    board,
  }) => {
    await using folder = await temporaryFolder()
    await using server = await pythonListens()
    const content = randomBytes(64_000_000)
    await writeFile(folder.join('large.bin'), content)
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    const wire = await server.wire()
    wire.stopReading()
    await pickFile(app, folder.join('large.bin'))
    await pane.sendFile()
    await expect(pane.fileProgress).toContainText('large.bin')
    await pane.cancelFile()
    await expect(pane.fileProgress).toContainText('cancelled')
    wire.readOn()
    await pane.close()
    await wire.sawEof()
    const { receivedBytes, receivedSha256 } = await wire.sum()
    expect(receivedBytes).toBeGreaterThan(0)
    expect(receivedBytes).toBeLessThan(content.length)
    expect(receivedSha256).toBe(sha256(content.subarray(0, receivedBytes)))
  })

  test('that vanishes while it is sent is told with its errno, and the connection goes on', async ({
    app,
    board,
  }) => {
    await using folder = await temporaryFolder()
    await using server = await pythonListens()
    const file = folder.join('vanishing.bin')
    await writeFile(file, randomBytes(64_000_000))
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    const wire = await server.wire()
    wire.stopReading()
    await pickFile(app, file)
    await pane.sendFile()
    await expect(pane.fileProgress).toContainText('vanishing.bin')
    await unlink(file)
    await expect(pane.fault).toContainText('ENOENT')
    await expect(pane.fault).toContainText('stat')
    wire.readOn()
    await pane.isOpen()
    await pane.composer.send('we are still talking')
    await pane.close()
    await wire.sawEof()
  })

  test('that shrinks while it is sent is told too', async ({ app, board }) => {
    await using folder = await temporaryFolder()
    await using server = await pythonListens()
    const file = folder.join('shrinking.bin')
    await writeFile(file, randomBytes(64_000_000))
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    const wire = await server.wire()
    wire.stopReading()
    await pickFile(app, file)
    await pane.sendFile()
    await expect(pane.fileProgress).toContainText('shrinking.bin')
    await truncate(file, 0)
    await expect(pane.fault).toContainText('became shorter')
    await pane.isOpen()
  })

  test('that is gone before it is opened is told as open ENOENT', async ({ app, board }) => {
    await using folder = await temporaryFolder()
    await using server = await pythonListens()
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    await pane.isOpen()
    await pickFile(app, folder.join('never-there.bin'))
    await pane.sendFile()
    await expect(pane.fault).toContainText('ENOENT')
    await pane.counts({ out: [0, 0] })
  })

  test('is not sent when the question is cancelled', async ({ app, board }) => {
    await using server = await pythonListens()
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    await pane.isOpen()
    await pickFile(app, null)
    await pane.sendFile()
    await expect(pane.fault).toHaveCount(0)
    await pane.counts({ out: [0, 0] })
  })
})
