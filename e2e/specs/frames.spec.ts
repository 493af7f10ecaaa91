import { FramesView } from '../drivers/framesView'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens, type PythonWire } from '../peers/python'

test.use({ sharedBy: 'frames' })
needs('python3')

/** Sends the pieces one by one: each is a chunk of its own. */
async function sendPieces(
  wire: PythonWire,
  pieces: readonly (string | Uint8Array)[],
  carries: (count: { readonly in: number }) => Promise<void>,
): Promise<void> {
  let bytes = 0
  for (const piece of pieces) {
    await wire.send(piece)
    bytes += Buffer.from(piece).length
    await carries({ in: bytes })
  }
}

test('lines that come cut anywhere are frames, with those of both sides in order and what is unfinished last', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  await sendPieces(wire, ['HELO th', 'ere\r', '\nMAIL from me\r\nRC', 'PT'], (count) => pane.carries(count))
  await pane.composer.send('250 ok\\n')
  const view = await FramesView.open(pane)
  await view.cutBy('Lines')
  await view.counts('3 frames')
  await expect(view.rows).toHaveCount(4)
  await expect(view.rows.nth(0)).toContainText('← in 12 B HELO there')
  await expect(view.rows.nth(1)).toContainText('MAIL from me')
  await expect(view.rows.nth(2)).toContainText('→ out')
  await expect(view.rows.nth(3)).toContainText('unfinished, 4 B so far: RCPT')

  // What comes later completes it, and is followed.
  await wire.send(' to you\n')
  await view.counts('4 frames')
  await expect(view.rows.nth(3)).toContainText('RCPT to you')

  await view.rows.nth(1).click()
  await expect(view.detail).toContainText('frame 2, 12 B of payload in 14 B at offset 12')
  await expect(view.detail.getByRole('group', { name: 'Frame as text' })).toHaveText('MAIL from me')
  await view.grid.press('ArrowUp')
  await expect(view.detail.getByRole('group', { name: 'Frame as text' })).toHaveText('HELO there')

  // From a frame to the chunk in which it begins.
  await view.detail.getByRole('button', { name: 'Show in the conversation' }).click()
  await expect(pane.traffic.locator('[aria-selected="true"]')).toContainText('HELO th')
})

test('messages with their lengths in front come in pieces; a changed framing cuts anew, and is remembered', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  const message = (text: string): Buffer => {
    const header = Buffer.alloc(4)
    header.writeUInt32LE(text.length)
    return Buffer.concat([header, Buffer.from(text)])
  }
  const all = Buffer.concat(['first', '', 'the third message'].map(message))
  await sendPieces(
    wire,
    [all.subarray(0, 2), all.subarray(2, 11), all.subarray(11, 20), all.subarray(20)],
    (count) => pane.carries(count),
  )
  const view = await FramesView.open(pane)
  await view.cutBy('Length prefix')
  await view.field('Length field in bytes').selectOption('4 bytes')
  await view.field('Byte order').selectOption('little')
  await view.counts('3 frames')
  await expect(view.rows.nth(0)).toContainText('first')
  await expect(view.rows.nth(1)).toContainText('(empty)')
  await expect(view.rows.nth(2)).toContainText('the third message')

  await view.field('Byte order').selectOption('big')
  await view.counts(/with a problem/)
  await expect(view.rows.nth(0)).toContainText('Its length field tells of more than 16 MiB.')

  await view.cutBy('Fixed length')
  await view.field('Frame length in bytes').fill('0')
  await expect(view.refusal).toHaveText('A frame is 1 to 16777216 bytes long.')
  await expect(view.field('Frame length in bytes')).toHaveAttribute('aria-invalid', 'true')
  await view.field('Frame length in bytes').fill('10')
  await view.counts('3 frames')
  await expect(view.refusal).toBeHidden()
  await pane.show('Conversation')
  await pane.show('Frames')
  await expect(view.field('Frame length in bytes')).toHaveValue('10')
  await view.counts('3 frames')
  await expect(view.rows).toHaveCount(4)
})

test('SLIP is unescaped, and a wrong escape is told', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
  await sendPieces(wire, [hex('c0 61 db'), hex('dc 62 db dd c0 c0'), hex('63 db 63 c0')], (count) =>
    pane.carries(count),
  )
  const view = await FramesView.open(pane)
  await view.cutBy('SLIP')
  await view.counts('2 frames · 1 with a problem')
  await view.rows.nth(0).click()
  await expect(view.detail).toContainText('4 B of payload in 8 B')
  await view.grid.getByRole('combobox', { name: 'Preview' }).selectOption('hex')
  await expect(view.rows.nth(0)).toContainText('61 c0 62 db')
  await view.rows.nth(1).click()
  await expect(view.detail).toContainText('An escape (DB) is not followed by DC or DD.')
  await view.grid.getByRole('combobox', { name: 'Preview' }).selectOption('text')
})

test('of a hundred thousand frames and more any is shown at once, and it is the right one', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  const count = 120_000
  const line = (n: number): string => `line ${n} ${'.'.repeat(n % 37)}\n`
  const bytes = Buffer.from(Array.from({ length: count }, (_, n) => line(n)).join(''))
  for (let at = 0; at < bytes.length; at += 500_001) await wire.send(bytes.subarray(at, at + 500_001))
  await pane.carries({ in: bytes.length })
  const view = await FramesView.open(pane)
  await view.cutBy('Lines')
  await view.counts('120,000 frames')
  // It follows the end.
  await expect(view.grid).toContainText(line(count - 1).trim())
  for (const part of [0.731, 0.02, 0.5]) {
    await pane.scrollTo(part)
    // Until it has been moved the line at this place is another one.
    await expect(async () => {
      const shown = (await view.rows.nth(3).textContent()) ?? ''
      const [, number = '', n = 'none'] = /^([\d,]+) .*line (\d+)/.exec(shown) ?? []
      expect(number.replaceAll(',', '')).toBe(String(Number(n) + 1))
      expect(Math.abs(Number(n) / count - part)).toBeLessThan(0.01)
    }).toPass({ timeout: 10_000 })
  }
  await view.grid.press('Home')
  await expect(view.rows.nth(0)).toContainText('line 0')
})
