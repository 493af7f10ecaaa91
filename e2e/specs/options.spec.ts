import { execFileSync } from 'node:child_process'
import { type Locator } from '@playwright/test'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'

needs('ss')

const ANY_PORT = 'tcp://127.0.0.1:0'

const cell = (pane: { readonly region: Locator }, option: string): Locator =>
  pane.region.getByRole('group', { name: 'Options', exact: true }).getByRole('row', { name: option })

test('six callers join a backlog of five, the seventh waits outside, and one accept lets one in', async ({
  app,
  board,
}) => {
  const { window } = app
  await window.getByRole('button', { name: 'Options', exact: true }).click()
  const form = window.getByRole('group', { name: 'Options for opening' })
  await form.getByLabel('Backlog').fill('5')
  await form.getByLabel('Accept').selectOption('manually')
  await window.screenshot({ path: 'test-results/options-form.png' })
  await window.keyboard.press('Escape')
  const listener = await board.listen(ANY_PORT)
  const url = await listener.url()
  const port = new URL(url).port
  const queue = listener.region.getByRole('status', { name: 'Accept queue' })
  for (let caller = 1; caller <= 6; caller++) await board.dial(url)
  await expect(queue).toContainText('queue 6 of 5, full')
  await board.toolbar.dial(url)
  const seventh = board.connection('C7')
  await expect(seventh.state).toHaveText(`dialling ${url}`)
  const listening = (): string => execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' })
  const outside = (): string =>
    execFileSync('ss', ['-Htn', 'state', 'syn-sent', `dport = :${port}`], { encoding: 'utf8' })
  expect(listening()).toMatch(/^LISTEN\s+6\s+5\s/)
  expect(outside().trim().split('\n')).toHaveLength(1)
  await expect(queue).toContainText(/dropped by the kernel/)
  await window.screenshot({ path: 'test-results/backlog-full.png' })
  await listener.button('Accept one').click()
  await expect(listener.connections.getByRole('listitem')).toHaveCount(1)
  // The kernel sends the SYN once more, and now there is room.
  await expect(seventh.state).toHaveText('open', { timeout: 30_000 })
  await expect(queue).toContainText('queue 6 of 5')
  await listener.region.getByLabel('Accept', { exact: true }).selectOption('automatically')
  await expect(listener.connections.getByRole('listitem')).toHaveCount(7)
  await expect(queue).toContainText('queue 0 of 5')
  await window.screenshot({ path: 'test-results/backlog-done.png' })
})

test('options set before a dial are what the kernel has, and are changed in place', async ({
  app,
  board,
}) => {
  const { window } = app
  const listener = await board.listen(ANY_PORT)
  await window.getByRole('button', { name: 'Options', exact: true }).first().click()
  const form = window.getByRole('group', { name: 'Options for opening' })
  await form.getByLabel('Receive buffer, B').fill('10000')
  await form.getByLabel('TTL', { exact: true }).fill('9')
  await form.getByLabel('Linger, s').fill('3')
  await form.getByLabel('By name').fill('TCP_SYNCNT=2, TCP_CONGESTION=reno')
  await window.keyboard.press('Escape')
  const pane = await board.dial(await listener.url())
  await pane.region.getByRole('button', { name: 'Options', exact: true }).click()
  await expect(cell(pane, 'SO_RCVBUF')).toContainText('Linux doubles')
  await expect(cell(pane, 'SO_RCVBUF').getByRole('textbox')).toHaveValue('20000')
  await expect(cell(pane, 'IP_TTL').getByRole('textbox')).toHaveValue('9')
  await expect(cell(pane, 'SO_LINGER').getByRole('textbox')).toHaveValue('3 s')
  await expect(cell(pane, 'TCP_CONGESTION').getByRole('textbox')).toHaveValue('reno')
  await expect(cell(pane, 'TCP_SYNCNT').getByRole('textbox')).toHaveValue('2')
  await window.screenshot({ path: 'test-results/options-table.png' })

  const ttl = cell(pane, 'IP_TTL').getByRole('textbox')
  await ttl.fill('300')
  await ttl.press('Enter')
  await expect(ttl).toHaveAttribute('aria-invalid', 'true')
  await ttl.press('Escape')
  await expect(ttl).toHaveValue('9')

  // What the kernel refuses is told, and the field shows what it has.
  const congestion = cell(pane, 'TCP_CONGESTION').getByRole('textbox')
  await congestion.fill('tulips')
  await congestion.press('Enter')
  await expect(cell(pane, 'TCP_CONGESTION')).toContainText('The kernel refused it: ENOENT')
  await expect(congestion).toHaveValue('reno')

  await ttl.fill('42')
  await ttl.press('Enter')
  await expect(pane.traffic).toContainText('options set: IP_TTL = 42')
  await cell(pane, 'TCP_NODELAY').getByRole('checkbox').check()
  await expect(cell(pane, 'TCP_NODELAY')).toContainText('on')
  const local = /tcp:\/\/127\.0\.0\.1:(\d+)/.exec(await pane.region.innerText())?.[1]
  const told = execFileSync('ss', ['-Hteiom', `sport = :${local}`], { encoding: 'utf8' })
  expect(told).toMatch(/rb20000/)
  expect(told).toMatch(/reno/)

  await pane.region.getByRole('searchbox', { name: 'Find an option' }).fill('keepalive probe')
  await expect(cell(pane, 'TCP_KEEPINTVL')).toBeVisible()
  await expect(cell(pane, 'IP_TTL')).toBeHidden()

  // Opened again it is set from the start.
  await pane.close()
  await expect(pane.state).toHaveText(/^closed/)
  await pane.region.getByRole('button', { name: /again/i }).first().click()
  const again = board.connection('C3')
  await expect(again.state).toHaveText('open')
  await again.region.getByRole('button', { name: 'Options', exact: true }).click()
  await expect(cell(again, 'IP_TTL').getByRole('textbox')).toHaveValue('42')
  await expect(cell(again, 'SO_RCVBUF').getByRole('textbox')).toHaveValue('20000')
})
