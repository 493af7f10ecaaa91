import { Decoding } from '../drivers/decoding'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonBindsUdp } from '../peers/python'
import { pythonServesHttp } from '../peers/pythonHttp'

test.use({ sharedBy: 'decode' })
needs('python3')

const DNS_QUERY = '12340100000100000000000003777777076578616d706c6503636f6d0000010001'
/** {"seat": 7, "taken": [true, false]} */
const CBOR = 'a2647365617407657461 6b656e82f5f4'

test('what an HTTP server answers is told field by field', async ({ board }) => {
  await using server = await pythonServesHttp()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  await pane.composer.send('GET / HTTP/1.0\\r\\nHost: here\\r\\n\\r\\n')
  const row = pane.rows.filter({ hasText: 'HTTP/1.0 200 OK' }).first()
  await row.click()
  const decoding = new Decoding(pane)
  await expect(decoding.choice).toContainText('Automatic: HTTP/1')
  await expect(decoding.field(/^▾?HTTPHTTP\/1\.0 200 OK/)).toBeVisible()
  await expect(decoding.field(/^Content-type/i)).toContainText('text/html')
  await decoding.field(/^status200/).hover()
  await expect(decoding.litBytes).toHaveCount(2)
})

test('pointing at a field of a DNS query lights its bytes, and at a byte its field', async ({ board }) => {
  const pane = await board.bind('udp://127.0.0.1:0')
  await using python = await pythonBindsUdp()
  await python.send(await pane.port(), Buffer.from(DNS_QUERY, 'hex'))
  await pane.counts({ in: [33, 1] })
  await pane.rows.filter({ hasText: 'example' }).first().click()
  const decoding = new Decoding(pane)
  await expect(decoding.choice).toContainText('Automatic: DNS')
  await expect(decoding.field(/DNSquery www\.example\.com A/)).toBeVisible()
  // What is still being laid out may move away from under the pointer.
  await expect(async () => {
    await decoding.field(/^type/).hover()
    await expect(decoding.litBytes).not.toHaveCount(0, { timeout: 1000 })
  }).toPass()
  const digits = decoding.chunk.getByRole('grid', { name: 'Chunk as hex', exact: true }).locator('.digits')
  await digits.nth(1).hover({ position: { x: 4, y: 8 } })
  await expect(decoding.litFields).toContainText('id0x1234')

  await decoding.tree.focus()
  await decoding.tree.press('ArrowDown')
  await expect(decoding.tree.locator('[aria-selected="true"]')).toContainText('id0x1234')
  await decoding.tree.press('ArrowLeft')
  await decoding.tree.press('ArrowLeft')
  await expect(decoding.tree.getByRole('treeitem')).toHaveCount(1)
  await decoding.tree.press('ArrowRight')
  await expect(decoding.tree.getByRole('treeitem')).not.toHaveCount(1)
})

test('another decoder can be chosen, and is kept for the socket', async ({ board }) => {
  const pane = await board.bind('udp://127.0.0.1:0')
  await using python = await pythonBindsUdp()
  const cbor = Buffer.from(CBOR.replaceAll(' ', ''), 'hex')
  await python.send(await pane.port(), cbor)
  await python.send(await pane.port(), Buffer.concat([cbor, Buffer.from('00', 'hex')]))
  await pane.counts({ in: [33, 2] })
  const rows = pane.rows.filter({ hasText: 'seat' })
  await rows.first().click()
  const decoding = new Decoding(pane)
  await decoding.choice.selectOption({ label: 'CBOR' })
  await expect(decoding.field(/^seat7/)).toBeVisible()
  await expect(decoding.field(/^\[1\]false/)).toBeVisible()
  await rows.last().click()
  await expect(decoding.choice).toHaveValue('cbor')
  await expect(decoding.field(/^CBOR0/)).toBeVisible()
  await decoding.choice.selectOption({ label: 'No decoding' })
  await expect(decoding.tree).toBeHidden()
})
