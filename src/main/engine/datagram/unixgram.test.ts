import { existsSync, lstatSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatEndpoint, type UnixgramEndpoint } from '../../../shared/model/endpoint'
import { type DatagramId, type SocketId } from '../../../shared/model/ids'
import { type UdpOptions } from '../../../shared/model/options'
import { type EngineOptions } from '../engine'
import { calls } from '../posix/calls'
import {
  type Bench,
  faultOf,
  has,
  ok,
  openDescriptors,
  python,
  scratchFolder,
  setUp,
  start,
  utf8,
} from '../testing/bench'
import { bundle, type Bundle } from '../testing/bundle'

const at = (path: string): UnixgramEndpoint => ({ kind: 'unixgram', path })

let watcher: Bundle
beforeAll(async () => {
  watcher = await bundle('src/main/engine/posix/watcherThread.ts')
})
afterAll(() => watcher[Symbol.asyncDispose]())

const bench = (options: Partial<EngineOptions> = {}): Bench => setUp({ watcher: watcher.file, ...options })

async function bound(bench: Bench, path: string, options: UdpOptions = {}) {
  const { id, state } = ok(await bench.engine.bindUdp(at(path), options))
  if (state.phase !== 'bound') throw new Error('not bound')
  return { id, at: state.at as UnixgramEndpoint }
}

const came = (bench: Bench, id: SocketId): string[] =>
  bench.recorder
    .of(id)
    .chunks('in')
    .map((each) => Buffer.from(each).toString())

const senders = (bench: Bench, id: SocketId): string[] =>
  bench.recorder
    .of(id)
    .entries.flatMap((each) =>
      each.kind === 'data' && each.direction === 'in' && each.remote !== null
        ? [formatEndpoint(each.remote)]
        : [],
    )

/** Reads a datagram for each line on its stdin. */
const SLOW = `
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); say("ready.")
for line in sys.stdin: say("took %d." % len(s.recv(300000)))`

