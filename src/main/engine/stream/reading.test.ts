import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type ConnectionId } from '../../../shared/model/ids'
import { echo, loopback, ok, python, setUp, utf8 } from '../testing/bench'

/** Callers that send random bytes as fast as they can, read what comes back, and tell the SHA-256 of both. */
const senders = (port: number, count: number, megabytes: number) =>
  python(
    `import hashlib, random, threading
port, count, megabytes = map(int, sys.argv[1:])
def hear(i, c):
  h = hashlib.sha256()
  while True:
    b = c.recv(1 << 20)
    if not b: break
    h.update(b)
  say("%08d heard %s\\n" % (i, h.hexdigest()))
def talk(i, c):
  r = random.Random(i); h = hashlib.sha256(b"%08d" % i)
  left = megabytes * 1000000; block = r.randbytes(1 << 20)
  c.sendall(b"%08d" % i)
  while left > 0:
    a = r.randrange(1 << 19); b = block[a:a + min(left, r.choice([1, 100, 65536, 262144, 500000]))]
    c.sendall(b); h.update(b); left -= len(b)
  c.shutdown(socket.SHUT_WR)
  say("%08d said %s\\n" % (i, h.hexdigest()))
callers = [socket.create_connection(("127.0.0.1", port)) for i in range(count)]
threads = [threading.Thread(target=f, args=(i, c)) for i, c in enumerate(callers) for f in (talk, hear)]
for t in threads: t.start()
for t in threads: t.join()
say("all done")`,
    port,
    count,
    megabytes,
  )

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe.each([
  { way: 'into the recorder', isReadingDirect: true },
  { way: "with 'data' events", isReadingDirect: false },
])('reading $way', ({ isReadingDirect }) => {
  test('keeps every byte of several callers at full speed', async () => {
    await using bench = setUp({ isReadingDirect })
    const listener = await bench.listen(loopback(), {
      name: 'finish',
      greet: (c) => ({ received: () => undefined, peerFinished: () => c.finish() }),
    })
    await using callers = senders(listener.port, 4, 20)
    const output = await callers.printed('all done')
    for (let nth = 0; nth < 4; nth++) {
      const id = await bench.accepted(listener.id, nth)
      await bench.phase(id, 'closed')
      const bytes = bench.recorder.of(id).bytes('in')
      expect(output).toContain(`${bytes.subarray(0, 8).toString()} said ${sha256(bytes)}`)
      expect(bench.engine.counters(id)?.inBytes).toBe(bytes.length)
    }
  })

  test('keeps every byte while it answers, and other sockets chatter in between', async () => {
    await using bench = setUp({ isReadingDirect })
    const listener = await bench.listen(loopback(), echo)
    const chatter = await bench.dial(listener.at)
    let rounds = 2000
    bench.engine.onReceived(chatter.id, (bytes) => {
      if (rounds-- > 0) bench.engine.send(chatter.id, bytes)
    })
    ok(bench.engine.send(chatter.id, utf8('x')))
    await using callers = senders(listener.port, 2, 10)
    const output = await callers.printed('all done')
    for (const nth of [1, 2]) {
      const id = await bench.accepted(listener.id, nth)
      await bench.phase(id, 'closed')
      const track = bench.recorder.of(id)
      const bytes = track.bytes('in')
      expect(bytes.length).toBe(10_000_008)
      expect(output).toContain(`${bytes.subarray(0, 8).toString()} said ${sha256(bytes)}`)
      expect(output).toContain(`${bytes.subarray(0, 8).toString()} heard ${sha256(track.bytes('out'))}`)
      // What came back is what was sent: an answer that waited must not lie in memory that is read into again.
      expect(sha256(track.bytes('out'))).toBe(sha256(bytes))
    }
  })

  test('shows the end of what came before a pause only after it', async () => {
    await using bench = setUp({ isReadingDirect })
    const listener = await bench.listen(loopback())
    const { id } = await bench.dial(listener.at)
    const other = await bench.accepted(listener.id)
    ok(bench.engine.pause(id))
    expect(bench.engine.summary(id)).toMatchObject({ isReadingPaused: true })
    ok(bench.engine.send(other, utf8('while paused')))
    ok(await bench.engine.halfClose(other))
    const { id: probe } = await bench.dial(listener.at) // a round trip through the kernel later …
    await bench.accepted(listener.id, 1)
    expect(bench.engine.counters(id)).toMatchObject({ inBytes: 0 })
    expect(bench.engine.summary(id)).toMatchObject({ state: { phase: 'open' } })
    ok(bench.engine.resume(id))
    await bench.phase(id, 'halfClosed')
    expect(bench.recorder.of(id).text('in')).toBe('while paused')
    expect(bench.recorder.of(id).story()).toEqual(expect.arrayContaining(['paused', 'resumed']))
    ok(await bench.engine.reset(probe))
  })

  test('stops everywhere while the recorder has no room, and a pause of the user outlasts that', async () => {
    await using bench = setUp({ isReadingDirect })
    const listener = await bench.listen(loopback())
    const first = await bench.dial(listener.at)
    const second = await bench.dial(listener.at)
    const ids = [await bench.accepted(listener.id, 0), await bench.accepted(listener.id, 1)] as const
    ok(bench.engine.pause(ids[1]))
    bench.recorder.setRoom(false)
    ok(bench.engine.send(first.id, utf8('one')))
    ok(bench.engine.send(second.id, utf8('two')))
    await bench.dial(listener.at)
    const late = await bench.accepted(listener.id, 2)
    const inBytes = (id: ConnectionId) => bench.engine.counters(id)?.inBytes
    expect([...ids, late].map(inBytes)).toEqual([0, 0, 0])
    bench.recorder.setRoom(true)
    await bench.untilTrue(() => inBytes(ids[0]) === 3)
    expect(inBytes(ids[1])).toBe(0)
    ok(bench.engine.resume(ids[1]))
    await bench.untilTrue(() => inBytes(ids[1]) === 3)
  })
})

