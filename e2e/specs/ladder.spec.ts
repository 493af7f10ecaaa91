import { readFile } from 'node:fs/promises'
import { saveAs } from '../drivers/exportDialog'
import { LadderPanel } from '../drivers/ladderPanel'
import { temporaryFolder } from '../drivers/places'
import { expect, test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonDials } from '../peers/python'

needs('python3')

test('a listener and two clients as a ladder: both ends matched, live, and from an arrow to its bytes', async ({
  app,
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const url = await listener.url()
  const first = await board.dial(url)
  await first.isOpen()
  await first.composer.send('hello')
  await first.carries({ in: 5 })

  const ladder = await LadderPanel.open(app.window, listener)
  // The listener takes along who called, and who that is.
  await expect.poll(() => ladder.lines()).toEqual(['L1', 'C1', 'C2'])
  const hello = ladder.row(/C1 sends 5 B to C2, taken after [\d.]+ [mµ]?s/)
  await expect(hello).toBeVisible()
  await expect(ladder.row(/C1 takes 5 B from C2, [\d.]+ [mµ]?s after they were sent/)).toBeVisible()
  await expect(ladder.row(/C2: accepted from .*, [\d.]+ [mµ]?s after it was sent/)).toBeVisible()
  await expect(hello.getByRole('gridcell').last()).toHaveText('5 B')

  // What comes is there while it comes, and whoever comes, too.
  const second = await board.dial(url)
  await second.isOpen()
  await expect.poll(() => ladder.lines()).toEqual(['L1', 'C1', 'C2', 'C3', 'C4'])
  await second.composer.send('good evening')
  await expect(ladder.row('C4 sends 12 B to C3, taken after')).toBeVisible()

  // The kernel is asked what is acknowledged, where one wants that.
  await ladder.button('ACKs').click()
  const third = await board.open(first.id)
  await third.composer.send('acknowledged')
  const acknowledged = ladder.row('C1 sends 12 B to C2')
  await acknowledged.click()
  await expect(ladder.detail).toContainText(/acknowledged\s*by [\d.]+ s/)

  // Two arrows: from the one end, and along it to the other.
  await hello.click()
  await expect(hello).toHaveAttribute('aria-selected', 'true')
  await expect(ladder.detail).toContainText('C1 sends 5 B to C2, taken after')
  await expect(ladder.detail).toContainText(/offset\s*0 out/)
  await ladder.grid.press('ArrowRight')
  await expect(ladder.detail).toContainText('C2 takes 5 B from C1')
  await ladder.grid.press('ArrowDown')
  await expect(ladder.detail).toContainText('C2 sends 5 B to C1')
  await ladder.grid.press('ArrowUp')
  await ladder.button('Show bytes in C2').click()
  const bytes = board.connection('C2').traffic.locator('[aria-selected="true"]')
  await expect(bytes).toContainText('hello')
  await expect(ladder.grid).toBeVisible()
})

test('what a paused reader leaves in the kernel is counted; its pause, FIN and RST are told', async ({
  app,
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0')
  const pane = await board.dial(await listener.url())
  await pane.isOpen()
  const other = await board.acceptedBy(listener)
  await other.button('Pause reading').click()
  await expect(other.button('Resume reading')).toBeVisible()
  for (const length of [100, 200, 300]) await (await board.open(pane.id)).composer.send('x'.repeat(length))
  await pane.carries({ out: 600 })
  const ladder = await LadderPanel.open(app.window, pane)
  await expect.poll(() => ladder.lines()).toEqual(['C1', 'C2'])
  const last = ladder.row('C1 sends 300 B to C2')
  // The read that was under way when it was paused may have taken the first of them.
  await expect(last).toContainText('not taken from the kernel yet')
  await expect(last.getByRole('gridcell').last()).toHaveText(/^(600|500) B$/)
  await expect(ladder.row('C2: reading paused')).toBeVisible()
  await (await board.open(other.id)).button('Resume reading').click()
  await expect(last).toContainText('taken after')
  await expect(
    ladder
      .row(/C2 takes \d+ B from C1/)
      .last()
      .getByRole('gridcell')
      .last(),
  ).toHaveText('0 B')
  await (await board.open(pane.id)).halfClose()
  await expect(ladder.row(/C2: the peer has finished \(FIN\), .* after it was sent/)).toBeVisible()
  await (await board.open(other.id)).reset()
  await expect(ladder.row(/C1: closed \(reset\) by the peer, .* after it was sent/)).toBeVisible()
})

test('a long record is gone through by keys and zoom; to scale, a crowd is told as one until one looks nearer', async ({
  app,
  board,
}) => {
  const listener = await board.listen('tcp://127.0.0.1:0', 'echo')
  const { pane, caller } = await board.accepted(async () => pythonDials(await listener.url()))
  await using program = caller
  const wire = await program.wire()
  for (let n = 1; n <= 700; n++) {
    await wire.send('abc')
    await wire.receivesBytes(3 * n)
  }
  await pane.carries({ in: 2100, out: 2100 })
  const ladder = await LadderPanel.open(app.window, pane)
  await expect.poll(() => ladder.lines()).toEqual(['peer', 'C1'])
  const status = ladder.region.getByRole('status', { name: 'Ladder rows' })
  await expect(status).toHaveText(/^1,40\d rows$/)
  // At the end, as long as one follows; then from the beginning.
  await expect(ladder.row('C1 sends 3 B to its peer').last()).toBeVisible()
  await ladder.grid.press('Home')
  await expect(ladder.detail).toContainText('C1: accepted from')
  for (let n = 0; n < 3; n++) await ladder.grid.press('ArrowDown')
  await expect(ladder.detail).toContainText('3 B')
  const rows = await ladder.rows.count()
  await ladder.grid.press('-')
  await expect.poll(() => ladder.rows.count()).toBeGreaterThan(rows)
  await ladder.grid.press('+')
  await ladder.grid.press('+')
  await expect.poll(() => ladder.rows.count()).toBeLessThan(rows)

  await ladder.space('To scale')
  await ladder.button('Fit').click()
  await expect(status).toContainText('look nearer')
  await ladder.grid.press('End')
  for (let n = 0; n < 12; n++) await ladder.grid.press('+')
  await expect(status).not.toContainText('look nearer')
  await expect(ladder.row('C1 sends 3 B to its peer').last()).toBeVisible()
})

test('a ladder is saved as a picture and as text', async ({ app, board }) => {
  await using folder = await temporaryFolder()
  const listener = await board.listen('tcp://127.0.0.1:0', 'upper')
  const pane = await board.dial(await listener.url())
  await pane.isOpen()
  await pane.composer.send('<b>bold</b>')
  await pane.carries({ in: 11 })
  const refused = await board.dial('tcp://127.0.0.1:1')
  await expect(refused.state).toHaveText(/^failed/)
  await board.palette.run('Ladder')
  const ladder = new LadderPanel(app.window)
  // Of the pane in front; the others are chosen in its list.
  await expect.poll(() => ladder.lines()).toEqual(['C3', 'peer'])
  await expect(ladder.row('C3: failed: ')).toContainText('ECONNREFUSED')
  await ladder.region.getByRole('button', { name: 'Sockets: C3' }).click()
  const choices = ladder.region.getByRole('group', { name: 'Sockets of the ladder' })
  await choices.getByRole('checkbox', { name: 'C1' }).check()
  await expect.poll(() => ladder.lines()).toEqual(['C1', 'C2', 'C3', 'peer'])

  const exported = app.window.getByRole('status', { name: 'Export', exact: true })
  const [picture, diagram] = [folder.join('call.svg'), folder.join('call.mmd')]
  const offered = await saveAs(app, picture)
  await ladder.button('SVG').click()
  await expect(exported).toContainText(`exported ${picture}`)
  await expect.poll(() => offered.offered()).toEqual([expect.stringMatching(/\.svg$/)])
  const svg = await readFile(picture, 'utf8')
  expect(svg).toMatch(/<title>Ladder of C1, C2, C3<\/title>/)
  expect(svg).toContain('&#60;b&#62;bold&#60;/b&#62;')
  await app.window.getByRole('button', { name: 'Dismiss the export', exact: true }).click()
  await saveAs(app, diagram)
  await ladder.button('Mermaid').click()
  await expect(exported).toContainText(`exported ${diagram}`)
  const text = await readFile(diagram, 'utf8')
  expect(text).toMatch(/C1->>C2: [\d.]+ 11 B #60;b#62;bold#60;\/b#62; \+/)
  expect(text).toMatch(/C3-xC3peer: [\d.]+ connect/)
})

test('datagrams between two sockets that are here', async ({ app, board }) => {
  const one = await board.bind('udp://127.0.0.1:0')
  const other = await board.bind('udp://127.0.0.1:0')
  const to = /udp:\/\/\S+/.exec(await other.state.innerText())?.[0] ?? ''
  await (await board.open(one.id), one).region.getByRole('textbox', { name: 'To' }).fill(to)
  await one.composer.send('ping')
  await other.carries({ in: 4 })
  const ladder = await LadderPanel.open(app.window, one)
  await expect.poll(() => ladder.lines()).toEqual(['U1', 'U2', 'elsewhere'])
  await expect(ladder.row(/U1 sends 4 B to U2, taken after/)).toBeVisible()
  await expect(ladder.row(/U2 takes 4 B from U1/)).toBeVisible()
})