describe.skipIf(calls() === null)('a Unix datagram socket', () => {
  test('exchanges datagrams with Python by path and by abstract name, each whole and with its sender', async () => {
    await using b = bench()
    using folder = scratchFolder()
    const socket = await bound(b, join(folder.path, 'ours'))
    expect(socket.id).toBe('D1')
    const theirs = join(folder.path, 'theirs')
    await using peer = python(
      `s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); say("ready.")
for i in range(3):
  b, a = s.recvfrom(70000); say("got %d from %s." % (len(b), a)); s.sendto(b.upper(), a)
s.close(); s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("\\0" + sys.argv[2]); s.sendto(b"named", sys.argv[3])
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.sendto(b"nobody", sys.argv[3])`,
      theirs,
      `sb-${process.pid}`,
      socket.at.path,
    )
    await peer.printed('ready.')
    expect(ok(await b.engine.sendUdp(socket.id, utf8('one'), at(theirs)))).toEqual({
      lengthBytes: 3,
      takenBytes: 3,
      queuedBytes: 0,
    })
    ok(await b.engine.sendUdp(socket.id, new Uint8Array(0), at(theirs)))
    ok(await b.engine.sendUdp(socket.id, utf8('two'), at(theirs)))
    await b.untilTrue(() => came(b, socket.id).length === 5)
    expect(came(b, socket.id)).toEqual(['ONE', '', 'TWO', 'named', 'nobody'])
    expect(senders(b, socket.id)).toEqual([
      ...[1, 2, 3].map(() => `unixgram:${theirs}`),
      `unixgram:@sb-${process.pid}`,
      'unixgram:',
    ])
    expect(await peer.printed('got 0')).toContain(`got 3 from ${socket.at.path}.`)
    expect(b.engine.counters(socket.id)).toMatchObject({
      inBytes: 17,
      inChunks: 5,
      outBytes: 6,
      outChunks: 3,
    })
  })

  test('is in the kernel’s list as ss tells it, and its file is ours alone and goes with it', async () => {
    await using b = bench()
    using folder = scratchFolder()
    const path = join(folder.path, 'd')
    const socket = await bound(b, path)
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
    if (has('ss')) {
      const { output } = await start('ss', ['-xa']).ended()
      expect(output.split('\n').find((line) => line.includes(path))).toMatch(/^u_dgr\s+UNCONN/)
    }
    ok(await b.engine.closeUdp(socket.id))
    expect(existsSync(path)).toBe(false)
    expect(b.recorder.of(socket.id).story()).toEqual(['bound', 'closed'])
  })

  test('leaves a file alone that another has put in its place', async () => {
    await using b = bench()
    using folder = scratchFolder()
    const path = join(folder.path, 'd')
    const first = await bound(b, path)
    const { unlinkSync } = await import('node:fs')
    unlinkSync(path)
    writeFileSync(path, 'not ours')
    ok(await b.engine.closeUdp(first.id))
    expect(existsSync(path)).toBe(true)
  })

  test('has no name, or one of the kernel’s choice, where that is asked for', async () => {
    await using b = bench()
    const unnamed = await bound(b, '')
    const chosen = await bound(b, '@')
    expect(unnamed.at.path).toBe('')
    expect(chosen.at.path).toMatch(/^@[0-9a-f]{5}$/)
    ok(await b.engine.sendUdp(unnamed.id, utf8('from nobody'), chosen.at))
    await b.untilTrue(() => came(b, chosen.id).length === 1)
    expect(senders(b, chosen.id)).toEqual(['unixgram:'])
    expect(faultOf(await b.engine.sendUdp(chosen.id, utf8('x'), unnamed.at))).toMatchObject({
      code: 'SB_INPUT',
      summary: expect.stringContaining('without a name') as string,
    })
  })

  test('is connected to one peer, hears no other, and lets it go again', async () => {
    await using b = bench()
    const [one, two, other] = [await bound(b, '@'), await bound(b, '@'), await bound(b, '@')]
    expect(ok(await b.engine.connectUdp(one.id, two.at)).state).toMatchObject({ peer: two.at })
    ok(await b.engine.sendUdp(one.id, utf8('to my peer'), null))
    await b.untilTrue(() => came(b, two.id).includes('to my peer'))
    expect(faultOf(await b.engine.sendUdp(other.id, utf8('x'), one.at))).toMatchObject({
      code: 'EPERM',
      syscall: 'send',
    })
    expect(faultOf(await b.engine.sendUdp(one.id, utf8('x'), other.at)).code).toBe('SB_STATE')
    expect(ok(b.engine.disconnectUdp(one.id)).state).toMatchObject({ peer: null })
    ok(await b.engine.sendUdp(other.id, utf8('now'), one.at))
    await b.untilTrue(() => came(b, one.id).includes('now'))
  })

  test('tells a send that would block, until the receiver has read', async () => {
    await using b = bench()
    using folder = scratchFolder()
    const theirs = join(folder.path, 'slow')
    await using peer = python(SLOW, theirs)
    await peer.printed('ready.')
    const socket = await bound(b, '@')
    let sent = 0
    let refused = null
    while (refused === null && sent < 10_000) {
      const reply = await b.engine.sendUdp(socket.id, utf8('x'), at(theirs))
      if (reply.ok) sent++
      else refused = reply.fault
    }
    // net.unix.max_dgram_qlen is 10 on most systems: 11 fit.
    expect(sent).toBeGreaterThan(0)
    expect(refused).toMatchObject({
      code: 'EAGAIN',
      syscall: 'send',
      endpoint: `unixgram:${theirs}`,
      hint: expect.stringContaining('max_dgram_qlen') as string,
    })
    expect(b.recorder.of(socket.id).story()).toEqual(['bound', 'failed'])
    expect(b.engine.counters(socket.id)?.outChunks).toBe(sent)
    peer.child.stdin.write('\n')
    await peer.printed('took 1.')
    ok(await b.engine.sendUdp(socket.id, utf8('x'), at(theirs)))
  })

  test('says why a datagram did not go', async () => {
    await using b = bench()
    using folder = scratchFolder()
    const socket = await bound(b, '@')
    const to = (name: string) => b.engine.sendUdp(socket.id, utf8('x'), at(join(folder.path, name)))
    expect(faultOf(await to('nothing'))).toMatchObject({ code: 'ENOENT', syscall: 'send' })
    await using dead = python(
      's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])',
      join(folder.path, 'dead'),
    )
    await dead.ended()
    expect(faultOf(await to('dead'))).toMatchObject({
      code: 'ECONNREFUSED',
      hint: expect.stringContaining('stale') as string,
    })
    await b.listen({ kind: 'unix', path: join(folder.path, 'stream') })
    expect(faultOf(await to('stream'))).toMatchObject({
      code: 'EPROTOTYPE',
      hint: expect.stringContaining('unix:') as string,
    })
    writeFileSync(join(folder.path, 'file'), '')
    expect(faultOf(await to('file')).code).toBe('ECONNREFUSED')
    const big = await b.engine.sendUdp(socket.id, new Uint8Array(4_000_000), socket.at)
    expect(faultOf(big)).toMatchObject({
      code: 'EMSGSIZE',
      hint: expect.stringContaining('SO_SNDBUF') as string,
    })
    expect(
      faultOf(await b.engine.sendUdp(socket.id, utf8('x'), { kind: 'udp', host: '127.0.0.1', port: 9 })).code,
    ).toBe('SB_INPUT')
    for (const each of b.recorder.of(socket.id).events())
      if (each.what === 'failed') expect(each.fault.hint).toBeTruthy()
  })

  test('offers to remove a stale file, and only such a one', async () => {
    await using b = bench()
    using folder = scratchFolder()
    const path = join(folder.path, 'd')
    const alive = await bound(b, path)
    const taken = faultOf(await b.engine.bindUdp(at(path)))
    expect(taken).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' })
    expect(taken.remedy).toBeUndefined()
    expect(faultOf(await b.engine.removeStale(path)).code).toBe('SB_STATE')
    ok(await b.engine.closeUdp(alive.id))
    await using dead = python(
      's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])',
      path,
    )
    await dead.ended()
    const stale = faultOf(await b.engine.bindUdp(at(path)))
    expect(stale).toMatchObject({ code: 'EADDRINUSE', remedy: { act: 'removeStaleSocket', path } })
    ok(await b.engine.removeStale(path))
    await bound(b, path)
    writeFileSync(join(folder.path, 'file'), '')
    const file = faultOf(await b.engine.bindUdp(at(join(folder.path, 'file'))))
    expect(file.summary).toContain('is an ordinary file')
    expect(file.remedy).toBeUndefined()
  })

  test('shows what a read that is too small cuts off', async () => {
    await using b = bench()
    const reader = await bound(b, '@', { readBytes: 4 })
    const writer = await bound(b, '@')
    ok(await b.engine.sendUdp(writer.id, utf8('eight by'), reader.at))
    ok(await b.engine.sendUdp(writer.id, utf8('four'), reader.at))
    await b.untilTrue(() => came(b, reader.id).length === 2)
    expect(came(b, reader.id)).toEqual(['eigh', 'four'])
    expect(b.recorder.of(reader.id).events()).toContainEqual({
      what: 'truncated',
      lengthBytes: 8,
      keptBytes: 4,
    })
    expect(b.recorder.of(reader.id).story()).toEqual(['bound', 'truncated'])
  })

  test.skipIf(!has('socat'))('answers socat, which sends from a name of its own', async () => {
    await using b = bench()
    using folder = scratchFolder()
    const echo = await bound(b, join(folder.path, 'echo'))
    b.engine.onReceived(echo.id, (bytes, from) => {
      if (from !== null) void b.engine.sendUdp(echo.id, bytes, from)
    })
    await using socat = start('socat', [
      '-',
      `UNIX-SENDTO:${echo.at.path},bind=${join(folder.path, 'socat')}`,
    ])
    socat.child.stdin.write('to and fro')
    await socat.printed('to and fro')
    await using receiver = start('socat', ['-u', `UNIX-RECVFROM:${join(folder.path, 'from')}`, '-'])
    await b.untilTrue(() => existsSync(join(folder.path, 'from')))
    ok(await b.engine.sendUdp(echo.id, utf8('one only'), at(join(folder.path, 'from'))))
    expect((await receiver.ended()).output).toBe('one only')
  })

  test('takes a flood in whole, in its order', async () => {
    await using b = bench()
    const [reader, writer] = [await bound(b, '@'), await bound(b, '@')]
    const most = 5000
    for (let n = 0; n < most;) {
      const sent = await b.engine.sendUdp(writer.id, utf8(String(n)), reader.at)
      if (sent.ok) n++
      else {
        expect(sent.fault.code).toBe('EAGAIN')
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await b.untilTrue(() => came(b, reader.id).length === most)
    expect(came(b, reader.id)).toEqual(Array.from({ length: most }, (_, n) => String(n)))
  })

  test('reads nothing while the recording has no room, and all that waited then', async () => {
    await using b = bench()
    const [reader, writer] = [await bound(b, '@'), await bound(b, '@')]
    b.recorder.setRoom(false)
    for (let n = 0; n < 5; n++) ok(await b.engine.sendUdp(writer.id, utf8(String(n)), reader.at))
    const later = await bound(b, '@')
    // Long enough for a round trip of the watcher: another socket is bound and closed meanwhile.
    ok(await b.engine.closeUdp(later.id))
    expect(came(b, reader.id)).toEqual([])
    b.recorder.setRoom(true)
    await b.untilTrue(() => came(b, reader.id).length === 5)
  })

  test('thousands of them leave no descriptor behind', async () => {
    await using b = bench()
    const warm = await bound(b, '@')
    ok(await b.engine.closeUdp(warm.id))
    const before = openDescriptors()
    for (let n = 0; n < 40; n++) {
      const ids: DatagramId[] = []
      for (let each = 0; each < 50; each++) ids.push((await bound(b, '@')).id)
      await Promise.all(ids.map((id) => b.engine.closeUdp(id)))
    }
    expect(openDescriptors()).toBe(before)
  })
})