test('an echo does not read on while its answers pile up', async () => {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), echo)
  await using caller = python(
    `import random
c = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); c.settimeout(0.3); sent = 0
try:
  while True: sent += c.send(random.randbytes(1000000))
except TimeoutError: pass
say("stuck"); c.settimeout(None); c.setblocking(True); got = 0
while got < sent: got += len(c.recv(1 << 20))
say("all back"); c.close()`,
    listener.port,
  )
  await caller.printed('stuck')
  const id = await bench.accepted(listener.id)
  const summary = bench.engine.summary(id)
  const queued = summary?.kind === 'connection' ? summary.queuedBytes : 0
  expect(queued).toBeGreaterThan(1024 * 1024)
  expect(queued).toBeLessThan(1024 * 1024 + 300_000)
  await caller.printed('all back')
  await bench.phase(id, 'closed')
  const track = bench.recorder.of(id)
  expect(sha256(track.bytes('out'))).toBe(sha256(track.bytes('in')))
})

test('a bulk stream is read straight into the recorder', async () => {
  await using bench = setUp()
  const listener = await bench.listen(loopback(), {
    name: 'finish',
    greet: (c) => ({ received: () => undefined, peerFinished: () => c.finish() }),
  })
  await using caller = python(
    `c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for i in range(100): c.sendall(bytes([i]) * 1000000)
c.close()`,
    listener.port,
  )
  const id = await bench.accepted(listener.id)
  ok(bench.engine.pause(id)) // so that it finds a full buffer each time, on however slow a machine
  ok(bench.engine.resume(id))
  await bench.phase(id, 'closed')
  await caller.ended()
  const track = bench.recorder.of(id)
  const bytes = track.bytes('in')
  expect(bytes.length).toBe(100_000_000)
  for (let i = 0; i < 100; i++) expect(bytes[i * 1_000_000 + 999_999]).toBe(i)
  expect(track.inPlace).toBeGreaterThan(0)
})
