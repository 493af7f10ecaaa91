import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatEndpoint, type RawEndpoint } from '../../../shared/model/endpoint'
import { type SocketId } from '../../../shared/model/ids'
import { type UdpOptions } from '../../../shared/model/options'
import { internetChecksum } from '../../../shared/wire/headers/checksum'
import { calls } from '../posix/calls'
import { numbers } from '../posix/numbers'
import { type Bench, faultOf, has, ok, openDescriptors, python, setUp } from '../testing/bench'
import { bundle, type Bundle } from '../testing/bundle'

const raw = (protocol: number, host = '127.0.0.1'): RawEndpoint => ({ kind: 'raw', host, protocol })
/** Numbers for experiments (RFC 3692). */
const EXPERIMENT = 253
const OTHER_EXPERIMENT = 254

function mayOpenRaw(): boolean {
  const posix = calls()
  if (posix === null || numbers === null) return false
  const fd = posix.socket(numbers.families.AF_INET, numbers.types.SOCK_RAW, EXPERIMENT)
  if (fd >= 0) posix.close(fd)
  return fd >= 0
}

let watcher: Bundle
beforeAll(async () => {
  watcher = await bundle('src/main/engine/posix/watcherThread.ts')
})
afterAll(() => watcher[Symbol.asyncDispose]())

const bench = (): Bench => setUp({ watcher: watcher.file })

async function bound(b: Bench, at: RawEndpoint, options: UdpOptions = {}) {
  const { id, state } = ok(await b.engine.bindUdp(at, options))
  if (state.phase !== 'bound') throw new Error('not bound')
  return { id, at: state.at }
}

const came = (b: Bench, id: SocketId) => b.recorder.of(id).chunks('in')

/** An ICMP echo request. ICMPv6's checksum is the kernel's (RFC 3542, 3.1). */
function echoRequest(type: 8 | 128, identifier: number, sequence: number): Buffer {
  const message = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from('are you there?')])
  message.writeUInt16BE(identifier, 4)
  message.writeUInt16BE(sequence, 6)
  if (type === 8) message.writeUInt16BE(internetChecksum(message), 2)
  return message
}

