import { execFileSync } from 'node:child_process'
import { type Pane } from '../drivers/pane'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'

test.use({ sharedBy: 'encodings' })
needs('python3')

/** Text in an encoding that Node has not. */
function encoded(text: string, codec: string): Buffer {
  const program = 'import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().decode().encode(sys.argv[1]))'
  return execFileSync('python3', ['-c', program, codec], { input: text })
}
const choose = (pane: Pane, name: string) =>
  pane.region.getByRole('combobox', { name: 'Encoding', exact: true }).selectOption({ label: name })

const samples = [
  ['Latin-1', 'latin-1', 'naïve ÿ¡'],
  ['Windows-1252', 'cp1252', '“€5” … naïve'],
  ['UTF-16 LE', 'utf-16-le', 'naïve 日本 😀'],
  ['UTF-16 BE', 'utf-16-be', 'naïve 日本 😀'],
  ['Shift-JIS', 'cp932', '日本語 ﾃｽﾄ 表示'],
] as const
for (const [name, codec, text] of samples) {
  test(`${name} is read as Python wrote it, cut anywhere and in both directions`, async ({ board }) => {
    await using server = await pythonListens()
    const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
    await pane.isOpen()
    const wire = await server.wire()
    await pane.show('Text')
    await choose(pane, name)
    const bytes = encoded(`<${text}>\r\n`, codec)
    // Byte by byte, and between the first two we speak ourselves.
    await wire.send(bytes.subarray(0, 3))
    await pane.carries({ in: 3 })
    await pane.composer.choose('Hex')
    await pane.composer.send(encoded('?', codec).toString('hex'))
    await expect(pane.rows.filter({ hasText: '?' })).toBeVisible()
    for (let at = 3; at < bytes.length; at++) {
      await wire.send(bytes.subarray(at, at + 1))
      await pane.carries({ in: at + 1 })
    }
    const shown = async (): Promise<string> =>
      (await pane.rows.allTextContents()).filter((each) => each !== '?').join('')
    await expect.poll(shown).toBe(`<${text}>`)

    await pane.show('Conversation')
    await pane.composer.choose('Text')
    await wire.send(encoded(text, codec))
    const row = pane.rows.filter({ hasText: text })
    await row.click()
    const chunk = pane.region.getByRole('group', { name: 'Chunk as text', exact: true })
    await expect(chunk).toHaveText(text)
    await choose(pane, 'UTF-8')
    await expect(chunk).not.toHaveText(text)
  })
}

test('pages of a long record begin with whole characters, and lines can be kept in one', async ({
  board,
}) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  const lines = Array.from({ length: 6000 }, (_, n) => `${n} 日本語表示\t.`)
  const bytes = encoded(`${lines.join('\n')}\n`, 'cp932')
  await wire.send(bytes)
  await pane.carries({ in: bytes.length })
  await pane.show('Text')
  await choose(pane, 'Shift-JIS')
  await expect(pane.rows.last()).toHaveText(lines.at(-1) ?? '')
  const garbled = async (): Promise<string[]> =>
    (await pane.rows.allTextContents()).slice(1).filter((each) => !/^\d+ 日本語表示\t\.$/.test(each))
  expect(await garbled()).toEqual([])
  // Up, page by page: each begins wherever it begins.
  const before = await pane.rows.first().textContent()
  await pane.scrollTo(0)
  await expect(pane.rows.first()).not.toHaveText(before ?? '')
  expect(await garbled()).toEqual([])

  await pane.button('Show line breaks and tabs').click()
  await expect(pane.rows.nth(3)).toHaveText(/表示⇥\t\.\\n$/)
  await pane.button('Show line breaks and tabs').click()

  const long = 'x'.repeat(3000)
  await wire.send(Buffer.from(`${long}\n`))
  await pane.region.getByRole('checkbox', { name: 'Follow' }).check()
  const last = pane.rows.filter({ hasText: long })
  const heightOf = async (): Promise<number> => (await last.boundingBox())?.height ?? 0
  await expect.poll(heightOf).toBeGreaterThan(100)
  await pane.button('Wrap lines').click()
  await expect.poll(heightOf).toBeLessThan(30)
  await pane.button('Wrap lines').click()
})

test('an encoding is remembered for its socket, and can become the rule', async ({ board }) => {
  await using server = await pythonListens()
  const one = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await one.isOpen()
  const select = (pane: Pane) => pane.region.getByRole('combobox', { name: 'Encoding', exact: true })
  await one.show('Text')
  await choose(one, 'Windows-1252')
  const two = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await two.isOpen()
  await two.show('Text')
  await expect(select(two)).toHaveValue('utf-8')
  await board.panes.tab(one.id).click()
  await expect(select(one)).toHaveValue('windows-1252')
  await choose(one, 'Windows-1252 for all')
  await board.panes.tab(two.id).click()
  await expect(select(two)).toHaveValue('windows-1252')
  await choose(two, 'UTF-8')
  await choose(two, 'UTF-8 for all')
})
