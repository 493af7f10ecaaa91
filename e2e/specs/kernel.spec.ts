import AxeBuilder from '@axe-core/playwright'
import { launchApp, type App } from '../drivers/app'
import { BenchPane } from '../drivers/benchPane'
import { KernelPanel } from '../drivers/kernelPanel'
import { ConnectionPane } from '../drivers/pane'
import { temporaryFolder } from '../drivers/places'
import { saveTo } from '../drivers/sessions'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'
import { floods } from '../peers/flood'
import { freePort } from '../peers/freePort'
import { pythonListens } from '../peers/python'

needs('python3')
test.skip(process.platform !== 'linux', 'the kernel’s view rests on Linux')

async function barriers(app: App): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: app.window }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

test('a connection’s numbers move, a peer that stops reading fills the queues, and all of it is there when the session is opened again', async () => {
  await using folder = await temporaryFolder()
  const file = folder.join('kernel.swb')
  const profile = folder.join('profile')
  {
    await using app = await launchApp({ profile })
    const { board } = app
    const listener = await board.listen('tcp://127.0.0.1:0')
    const caller = await board.dial(await listener.url())
    const called = await board.acceptedBy(listener)
    await caller.isOpen()

    await board.open(caller.id)
    const kernel = await KernelPanel.open(caller)
    await expect(kernel.state).toHaveText('kernel: ESTABLISHED')
    await expect(kernel.value('state')).toHaveText('ESTABLISHED')
    await kernel.rate.selectOption({ label: '20/s' })
    await expect(kernel.sampling).toContainText('of 1 socket')
    await caller.composer.send('hello')
    await expect.poll(() => kernel.number('bytes_sent')).toBe(5)
    // SYN is acknowledged too.
    await expect.poll(() => kernel.number('bytes_acked')).toBe(6)
    await kernel.drawn('Rates', 'Round trip', 'Congestion window', 'Queues', 'Retransmissions', 'Limited by')

    // The other end stops reading: what is sent waits there, then here.
    await board.open(called.id)
    await called.button('Pause reading').click()
    await expect(called.region).toContainText('reading paused')
    await board.open(caller.id)
    await caller.composer.send('x'.repeat(60_000))
    for (let n = 0; n < 6; n++) await caller.composer.sendHex('78'.repeat(30_000))
    await caller.carries({ out: 240_005 })
    await expect.poll(() => kernel.number('bytes_sent')).toBeGreaterThan(5)
    await board.open(called.id)
    const there = await KernelPanel.open(called)
    await expect.poll(() => there.number('Recv-Q')).toBeGreaterThan(60_000)

    // A span is chosen by dragging, and all plots show it.
    await board.open(caller.id)
    await kernel.drag('Queues', 0.3, 0.7)
    await expect(kernel.span).toHaveValue('chosen')
    await kernel.region.getByRole('button', { name: 'Follow again' }).click()
    await expect(kernel.span).not.toHaveValue('chosen')

    expect(await barriers(app), 'the kernel’s view').toEqual([])
    await there.rate.press('Escape')
    await expect(there.region).toBeHidden()
    await saveTo(app, file)
    await app.window.keyboard.press('ControlOrMeta+s')
    await expect(app.window.getByRole('status', { name: 'Saved' })).toHaveText('Saved as kernel.swb')
    await app.quit()
  }
  {
    await using app = await launchApp({ profile, args: [file] })
    const pane = new ConnectionPane(app.window, 'C1')
    await app.board.open('C1')
    // What was open is open again.
    const kernel = new KernelPanel(pane)
    await expect.poll(() => kernel.number('bytes_sent')).toBeGreaterThan(5)
    await kernel.drawn('Rates', 'Round trip', 'Queues')
    await expect(kernel.plot('Queues')).toHaveAccessibleName(/Send-Q [\d.]+ ?k?B/)
    await app.quit()
  }
})

