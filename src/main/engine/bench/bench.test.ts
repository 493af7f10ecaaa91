import { spawnSync } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { straceLine } from '../../../shared/model/bench'
import { type BenchSocketId } from '../../../shared/model/ids'
import { type ConnectionSummary, type ListenerSummary, type UdpSummary } from '../../../shared/model/summary'
import { faultOf, has, ok } from '../testing/bench'
import { bundle, type Bundle } from '../testing/bundle'
import { calls } from '../posix/calls'
import { connected, type Desk, desk, listening, loopback, utf8 } from './testing/desk'

/** Sockets of this process; threads have other descriptors of their own. */
const openSockets = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')
    } catch {
      return false // the listing's own
    }
  }).length

let program: Bundle
beforeAll(async () => {
  program = await bundle('src/main/engine/bench/callerThread.ts')
})
afterAll(() => program[Symbol.asyncDispose]())

describe.skipIf(calls() === null)('a syscall bench', () => {
  test('makes a phone call, one call at a time, with what each returned', async () => {
    await using at = desk(program.file)
    const { server, port } = await listening(at)
    const client = await at.socket()
    const accepting = at.begin({ call: 'accept', socket: server })
    expect(await at.blocked(accepting)).toMatch(/^accept4\(\d+, 0x…, \[128\], SOCK_CLOEXEC\)$/)
    await at.call({ call: 'connect', socket: client, address: loopback(port) })
    const accepted = await at.done(accepting)
    expect(accepted.python).toBe('s3, peer = s1.accept()')
    const line = accepted.socket as BenchSocketId
    const receiving = at.begin({ call: 'recv', socket: line, bufsize: 1024, flags: [] })
    await at.blocked(receiving)
    expect((await at.call({ call: 'send', socket: client, bytes: utf8("it's\n"), flags: [] })).gave).toBe('5')
    const received = await at.done(receiving)
    expect(received.gave).toBe(`b"it's\\n"`)
    expect(received.system.map(straceLine)).toEqual([
      `recvfrom(${received.fd}, "it's\\n", 1024, 0, NULL, NULL) = 5`,
    ])
    await at.call({ call: 'close', socket: client })
    expect((await at.call({ call: 'recv', socket: line, bufsize: 10, flags: [] })).gave).toBe("b''")
    expect((await at.call({ call: 'send', socket: client, bytes: utf8('x'), flags: [] })).gave).toBe(
      'OSError: [Errno 9] Bad file descriptor',
    )
    const { recorder } = at.setting
    expect(
      recorder
        .of(client)
        .story()
        .filter((what) => what !== 'blocked'),
    ).toEqual(['called', 'called', 'opened', 'called', 'called', 'closed'])
    expect(recorder.of(line).text('in')).toBe("it's\n")
  })

  test('cancels what blocks, and the call returns EINTR', async () => {
    await using at = desk(program.file)
    const { server } = await listening(at)
    const number = at.begin({ call: 'accept', socket: server })
    await at.blocked(number)
    ok(at.setting.engine.benches.cancel(at.id, number))
    const call = await at.done(number)
    expect([call.errno, call.gave]).toEqual(['EINTR', 'KeyboardInterrupt'])
    expect(faultOf(at.setting.engine.benches.cancel(at.id, number)).code).toBe('SB_STATE')
  })

  test('hands a connection to a pane, and takes it back, without the peer noticing', async () => {
    await using at = desk(program.file)
    const { engine, recorder } = at.setting
    const { server, port } = await listening(at)
    const client = await at.socket()
    await at.call({ call: 'connect', socket: client, address: loopback(port) })
    const line = (await at.call({ call: 'accept', socket: server })).socket as BenchSocketId
    const before = openSockets()
    const { id } = ok(await engine.benches.handOver(line)) as ConnectionSummary
    expect(engine.summary(line)).toMatchObject({ state: { phase: 'closed', handedTo: id }, fd: null })
    await at.call({ call: 'sendall', socket: client, bytes: utf8('to the pane'), flags: [] })
    await at.setting.untilTrue(() => recorder.of(id).text('in') === 'to the pane')
    ok(engine.send(id, utf8('from the pane')))
    expect((await at.call({ call: 'recv', socket: client, bufsize: 100, flags: [] })).gave).toBe(
      "b'from the pane'",
    )
    const { id: again, mode } = ok(await engine.benches.takeBack(id, at.id))
    // As Node has left the descriptor.
    expect(mode).toEqual({ kind: 'nonBlocking' })
    await at.setting.until<ConnectionSummary>(id, ({ state }) => state.phase === 'closed')
    expect(engine.summary(id)).toMatchObject({ state: { handedTo: again } })
    expect(recorder.of(id).story()).toEqual(['takenOver', 'opened', 'handedOver'])
    await at.call({ call: 'send', socket: client, bytes: utf8('back'), flags: [] })
    expect((await at.call({ call: 'recv', socket: again, bufsize: 100, flags: [] })).gave).toBe("b'back'")
    // No FIN has been sent: the peer's end is open still.
    const nothing = await at.call({ call: 'recv', socket: client, bufsize: 1, flags: ['MSG_DONTWAIT'] })
    expect(nothing.errno).toBe('EAGAIN')
    expect(openSockets()).toBe(before)
  })

  test('hands a listener to a pane with its backlog, and takes it back with who waits', async () => {
    await using at = desk(program.file)
    const { engine } = at.setting
    const before = openSockets()
    const { server, port } = await listening(at, 3)
    const { id } = ok(await engine.benches.handOver(server)) as ListenerSummary
    const client = await at.socket()
    await at.call({ call: 'connect', socket: client, address: loopback(port) })
    await at.setting.until<ListenerSummary>(id, ({ accepted }) => accepted === 1)
    if (has('ss')) {
      const { stdout } = spawnSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' })
      expect(stdout).toMatch(/^LISTEN 0 +3 /)
    }
    const { id: again } = ok(await engine.benches.takeBack(id, at.id))
    expect(at.setting.recorder.of(id).story().at(-1)).toBe('handedOver')
    const second = await at.socket()
    await at.call({ call: 'connect', socket: second, address: loopback(port) })
    expect((await at.call({ call: 'setblocking', socket: again, flag: true })).gave).toBe('None')
    expect((await at.call({ call: 'accept', socket: again })).isRaised).toBe(false)
    // The listener, both callers, and both ends of theirs.
    expect(openSockets()).toBe(before + 5)
  })

  test('hands a UDP socket to a pane, and takes it back', async () => {
    await using at = desk(program.file)
    const { engine, recorder } = at.setting
    const socket = await at.socket('AF_INET', 'SOCK_DGRAM')
    expect(faultOf(await engine.benches.handOver(socket)).hint).toMatch(/a bound UDP socket can/)
    await at.call({ call: 'bind', socket, address: loopback() })
    const port = Number(/, (\d+)\)/.exec((await at.call({ call: 'getsockname', socket })).gave)?.[1])
    const { id } = ok(await engine.benches.handOver(socket)) as UdpSummary
    const other = await at.socket('AF_INET', 'SOCK_DGRAM')
    const send = (text: string) =>
      at.call({ call: 'sendto', socket: other, bytes: utf8(text), flags: [], address: loopback(port) })
    await send('to the pane')
    await at.setting.untilTrue(() => recorder.of(id).text('in') === 'to the pane')
    const { id: again } = ok(await engine.benches.takeBack(id, at.id))
    await send('to the bench')
    expect((await at.call({ call: 'recv', socket: again, bufsize: 100, flags: [] })).gave).toBe(
      "b'to the bench'",
    )
  })

  test('a descriptor that is closed while a call is on it: the call goes on, and can be cancelled', async () => {
    await using at = desk(program.file)
    const before = openSockets()
    const { server, port } = await listening(at)
    const client = await at.socket()
    await at.call({ call: 'connect', socket: client, address: loopback(port) })
    const number = at.begin({ call: 'recv', socket: client, bufsize: 10, flags: [] })
    await at.blocked(number)
    const closing = await at.call({ call: 'close', socket: client })
    expect(closing.system.map(({ name }) => name)).toEqual(['dup3'])
    // The number stays ours until the call is back: nobody else is read from by mistake.
    const { fd } = await at.call({ call: 'socket', family: 'AF_INET', type: 'SOCK_STREAM', protocol: '0' })
    expect(fd).not.toBe(closing.system[0]?.returned)
    expect(at.setting.engine.summary(client)?.state.phase).not.toBe('closed')
    ok(at.setting.engine.benches.cancel(at.id, number))
    expect((await at.done(number)).errno).toBe('EINTR')
    expect(at.setting.engine.summary(client)?.state.phase).toBe('closed')
    await at.call({ call: 'close', socket: server })
    // The one that was made last.
    expect(openSockets()).toBe(before + 1)
  })

  test.each([
    [
      'accept',
      (at: Desk) => listening(at).then(({ server }) => at.begin({ call: 'accept', socket: server })),
    ],
    [
      'recv',
      (at: Desk) =>
        connected(at).then(({ line }) => at.begin({ call: 'recv', socket: line, bufsize: 1, flags: [] })),
    ],
    [
      'recvfrom with a timeout, in poll',
      async (at: Desk) => {
        const socket = await at.socket('AF_INET', 'SOCK_DGRAM')
        await at.call({ call: 'settimeout', socket, seconds: 1000 })
        return at.begin({ call: 'recvfrom', socket, bufsize: 1, flags: [] })
      },
    ],
    [
      'readline',
      async (at: Desk) => {
        const { line } = await connected(at)
        await at.call({ call: 'makefile', socket: line })
        return at.begin({ call: 'readline', socket: line })
      },
    ],
    [
      'sendall',
      async (at: Desk) => {
        const { client } = await connected(at)
        return at.begin({ call: 'sendall', socket: client, bytes: new Uint8Array(16 << 20), flags: [] })
      },
    ],
    [
      'connect',
      async (at: Desk) => {
        const { port } = await listening(at, 0)
        const [first, second] = [await at.socket(), await at.socket()]
        await at.call({ call: 'connect', socket: first, address: loopback(port) })
        // The accept queue of a backlog of 0 holds one.
        return at.begin({ call: 'connect', socket: second, address: loopback(port) })
      },
    ],
  ] as const)('%s is cancelled', async (_name, begin) => {
    await using at = desk(program.file)
    const number = await begin(at)
    await at.blocked(number)
    at.cancel(number)
    const call = await at.done(number)
    expect(call.gave).toBe('KeyboardInterrupt')
    expect(call.system.filter(({ errno }) => errno !== null).at(-1)?.errno?.code ?? 'EINTR').toBe('EINTR')
  })

  test('nothing leaks over three thousand sockets, made, connected, accepted and closed', async () => {
    const before = openSockets()
    await using at = desk(program.file)
    const { server, port } = await listening(at)
    for (let n = 0; n < 1000; n++) {
      const client = await at.socket()
      await at.call({ call: 'connect', socket: client, address: loopback(port) })
      const { socket } = await at.call({ call: 'accept', socket: server })
      // One is closed by hand, the others stay for the end of the bench.
      if (n < 900) await at.call({ call: 'close', socket: client })
      if (n < 900) await at.call({ call: 'close', socket: socket as BenchSocketId })
    }
    expect(openSockets()).toBe(before + 1 + 200)
    await at.setting.engine.benches.close(at.id)
    expect(openSockets()).toBe(before)
  }, 60_000)

  test('leaves no descriptor and no thread behind', async () => {
    const before = openSockets()
    {
      await using at = desk(program.file)
      const { server } = await listening(at)
      at.begin({ call: 'accept', socket: server })
    }
    expect(openSockets()).toBe(before)
  })
})
