import { UdpPane } from '../drivers/udpPane'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonBindsUdp } from '../peers/python'

test.use({ sharedBy: 'udp' })
needs('python3')

const ANY_PORT = 'udp://127.0.0.1:0'

test('datagrams from a Python socket are shown with their sender, boundaries kept', async ({ board }) => {
  const pane = await board.bind(ANY_PORT)
  const port = await pane.port()
  await using python = await pythonBindsUdp()
  await python.send(port, 'first')
  await python.send(port, 'second datagram')
  await pane.counts({ in: [20, 2], out: [0, 0] })
  const rows = pane.rows.filter({ hasText: `127.0.0.1:${python.port}` })
  await expect(rows).toHaveCount(2)
  await expect(rows.nth(0)).toContainText('first')
  await expect(rows.nth(1)).toContainText('second datagram')
})

test('one socket sends to any address, each datagram to its own', async ({ board }) => {
  const pane = await board.bind(ANY_PORT)
  await using one = await pythonBindsUdp()
  await using other = await pythonBindsUdp()
  await pane.sendDatagram(`udp://127.0.0.1:${one.port}`, 'to one')
  await pane.sendDatagram(`udp://127.0.0.1:${other.port}`, 'to the other')
  const port = await pane.port()
  expect(await one.receives(1)).toEqual([{ bytes: Buffer.from('to one'), port }])
  expect(await other.receives(1)).toEqual([{ bytes: Buffer.from('to the other'), port }])
  await pane.counts({ out: [18, 2] })
})

test('an echo comes back from where it was sent', async ({ board }) => {
  const pane = await board.bind(ANY_PORT)
  await using python = await pythonBindsUdp({ echoes: true })
  await pane.sendDatagram(`udp://127.0.0.1:${python.port}`, 'hello there')
  await pane.counts({ in: [11, 1], out: [11, 1] })
})

test('a bound socket answers by behaviour, or passes on with losses; a bad rule is refused in its pane', async ({
  board,
}) => {
  const pane = await board.bind(ANY_PORT)
  await expect(pane.behaviour).toHaveValue('none')
  await using python = await pythonBindsUdp()
  await using receiver = await pythonBindsUdp()
  const port = await pane.port()
  await pane.behave('upper')
  await python.send(port, 'hello')
  expect(await python.receives(1)).toEqual([{ bytes: Buffer.from('HELLO'), port }])
  await pane.behave(`impair:udp://127.0.0.1:${receiver.port} lose=1/0`)
  await expect(pane.fault).toContainText('lose is "1/0"')
  await pane.behave(`impair:udp://127.0.0.1:${receiver.port} lose=1/2`)
  for (const word of ['one', 'two', 'three']) await python.send(port, word)
  const heard = await receiver.receives(2)
  expect(heard.map(({ bytes }) => bytes.toString())).toEqual(['one', 'three'])
  await expect(pane.rows.filter({ hasText: 'lost: ' })).toContainText('datagram 2 from')
})

test('an empty datagram is one datagram of no bytes, both ways', async ({ board }) => {
  const pane = await board.bind(ANY_PORT)
  await using python = await pythonBindsUdp()
  await pane.sendDatagram(`udp://127.0.0.1:${python.port}`, '')
  expect(await python.receives(1)).toEqual([{ bytes: Buffer.alloc(0), port: await pane.port() }])
  await python.send(await pane.port(), '')
  await pane.counts({ in: [0, 1], out: [0, 1] })
})

test('a datagram to an address that makes no sense is refused in the pane', async ({ board }) => {
  const pane = await board.bind(ANY_PORT)
  await pane.sendDatagram('udp://127.0.0.1:70000', 'lost')
  await expect(pane.fault).toContainText('70000')
  await pane.counts({ out: [0, 0] })
})

test('a payload too large for a datagram is refused with EMSGSIZE', async ({ board }) => {
  const pane = await board.bind(ANY_PORT)
  await using python = await pythonBindsUdp()
  // 65535 less the headers of IP (20) and UDP (8) is the most (udp(7)).
  await pane.sendDatagram(`udp://127.0.0.1:${python.port}`, 'x'.repeat(65_508))
  await expect(pane.fault).toContainText('EMSGSIZE')
  await expect(pane.fault).toContainText('send')
  await pane.sendDatagram(`udp://127.0.0.1:${python.port}`, 'x'.repeat(65_507))
  const [largest] = await python.receives(1)
  expect(largest?.bytes.length).toBe(65_507)
})

test('a closed socket says so, and its port is free', async ({ board }) => {
  const pane = await board.bind(ANY_PORT)
  const port = await pane.port()
  await pane.close()
  await expect(pane.state).toHaveText('closed')
  const again = await board.bind(`udp://127.0.0.1:${port}`)
  expect(await again.port()).toBe(port)
})

test('opened again, it has the options, groups and peer that it was given', async ({ app, board }) => {
  const pane = await board.bind(ANY_PORT)
  await pane.region.getByRole('button', { name: 'Options', exact: true }).click()
  await pane.region.getByRole('checkbox', { name: 'may broadcast' }).check()
  await pane.region.getByRole('textbox', { name: 'Group' }).fill('239.1.2.3')
  await pane.region.getByRole('textbox', { name: 'Interface' }).fill('127.0.0.1')
  await pane.region.getByRole('button', { name: 'Join' }).click()
  await expect(pane.region).toContainText('groups: 239.1.2.3')
  await pane.sendTo.fill('udp://127.0.0.1:9')
  await pane.region.getByRole('button', { name: 'Connect' }).click()
  await expect(pane.state).toContainText('udp://127.0.0.1:9')
  await pane.close()
  await pane.region.getByRole('button', { name: 'Open again' }).click()
  const again = new UdpPane(app.window, `U${Number(pane.id.slice(1)) + 1}`)
  await expect(again.region).toContainText('groups: 239.1.2.3')
  await expect(again.state).toContainText('udp://127.0.0.1:9')
  await again.region.getByRole('button', { name: 'Options', exact: true }).click()
  await expect(again.region.getByRole('checkbox', { name: 'may broadcast' })).toBeChecked()
})