test('what the kernel keeps of a connection after its end is told beside its state', async ({ board }) => {
  await using server = await pythonListens()
  const pane = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await pane.isOpen()
  const wire = await server.wire()
  // Ours is the first FIN: TIME_WAIT is ours.
  await pane.close()
  await expect(pane.state).toHaveText('half-closed by us')
  await wire.close()
  await expect(pane.state).toHaveText('closed (fin)')
  const kernel = new KernelPanel(pane)
  await expect(kernel.state).toHaveText(/^kernel: TIME_WAIT, (5\d|60) s left$/)
  // The time runs down.
  const before = await kernel.state.innerText()
  await expect(kernel.state).not.toHaveText(before)
  await expect(kernel.state).toHaveText(/^kernel: TIME_WAIT, 5\d s left$/)
})

test('a listener’s accept queue against its limit, live; a caller for whom there is no room is in SYN_SENT', async ({
  app,
  board,
}) => {
  const { window } = app
  await window.getByRole('button', { name: 'Options', exact: true }).click()
  const form = window.getByRole('group', { name: 'Options for opening' })
  await form.getByLabel('Backlog').fill('2')
  await form.getByLabel('Accept').selectOption('manually')
  await window.keyboard.press('Escape')
  const listener = await board.listen('tcp://127.0.0.1:0')
  // By the keyboard alone.
  await window.keyboard.press('Alt+5')
  const kernel = new KernelPanel(listener)
  await expect(kernel.state).toHaveText('kernel: LISTEN')
  await expect(kernel.value('backlog')).toHaveText('2')
  await expect(kernel.value('accept queue')).toHaveText('0')
  await kernel.drawn('Accept queue')
  const url = await listener.url()
  for (let caller = 1; caller <= 3; caller++) await board.dial(url)
  await expect(kernel.value('accept queue')).toHaveText('3')
  await expect(kernel.plot('Accept queue')).toHaveAccessibleName(/waiting 3, backlog 2$/)
  const fourth = await board.dial(url)
  const outside = await KernelPanel.open(fourth)
  await expect(outside.state).toHaveText('kernel: SYN_SENT')
  // Else it takes the place that is about to be free, a second after its last SYN.
  await fourth.button('Close').click()
  await expect(fourth.state).toContainText('SB_CANCELLED')
  await board.tree.open(listener.id)
  await listener.button('Accept one').click()
  await expect(listener.connections.getByRole('listitem')).toHaveCount(1)
  await expect(kernel.value('accept queue')).toHaveText('2')
  await kernel.rate.focus()
  await window.keyboard.press('Escape')
  await expect(kernel.region).toBeHidden()
})

test('a socket of a syscall bench has its view like any other', async ({ app, board }) => {
  await board.toolbar.newBench.click()
  const bench = new BenchPane(app.window, 'B1')
  const address = `127.0.0.1:${await freePort()}`
  await bench.run('socket')
  await bench.run('bind', { 'Address of the call': address })
  await bench.run('listen', { Backlog: '4' })
  await expect(bench.sockets).toContainText('LISTEN')
  const kernel = await KernelPanel.open(await board.open('S1'))
  await expect(kernel.state).toHaveText('kernel: LISTEN')
  await expect(kernel.value('backlog')).toHaveText('4')
  await kernel.drawn('Accept queue')
})

test('datagrams that the kernel drops are counted: sent is received and dropped', async ({ board }) => {
  const udp = await board.bind('udp://127.0.0.1:0')
  const sent = await floods(await udp.port(), 100_000)
  await expect(udp.counters).toContainText('dropped')
  await expect
    .poll(async () => {
      const text = await udp.counters.innerText()
      const received = Number(/in \d+ B \((\d+)\)/.exec(text)?.[1])
      return received + Number(/dropped (\d+)/.exec(text)?.[1])
    })
    .toBe(sent)
  const kernel = await KernelPanel.open(udp)
  await expect.poll(() => kernel.number('drops')).toBeGreaterThan(0)
  await kernel.drawn('Throughput', 'Memory of what waits to be read', 'Dropped by now')
})

test('with sampling off nothing is asked, and the view says what to do', async ({ board }) => {
  await using server = await pythonListens()
  const first = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await first.isOpen()
  const kernel = await KernelPanel.open(first)
  await expect(kernel.value('state')).toHaveText('ESTABLISHED')
  await kernel.rate.selectOption({ label: 'off' })
  const second = await board.dial(`tcp://127.0.0.1:${server.port}`)
  await second.isOpen()
  const other = await KernelPanel.open(second)
  await expect(other.region).toContainText('Sampling is off: choose how often the kernel is asked.')
})
