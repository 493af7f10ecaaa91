import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatEndpoint,
  isLoopback,
  isMulticast,
  MAX_UNIX_PATH_BYTES,
  parseEndpoint,
  type Endpoint,
} from './endpoint'

function parsed(text: string): Endpoint {
  const reply = parseEndpoint(text)
  if (!reply.ok) throw new Error(`${text}: ${reply.fault.summary}`)
  return reply.value
}
function refused(text: string) {
  const reply = parseEndpoint(text)
  if (reply.ok) throw new Error(`${text} was taken as ${formatEndpoint(reply.value)}`)
  return reply.fault
}

describe('an address as people write it', () => {
  test.each<[string, Endpoint]>([
    ['tcp://127.0.0.1:8060', { kind: 'tcp', host: '127.0.0.1', port: 8060 }],
    ['  TCP://localhost:0 ', { kind: 'tcp', host: 'localhost', port: 0 }],
    ['tcp://[::1]:65535', { kind: 'tcp', host: '::1', port: 65535 }],
    ['tcp://[fe80::1%eth0]:80', { kind: 'tcp', host: 'fe80::1%eth0', port: 80 }],
    ['udp://239.1.2.3:5000/', { kind: 'udp', host: '239.1.2.3', port: 5000 }],
    ['localhost:8060', { kind: 'tcp', host: 'localhost', port: 8060 }],
    ['unix:/tmp/a b.sock', { kind: 'unix', path: '/tmp/a b.sock' }],
    ['unix:///tmp/a.sock', { kind: 'unix', path: '/tmp/a.sock' }],
    ['unix:@switch', { kind: 'unix', path: '@switch' }],
    ['unix:./here.sock', { kind: 'unix', path: './here.sock' }],
  ])('%s is understood', (text, endpoint) => {
    expect(parsed(text)).toEqual(endpoint)
  })

  test.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['tcp://127.0.0.1:70000', '70000'],
    ['tcp://127.0.0.1:-1', '-1'],
    ['tcp://127.0.0.1:80a', '80a'],
    ['tcp://127.0.0.1:1.5', '1.5'],
    ['tcp://127.0.0.1', 'no port'],
    ['tcp://127.0.0.1:', 'no port'],
    ['tcp://:8060', 'no host'],
    ['tcp://', 'no host and no port'],
    ['tcp:127.0.0.1:80', '//'],
    ['tcp://::1:80', 'split'],
    ['tcp://a b:80', 'a b'],
    ['http://localhost:80', 'http'],
    ['unix:', 'path'],
    ['unix:@', 'path'],
    ['unix:/tmp/a\0b', 'NUL'],
  ])('%j is refused with what is wrong with it', (text, part) => {
    const fault = refused(text)
    expect(fault).toMatchObject({ code: 'SB_INPUT', endpoint: text })
    expect(fault.summary).toContain(part)
    expect(fault.hint).toBeTruthy()
  })

  test('a Unix path is measured in bytes, and one byte too many is refused by errno', () => {
    const longest = `/tmp/${'é'.repeat((MAX_UNIX_PATH_BYTES - 5) / 2)}`
    expect(parsed(`unix:${longest}`)).toEqual({ kind: 'unix', path: longest })
    expect(refused(`unix:${longest}x`)).toMatchObject({ code: 'ENAMETOOLONG' })
  })

  const endpoints = fc.oneof(
    fc.record({
      kind: fc.constantFrom('tcp' as const, 'udp' as const),
      host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()),
      port: fc.nat(65535),
    }),
    fc.record({
      kind: fc.constantFrom('unix' as const, 'unixgram' as const),
      path: fc.stringMatching(/^[/@][a-z0-9_. -]{1,60}[a-z]$/),
    }),
    fc.record({
      kind: fc.constant('raw' as const),
      host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()),
      protocol: fc.nat(255),
    }),
  )

  test.each([
    ['unixgram:/tmp/x', { kind: 'unixgram', path: '/tmp/x' }],
    ['unixgram:///tmp/x', { kind: 'unixgram', path: '/tmp/x' }],
    ['unixgram:@name', { kind: 'unixgram', path: '@name' }],
    ['unixgram:@', { kind: 'unixgram', path: '@' }],
    ['unixgram:', { kind: 'unixgram', path: '' }],
    ['raw://127.0.0.1/icmp', { kind: 'raw', host: '127.0.0.1', protocol: 1 }],
    ['raw://127.0.0.1/1', { kind: 'raw', host: '127.0.0.1', protocol: 1 }],
    ['RAW://host.example/ICMP6', { kind: 'raw', host: 'host.example', protocol: 58 }],
    ['raw://[fe80::1%eth0]/253', { kind: 'raw', host: 'fe80::1%eth0', protocol: 253 }],
  ])('%s is a datagram socket’s address', (text, endpoint) => {
    expect(parsed(text)).toEqual(endpoint)
    expect(parsed(formatEndpoint(endpoint as Endpoint))).toEqual(endpoint)
  })

  test.each([
    ['raw://127.0.0.1', 'has no protocol'],
    ['raw://127.0.0.1/', 'has no protocol'],
    ['raw://127.0.0.1/256', '0 to 255'],
    ['raw://127.0.0.1/icmpx', 'by name'],
    ['raw:///icmp', 'no host'],
    ['raw:icmp', 'no host'],
    ['raw://::1/icmp', 'without brackets'],
    ['raw://a b/icmp', 'not a host name'],
    ['unixgram:/a\0b', 'NUL'],
  ])('%s is refused', (text, part) => {
    const reply = parseEndpoint(text)
    expect(reply).toMatchObject({ ok: false, fault: { code: 'SB_INPUT', endpoint: text } })
    expect(reply.ok ? '' : reply.fault.summary).toContain(part)
  })

  test('what is formatted reads back as the same endpoint', () => {
    fc.assert(
      fc.property(endpoints, (endpoint) => {
        expect(parsed(formatEndpoint(endpoint))).toEqual(endpoint)
      }),
    )
  })

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        parseEndpoint(text)
        parseEndpoint(`tcp://${text}`)
        parseEndpoint(`unix:${text}`)
      }),
      { numRuns: 2000 },
    )
  })

  test('loopback is told from what the network can reach', () => {
    for (const near of [
      'tcp://127.0.0.1:1',
      'tcp://127.9.9.9:1',
      'tcp://[::1]:1',
      'tcp://localhost:1',
      'tcp://[::ffff:127.0.0.1]:1',
      'unix:/x',
    ])
      expect(isLoopback(parsed(near))).toBe(true)
    for (const far of [
      'tcp://0.0.0.0:1',
      'tcp://[::]:1',
      'tcp://10.0.0.1:1',
      'tcp://127.example.org:1',
      'tcp://[::ffff:10.0.0.1]:1',
    ])
      expect(isLoopback(parsed(far))).toBe(false)
  })

  test('the address of a group is told from any other', () => {
    for (const group of ['224.0.0.1', '239.255.42.42', 'ff02::1', 'FF05::2', 'ff02::1%eth0'])
      expect(isMulticast(group)).toBe(true)
    for (const other of ['223.255.255.255', '240.0.0.1', 'fe80::1', '::ff02', '239.example.org', 'ff02'])
      expect(isMulticast(other)).toBe(false)
  })
})
