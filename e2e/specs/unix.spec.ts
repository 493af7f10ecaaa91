import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { temporaryFolder } from '../drivers/places'
import { expect, sharingTest as test } from '../drivers/test'
import { needs } from '../peers/needs'
import { pythonListens } from '../peers/python'
import { socatDials, socatListens } from '../peers/socat'

test.use({ sharedBy: 'unix' })
needs('socat', 'python3')
test.skip(process.platform === 'win32', 'Unix-domain sockets by path are a Unix thing')

test('socat talks with a listener at a path', async ({ board }) => {
  await using folder = await temporaryFolder()
  const url = `unix:${folder.join('echo.sock')}`
  const listener = await board.listen(url, 'upper')
  expect((await stat(folder.join('echo.sock'))).isSocket()).toBe(true)
  const { pane, caller } = await board.accepted(async () => socatDials(url))
  await using socat = caller
  socat.send('through the file system\n')
  expect(String(await socat.receives('THROUGH THE FILE SYSTEM\n'))).toBe('THROUGH THE FILE SYSTEM\n')
  await pane.counts({ in: [24, 1], out: [24, 1] })
  await listener.close()
  await expect(listener.state).toHaveText('closed')
  expect(existsSync(folder.join('echo.sock'))).toBe(false)
})

test('a dialled path reaches socat', async ({ board }) => {
  await using folder = await temporaryFolder()
  const url = `unix:${folder.join('socat.sock')}`
  await using socat = await socatListens(url)
  const pane = await board.dial(url)
  await pane.isOpen()
  await pane.composer.send('hello socat')
  expect(String(await socat.receives('hello socat'))).toBe('hello socat')
  socat.send('hello window')
  await pane.counts({ in: [12, 1], out: [11, 1] })
  socat.finish()
  await expect(pane.state).toHaveText('half-closed by peer')
})

test.describe('abstract names', () => {
  test.skip(process.platform !== 'linux', 'only Linux has them')

  test('a listener at an abstract name is reached by socat and leaves no file', async ({ board }) => {
    const url = `unix:@switchboard-e2e-${process.pid}`
    await board.listen(url, 'echo')
    await using socat = socatDials(url)
    socat.send('nowhere on the disk')
    expect(String(await socat.receives('nowhere on the disk'))).toBe('nowhere on the disk')
  })

  test('an abstract name is dialled', async ({ board }) => {
    const url = `unix:@switchboard-e2e-socat-${process.pid}`
    await using socat = await socatListens(url)
    const pane = await board.dial(url)
    await pane.composer.send('to the abstract')
    expect(String(await socat.receives('to the abstract'))).toBe('to the abstract')
  })
})

test('a socket file that a killed program left is offered for removal, and the listener then opens', async ({
  board,
}) => {
  await using folder = await temporaryFolder()
  const url = `unix:${folder.join('left.sock')}`
  {
    await using server = await pythonListens(url)
    await server.kill()
  }
  expect(existsSync(folder.join('left.sock'))).toBe(true)
  await board.toolbar.listen(url)
  await expect(board.faults).toContainText('EADDRINUSE')
  // Not unasked: it is still there.
  expect(existsSync(folder.join('left.sock'))).toBe(true)
  await board.faults.getByRole('button', { name: /Remove/ }).click()
  const listener = await board.listen(url, 'echo')
  await using socat = socatDials(url)
  socat.send('free again')
  expect(String(await socat.receives('free again'))).toBe('free again')
  await listener.counts({ in: [10, 1] })
})

test('a socket file that somebody listens on is refused and not offered for removal', async ({ board }) => {
  await using folder = await temporaryFolder()
  const url = `unix:${folder.join('taken.sock')}`
  await using server = await pythonListens(url)
  await board.toolbar.listen(url)
  await expect(board.faults).toContainText('EADDRINUSE')
  await expect(board.faults.getByRole('button', { name: /Remove/ })).toHaveCount(0)
  const pane = await board.dial(url)
  await pane.isOpen()
  // The look at whether somebody listens was a call of its own, the first.
  await (await server.wire(1)).send('I am still here')
  await expect(pane.traffic).toContainText('I am still here')
})

test('a stale socket file refuses a dial, and the hint says what it is', async ({ board }) => {
  await using folder = await temporaryFolder()
  const url = `unix:${folder.join('stale.sock')}`
  {
    await using server = await pythonListens(url)
    await server.kill()
  }
  const pane = await board.dial(url)
  await expect(pane.state).toHaveText(/^failed: ECONNREFUSED /)
  await expect(pane.fault).toContainText(/stale|nobody listens|left/i)
})
