import AxeBuilder from '@axe-core/playwright'
import { spawnSync } from 'node:child_process'
import { launchApp } from '../drivers/app'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'

/** As the kernel sees it: root in a container need not have it. */
const mayOpenRaw =
  spawnSync('python3', ['-c', 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)'])
    .status === 0
const WHY_NOT = 'raw sockets need CAP_NET_RAW, which these tests do not have'

test.describe('with the privilege', () => {
  test.skip(!mayOpenRaw, WHY_NOT)

  test('a ping of the loopback is answered, and its time is told', async ({ board }) => {
    const pane = await board.bind('raw://127.0.0.1/icmp')
    expect(pane.id).toMatch(/^R\d+$/)
    await pane.region.getByRole('button', { name: 'Ping', exact: true }).click()
    const replies = pane.rows.filter({
      hasText: /echo reply from raw:\/\/127\.0\.0\.1\/icmp: sequence 1, \d+\.\d{3} ms/,
    })
    await expect(replies).toHaveCount(1)
    await pane.region.getByRole('button', { name: 'Ping', exact: true }).click()
    await expect(pane.rows.filter({ hasText: 'sequence 2' })).toHaveCount(1)
  })

  for (const theme of ['dark', 'light'] as const) {
    test(`the fields of headers and their bytes are one, ${theme}`, async ({ app, board }) => {
      await app.window.emulateMedia({ colorScheme: theme })
      const pane = await board.bind('raw://127.0.0.1/icmp')
      await pane.region.getByRole('button', { name: 'Headers', exact: true }).click()
      await pane.region.getByRole('button', { name: 'New packet', exact: true }).click()
      const bytes = pane.region.getByRole('textbox', { name: 'Payload', exact: true })
      await expect(bytes).toHaveValue(/^08 00 /)
      const sequence = pane.region.getByRole('textbox', { name: 'ICMP echo Sequence', exact: true })
      await sequence.fill('77')
      await sequence.press('Tab')
      await expect(bytes).toHaveValue(/^08 00 .. .. 00 01 00 4d /)
      await expect(pane.region.getByText('checksum is right')).toBeVisible()
      // From the bytes to the fields: a checksum that was written by hand stays as it is.
      await bytes.fill((await bytes.inputValue()).replace(/^08 00 .. ../, '08 00 be ef'))
      await expect(pane.region.getByText('checksum is wrong')).toBeVisible()
      await expect(pane.region.getByRole('textbox', { name: 'ICMP echo Checksum', exact: true })).toHaveValue(
        '0xbeef',
      )
      const axe = new AxeBuilder({ page: app.window }).setLegacyMode(true)
      const { violations } = await axe.analyze()
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
      await sequence.fill('78')
      await sequence.press('Tab')
      await expect(pane.region.getByText('checksum is right')).toBeVisible()
      await pane.sendTo.fill('raw://127.0.0.1/icmp')
      await pane.region.getByRole('button', { name: 'Send', exact: true }).click()
      await expect(pane.rows.filter({ hasText: 'sequence 78' })).toHaveCount(1)
    })
  }
})

test.describe('without the privilege', () => {
  needs('setpriv')
  test.skip(process.platform !== 'linux', 'capabilities are Linux’s')

  test('the fault names it, and the way to give it', async () => {
    await using app = await launchApp({ isUnprivileged: true })
    const { board } = app
    await board.toolbar.bind('raw://127.0.0.1/icmp')
    await expect(board.faults).toContainText('EPERM')
    await expect(board.faults).toContainText('socket')
    await expect(board.faults).toContainText('CAP_NET_RAW')
    await expect(board.faults).toContainText('setcap cap_net_raw+ep')
  })
})