// Without the privilege: `what names the privilege` below.
describe.skipIf(!mayOpenRaw())('a raw socket (needs CAP_NET_RAW)', () => {
  test('pings the loopback, and finds the reply to each request with the time it took', async () => {
    await using b = bench()
    const socket = await bound(b, raw(1))
    expect(socket.id).toBe('R1')
    for (const sequence of [1, 2, 3])
      ok(await b.engine.sendUdp(socket.id, echoRequest(8, 4711, sequence), raw(1)))
    const echoes = () =>
      b.recorder
        .of(socket.id)
        .events()
        .filter((each) => each.what === 'echoed')
    await b.untilTrue(() => echoes().length === 3)
    expect(echoes().map(({ sequence, identifier }) => [identifier, sequence])).toEqual([
      [4711, 1],
      [4711, 2],
      [4711, 3],
    ])
    for (const { roundTripNanos, from } of echoes()) {
      expect(roundTripNanos).toBeGreaterThan(0)
      expect(roundTripNanos).toBeLessThan(5e9)
      expect(formatEndpoint(from)).toBe('raw://127.0.0.1/icmp')
    }
    // What comes in begins with its IP header: both our request, which the loopback brings back, and the reply.
    for (const packet of came(b, socket.id)) expect(packet[0]).toBe(0x45)
  })

  test('pings over IPv6, where the kernel gives no IP header', async () => {
    await using b = bench()
    const socket = await bound(b, raw(58, '::1'))
    ok(await b.engine.sendUdp(socket.id, echoRequest(128, 9, 1), raw(58, '::1')))
    await b.untilTrue(() => b.recorder.of(socket.id).story().includes('echoed'))
    const types = came(b, socket.id).map((each) => each[0])
    expect(types).toContain(129)
  })

  test('exchanges packets of any protocol with a raw socket of Python', async () => {
    await using b = bench()
    const socket = await bound(b, raw(EXPERIMENT))
    await using peer = python(
      `s = socket.socket(socket.AF_INET, socket.SOCK_RAW, ${EXPERIMENT}); s.bind(("127.0.0.2", 0)); say("ready.")
b, a = s.recvfrom(70000); say("got %s from %s." % (b[20:].decode(), a[0])); s.sendto(b"fro", a)`,
    )
    await peer.printed('ready.')
    ok(await b.engine.sendUdp(socket.id, Buffer.from('to'), raw(EXPERIMENT, '127.0.0.2')))
    await peer.printed('got to from 127.0.0.1.')
    await b.untilTrue(() => came(b, socket.id).length === 1)
    const [packet] = came(b, socket.id)
    expect(Buffer.from(packet!.subarray(20)).toString()).toBe('fro')
    expect(b.engine.counters(socket.id)).toMatchObject({ inBytes: 23, outBytes: 2 })
  })

  test('sends an IP header of its own where that is asked for (IP_HDRINCL)', async () => {
    await using b = bench()
    const socket = await bound(b, raw(OTHER_EXPERIMENT), { isHeaderIncluded: true })
    expect(b.engine.summary(socket.id)).toMatchObject({ kind: 'raw', isHeaderIncluded: true })
    await using peer = python(
      `s = socket.socket(socket.AF_INET, socket.SOCK_RAW, ${OTHER_EXPERIMENT}); say("ready.")
b = s.recv(70000); say("ttl %d from %s: %s." % (b[8], socket.inet_ntoa(b[12:16]), b[20:].decode()))`,
    )
    await peer.printed('ready.')
    // prettier-ignore
    const header = [0x45, 0, 0, 22, 0x12, 0x34, 0, 0, 7, OTHER_EXPERIMENT, 0, 0, 127, 0, 0, 9, 127, 0, 0, 1]
    ok(
      await b.engine.sendUdp(
        socket.id,
        Buffer.from([...header, ...Buffer.from('hi')]),
        raw(OTHER_EXPERIMENT),
      ),
    )
    await peer.printed('ttl 7 from 127.0.0.9: hi.')
    const short = await b.engine.sendUdp(socket.id, Buffer.from('no header'), raw(OTHER_EXPERIMENT))
    expect(faultOf(short)).toMatchObject({
      code: 'EINVAL',
      hint: expect.stringContaining('IP header') as string,
    })
  })

  test('is refused what makes no sense, with a word to it', async () => {
    await using b = bench()
    expect(faultOf(await b.engine.bindUdp(raw(0)))).toMatchObject({
      code: 'EPROTONOSUPPORT',
      syscall: 'socket',
    })
    expect(faultOf(await b.engine.bindUdp(raw(1, '192.0.2.1')))).toMatchObject({
      code: 'EADDRNOTAVAIL',
      syscall: 'bind',
    })
    const socket = await bound(b, raw(EXPERIMENT))
    expect(faultOf(await b.engine.sendUdp(socket.id, new Uint8Array(70_000), raw(EXPERIMENT)))).toMatchObject(
      {
        code: 'EMSGSIZE',
      },
    )
    expect(faultOf(await b.engine.sendUdp(socket.id, new Uint8Array(1), raw(1)))).toMatchObject({
      code: 'SB_INPUT',
      summary: expect.stringContaining('icmp') as string,
    })
    expect(faultOf(b.engine.joinGroup(socket.id, '239.1.1.1')).code).toBe('SB_STATE')
  })

  test('leaves no descriptor behind', async () => {
    await using b = bench()
    ok(await b.engine.closeUdp((await bound(b, raw(EXPERIMENT))).id))
    const before = openDescriptors()
    for (let n = 0; n < 500; n++) ok(await b.engine.closeUdp((await bound(b, raw(EXPERIMENT))).id))
    for (let n = 0; n < 50; n++) faultOf(await b.engine.bindUdp(raw(1, '192.0.2.1')))
    expect(openDescriptors()).toBe(before)
  })
})

/** As root the privilege is given up; else it was never there. */
const isRoot = process.getuid?.() === 0

test.skipIf(calls() === null || (isRoot && !has('setpriv')))('what names the privilege', async () => {
  await using program = await bundle('src/main/engine/datagram/testing/bindRaw.ts')
  const parts = [program.file, 'raw://127.0.0.1/icmp', watcher.file]
  const { stdout, stderr } = isRoot
    ? spawnSync('setpriv', ['--bounding-set=-net_raw', '--inh-caps=-net_raw', process.execPath, ...parts])
    : spawnSync(process.execPath, parts)
  const told = JSON.parse(`${stdout.toString()}${stderr.toString()}`) as unknown
  expect(told).toMatchObject({
    code: 'EPERM',
    syscall: 'socket',
    endpoint: 'raw://127.0.0.1/icmp',
    summary: 'Opening a socket for raw://127.0.0.1/icmp failed: it is not permitted.',
  })
  expect((told as { hint: string }).hint).toMatch(/CAP_NET_RAW.*setcap cap_net_raw\+ep/)
})
