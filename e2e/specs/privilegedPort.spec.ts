import { readFileSync } from 'node:fs'
import { launchApp } from '../drivers/app'
import { expect, test } from '@playwright/test'
import { needs } from '../peers/needs'
import { pythonDials } from '../peers/python'

test.skip(process.platform !== 'linux', 'which ports are privileged is told by Linux’s /proc')
needs('python3', 'setpriv')

const PORT = 81

test('a privileged port is told with EACCES and a hint, and the app goes on', async () => {
  const firstFree = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
  test.skip(firstFree <= PORT, `here anybody may bind port ${PORT}`)
  await using app = await launchApp({ isUnprivileged: true })
  const { board } = app
  await board.toolbar.listen(`tcp://127.0.0.1:${PORT}`)
  await expect(board.faults).toContainText('EACCES')
  await expect(board.faults).toContainText('listen')
  await expect(board.faults).toContainText('1024')
  await board.toolbar.bind(`udp://127.0.0.1:${PORT}`)
  await expect(board.faults.filter({ hasText: 'bind' })).toContainText('EACCES')

  const listener = await board.listen('tcp://127.0.0.1:0', 'echo')
  await using program = await pythonDials(await listener.url())
  const wire = await program.wire()
  await wire.send('still there?')
  expect(String(await wire.receives('still there?'))).toBe('still there?')
})
