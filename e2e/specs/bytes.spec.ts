import { type ConnectionPane } from '../drivers/pane'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens, sha256, type PythonWire } from '../peers/python'

test.use({ sharedBy: 'bytes' })
needs('python3')

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, value) => value)

/** Sends pieces that are sure to arrive as chunks of their own: each only after the last was counted. */
async function sendApart(
  wire: PythonWire,
  pane: ConnectionPane,
  pieces: readonly Uint8Array[],
): Promise<void> {
  let total = 0
  for (const [n, piece] of pieces.entries()) {
    await wire.send(piece)
    total += piece.length
    await pane.counts({ in: [total, n + 1] })
  }
}

for (const { what, text } of [
  { what: 'two bytes', text: '\u00e9' },
  { what: 'three bytes', text: '\u20ac' },
  { what: 'four bytes', text: '\u{1f600}' },
]) {
  test(`a character of ${what} that chunks cut apart is shown whole`, async ({ board }) => {
    await using server = await pythonListens()
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    const wire = await server.wire()
    const bytes = Buffer.from(`<${text}>`)
    await sendApart(
      wire,
      pane,
      Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
    )
    await expect(pane.traffic).toContainText(text)
    await expect(pane.traffic).not.toContainText('\ufffd')
    await pane.show('Text')
    await expect(pane.traffic).toContainText(`<${text}>`)
    await expect(pane.traffic).not.toContainText('\ufffd')
  })
}

test('all 256 values that a peer sends are shown in the hex view, in order', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await wire.send(ALL_BYTES)
  await pane.counts({ in: [256, 1] })
  await pane.show('Hex')
  // However many fit a line.
  const shown = (): Promise<string> =>
    pane.rows.evaluateAll((rows) =>
      rows.map((row) => row.querySelectorAll('[role=gridcell]')[1]?.textContent ?? '').join(''),
    )
  await expect
    .poll(async () => (await shown()).replace(/\s/g, ''))
    .toBe(Buffer.from(ALL_BYTES).toString('hex'))
})

test('all 256 values written as hex reach the peer exactly', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await pane.composer.sendHex(Buffer.from(ALL_BYTES).toString('hex').replace(/../g, '$& '))
  await wire.receivesBytes(256)
  expect(await wire.sum()).toMatchObject({ receivedBytes: 256, receivedSha256: sha256(ALL_BYTES) })
})

test('all 256 values written as escapes reach the peer exactly', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await pane.composer.choose('Text')
  await pane.composer.send(
    Array.from(ALL_BYTES, (value) => `\\x${value.toString(16).padStart(2, '0')}`).join(''),
  )
  await wire.receivesBytes(256)
  expect(await wire.sum()).toMatchObject({ receivedBytes: 256, receivedSha256: sha256(ALL_BYTES) })
})

test('bytes that are no text are shown as escapes and act on nothing', async ({ board, app }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  const title = await app.window.title()
  await wire.send('<img src=x onerror="document.title=1">\u001b[31m\u202etxet\u0000')
  await expect(pane.traffic).toContainText('<img src=x onerror="document.title=1">')
  await expect(pane.traffic).toContainText('\\e[31m\\u202etxet\\0')
  expect(await app.window.title()).toBe(title)
})

test('the text view shows lines as lines, across chunks and in both directions', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await sendApart(
    wire,
    pane,
    ['first li', 'ne\nsecond line\n'].map((text) => Buffer.from(text)),
  )
  await pane.composer.send('and my answer')
  await wire.receives('and my answer')
  await pane.show('Text')
  await expect(pane.traffic).toContainText('first line')
  await expect(pane.traffic).toContainText('second line')
  await expect(pane.traffic).toContainText('and my answer')
  await expect(pane.rows.filter({ hasText: 'first line' })).not.toContainText('second line')
})

test('a chunk is not a message: what one read took is one row, with its size', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  const wire = await server.wire()
  await sendApart(wire, pane, [Buffer.from('abc'), Buffer.from('defgh')])
  await expect(pane.rows.filter({ hasText: 'abc' })).toContainText('3')
  await expect(pane.rows.filter({ hasText: 'defgh' })).toContainText('5')
})
