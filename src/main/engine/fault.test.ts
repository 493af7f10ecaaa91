import { existsSync, readFileSync } from 'node:fs'
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

/** Ports from here on are free for all (ip(7)). */
const firstFreePort = existsSync('/proc/sys/net/ipv4/ip_unprivileged_port_start')
  ? Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
  : 1024

const NOBODY = 65534

/** Runs as an ordinary user, also where the tests run as root: the effective user decides (capabilities(7)). */
async function asOrdinaryUser<T>(act: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return act()
  process.seteuid?.(NOBODY)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
  }
}

test.skipIf(process.platform === 'win32' || firstFreePort <= 80)(
  'a privileged port is refused with EACCES and a hint',
  async () => {
    await using bench = setUp()
    const at = { host: '127.0.0.1', port: 80 }
    const tcp = faultOf(await asOrdinaryUser(() => bench.engine.listen({ kind: 'tcp', ...at }, silent)))
    expect(tcp).toMatchObject({ code: 'EACCES', syscall: 'listen', endpoint: 'tcp://127.0.0.1:80' })
    expect(tcp.hint).toContain('1024')
    const udp = faultOf(await asOrdinaryUser(() => bench.engine.bindUdp({ kind: 'udp', ...at })))
    expect(udp).toMatchObject({ code: 'EACCES', syscall: 'bind' })
    expect(udp.hint).toContain('1024')
  },
)
