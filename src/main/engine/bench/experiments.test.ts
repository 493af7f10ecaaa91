import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BenchSocketSummary } from '../../../shared/model/bench'
import { calls } from '../posix/calls'
import { has, ok } from '../testing/bench'
import { bundle, type Bundle } from '../testing/bundle'
import { connected, type Desk, desk, listening, loopback, utf8 } from './testing/desk'

let caller: Bundle
beforeAll(async () => {
  caller = await bundle('src/main/engine/bench/callerThread.ts')
})
afterAll(() => caller[Symbol.asyncDispose]())

/** Sends until the kernel takes no more. @returns how many bytes it took */
async function fill(at: Desk): Promise<number> {
  const server = await at.socket()
  await at.call({ call: 'setsockopt', socket: server, option: 'SO_RCVBUF', value: 20_000 })
  await at.call({ call: 'bind', socket: server, address: loopback() })
  await at.call({ call: 'listen', socket: server, backlog: 1 })
  const port = Number(/, (\d+)\)/.exec((await at.call({ call: 'getsockname', socket: server })).gave)?.[1])
  const client = await at.socket()
  await at.call({ call: 'setsockopt', socket: client, option: 'SO_SNDBUF', value: 20_000 })
  await at.call({ call: 'connect', socket: client, address: loopback(port) })
  await at.call({ call: 'setblocking', socket: client, flag: false })
  let taken = 0
  for (;;) {
    const sent = await at.call({ call: 'send', socket: client, bytes: new Uint8Array(1000), flags: [] })
    if (sent.errno === 'EAGAIN') break
    taken += Number(sent.gave)
  }
  await at.call({ call: 'setblocking', socket: client, flag: true })
  const number = at.begin({ call: 'send', socket: client, bytes: new Uint8Array(1000), flags: [] })
  await at.setting.untilTrue(() => at.setting.recorder.of(client).story().at(-1) === 'blocked')
  at.cancel(number)
  await at.done(number)
  return taken
}

const FILL = `
import socket
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000)
server.bind(("127.0.0.1", 0))
server.listen(1)
client = socket.socket()
client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
client.connect(server.getsockname())
client.setblocking(False)
taken = 0
try:
    while True:
        taken += client.send(bytes(1000))
except BlockingIOError:
    print(taken)
`

describe.skipIf(calls() === null)('an experiment by hand', () => {
  test('the backlog: listen(5) lets six in, the seventh blocks in connect, and one accept lets it in', async () => {
    await using at = desk(caller.file)
    const { server, port } = await listening(at, 5)
    for (let n = 0; n < 6; n++) {
      const { gave } = await at.call({ call: 'connect', socket: await at.socket(), address: loopback(port) })
      expect(gave).toBe('None')
    }
    const seventh = await at.socket()
    const number = at.begin({ call: 'connect', socket: seventh, address: loopback(port) })
    const kernel = (): string => {
      ok(at.setting.engine.benches.look(at.id))
      return (at.setting.engine.summary(seventh) as BenchSocketSummary).kernel
    }
    await at.setting.untilTrue(() => at.setting.recorder.of(seventh).story().at(-1) === 'blocked')
    expect(kernel()).toBe('SYN_SENT')
    if (has('ss')) {
      const { stdout } = spawnSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' })
      expect(stdout).toMatch(/^LISTEN 6 +5 /)
    }
    await at.call({ call: 'accept', socket: server })
    const { gave, tookNanos } = await at.done(number)
    expect(gave).toBe('None')
    // Its SYN was dropped; the next one comes a second later.
    expect(tookNanos).toBeGreaterThan(0.5e9)
    expect(kernel()).toBe('ESTABLISHED')
  }, 20_000)

  test.skipIf(!has('python3'))(
    'what blocks: a send that finds no room, after as many bytes as in Python',
    async () => {
      await using at = desk(caller.file)
      const ours = await fill(at)
      const theirs = Number(spawnSync('python3', ['-c', FILL], { encoding: 'utf8' }).stdout)
      expect(theirs).toBeGreaterThan(20_000)
      // One segment of loopback's MTU more or less: what the receiver has acknowledged by then is a matter of moments.
      expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(65_536)
    },
    20_000,
  )

  test('the empty message: a send of nothing is made, and the other side still waits', async () => {
    await using at = desk(caller.file)
    const { client, line } = await connected(at)
    const number = at.begin({ call: 'recv', socket: line, bufsize: 100, flags: [] })
    await at.blocked(number)
    const sent = await at.call({ call: 'send', socket: client, bytes: utf8(''), flags: [] })
    expect([sent.gave, sent.returned]).toEqual(['0', 0])
    const { recorder } = at.setting
    await at.setting.untilTrue(() => recorder.of(line).story().at(-1) === 'blocked')
    expect(recorder.of(client).chunks('out')).toEqual([])
    await at.call({ call: 'send', socket: client, bytes: utf8('a word'), flags: [] })
    expect((await at.done(number)).gave).toBe("b'a word'")
  })

  test('a peer that has gone: its FIN is what ended the connection, whatever comes after it', async () => {
    await using at = desk(caller.file)
    const { client, line } = await connected(at)
    await at.call({ call: 'close', socket: client })
    expect((await at.call({ call: 'recv', socket: line, bufsize: 10, flags: [] })).gave).toBe("b''")
    await at.call({ call: 'send', socket: line, bytes: utf8('hello?'), flags: [] })
    // The answer to that is RST: there is no peer any more.
    const { errno } = await at.call({ call: 'send', socket: line, bytes: utf8('hello?'), flags: [] })
    expect(errno).toBe('EPIPE')
    await at.call({ call: 'close', socket: line })
    expect(at.setting.recorder.of(line).events().at(-1)).toMatchObject({ what: 'closed', by: 'remote' })
  })

  test('streams have no messages: ten sends of "abc" are cut by recv(4)', async () => {
    await using at = desk(caller.file)
    const { client, line } = await connected(at)
    for (let n = 0; n < 10; n++)
      await at.call({ call: 'send', socket: client, bytes: utf8('abc'), flags: [] })
    const pieces: string[] = []
    for (let n = 0; n < 8; n++) {
      pieces.push((await at.call({ call: 'recv', socket: line, bufsize: 4, flags: [] })).gave)
    }
    expect(pieces.slice(0, 3)).toEqual(["b'abca'", "b'bcab'", "b'cabc'"])
    expect(pieces.at(-1)).toBe("b'bc'")
    expect(
      at.setting.recorder
        .of(line)
        .chunks('in')
        .map(({ length }) => length),
    ).toEqual([4, 4, 4, 4, 4, 4, 4, 2])
  })
})
