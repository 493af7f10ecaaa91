import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FaultError, fault } from '../../shared/model/fault'
import { attempt, attemptLater, toFault } from './fault'
import { hintOf } from './hints'
import { faultOf, setUp, silent } from './testing/bench'

const nodeError = (code: string, syscall: string, more: object = {}) =>
  Object.assign(new Error(code), { code, syscall, ...more })

describe('a fault', () => {
  test('keeps the errno, the call and the endpoint as the user wrote it', () => {
    expect(
      toFault(nodeError('ECONNREFUSED', 'connect', { address: '127.0.0.1', port: 1 }), {
        endpoint: 'tcp://localhost:1',
      }),
    ).toEqual({
      code: 'ECONNREFUSED',
      syscall: 'connect',
      endpoint: 'tcp://localhost:1',
      summary: 'Dialling tcp://localhost:1 failed: the connection was refused.',
      hint: expect.stringContaining('nothing listens') as string,
    })
  })

  test('of a dial to several addresses has one for each', () => {
    const each = ['::1', '127.0.0.1'].map((address) =>
      nodeError('ECONNREFUSED', 'connect', { address, port: 9 }),
    )
    const of = toFault(new AggregateError(each), { endpoint: 'tcp://localhost:9', kind: 'tcp' })
    expect(of).toMatchObject({ code: 'ECONNREFUSED', endpoint: 'tcp://localhost:9' })
    expect(of.summary).toContain('at each of its 2 addresses')
    expect(of.attempts?.map((one) => one.endpoint)).toEqual(['[::1]:9', '127.0.0.1:9'])
  })

  test('names what was looked up', () => {
    const of = toFault(nodeError('ENOTFOUND', 'getaddrinfo', { hostname: 'nowhere.invalid' }), {
      endpoint: 'tcp://nowhere.invalid:1',
    })
    expect(of).toMatchObject({
      endpoint: 'tcp://nowhere.invalid:1',
      summary: 'Looking up "nowhere.invalid" failed: no such host name was found.',
    })
  })

  test("tells what Node refuses as input, and what is nobody's fault but ours as a bug", () => {
    expect(toFault(Object.assign(new RangeError('bad port'), { code: 'ERR_SOCKET_BAD_PORT' })).code).toBe(
      'SB_INPUT',
    )
    for (const strange of [
      new TypeError('x is not a function'),
      'a string',
      null,
      undefined,
      Object.assign(new Error('?'), { code: 'ERR_INTERNAL' }),
    ]) {
      expect(toFault(strange).code).toBe('SB_BUG')
    }
    const own = fault('SB_STATE', 'so it is')
    expect(toFault(new FaultError(own))).toBe(own)
  })

  test('says something of an errno that has no words of ours', () => {
    expect(toFault(nodeError('EXDEV', 'write')).summary).toBe(
      'Writing failed: cross-device link not permitted.',
    )
    expect(toFault(nodeError('EWHATEVER', 'frobnicate')).summary).toContain('EWHATEVER')
  })

  test('is what becomes of anything thrown', async () => {
    const explode = () => {
      throw new Error('boom')
    }
    expect(faultOf(attempt(explode))).toMatchObject({ code: 'SB_BUG' })
    expect(faultOf(await attemptLater(async () => explode()))).toMatchObject({ code: 'SB_BUG' })
  })
})

test('each common failure has a hint', () => {
  const common = {
    tcp: [
      'listen EADDRINUSE',
      'listen EACCES',
      'listen EADDRNOTAVAIL',
      'connect ECONNREFUSED',
      'connect ETIMEDOUT',
      'connect EHOSTUNREACH',
      'connect ENETUNREACH',
      'connect EADDRNOTAVAIL',
      'getaddrinfo ENOTFOUND',
      'getaddrinfo EAI_AGAIN',
      'read ECONNRESET',
      'read ETIMEDOUT',
      'write EPIPE',
      'write ECONNRESET',
      'accept EMFILE',
      'connect EMFILE',
      'listen EMFILE',
    ],
    udp: [
      'bind EADDRINUSE',
      'bind EACCES',
      'bind EADDRNOTAVAIL',
      'send EMSGSIZE',
      'send EACCES',
      'recvmsg ECONNREFUSED',
    ],
    unix: [
      'connect ENOENT',
      'connect ECONNREFUSED',
      'connect EACCES',
      'listen EACCES',
      'listen ENOENT',
      'listen EADDRINUSE',
    ],
  } as const
  for (const kind of ['tcp', 'udp', 'unix'] as const) {
    for (const each of common[kind]) {
      const [syscall = '', code = ''] = each.split(' ')
      expect(hintOf(syscall, code, kind), each).toBeDefined()
    }
  }
  expect(hintOf('constructor', 'name', 'tcp')).toBeUndefined()
})

const firstFreePort = Number(readUnprivilegedStart())

function readUnprivilegedStart(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')
  } catch {
    return '1024'
  }
}

/** CAP_NET_BIND_SERVICE is bit 10 of the effective set (capabilities(7)). */
const mayBindAll = spawnSync('sh', ['-c', 'grep CapEff /proc/self/status'], {
  encoding: 'utf8',
}).stdout.match(/([0-9a-f]{4})$/m)
const isPrivileged =
  mayBindAll === null ? process.getuid?.() === 0 : (parseInt(mayBindAll[1] ?? '0', 16) & (1 << 10)) !== 0

test.skipIf(isPrivileged || firstFreePort <= 80)(
  'a privileged port is refused with EACCES and a hint',
  async () => {
    await using bench = setUp()
    const of = faultOf(await bench.engine.listen({ kind: 'tcp', host: '127.0.0.1', port: 80 }, silent))
    expect(of).toMatchObject({ code: 'EACCES', syscall: 'listen' })
    expect(of.hint).toContain('1024')
  },
)
