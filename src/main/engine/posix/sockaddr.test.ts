import fc from 'fast-check'
import { isIPv6 } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Address, decodeAddress, encodeAddress, isLoopbackAddress } from './sockaddr'

const again = (address: Address): Address | null => {
  const bytes = encodeAddress(address)
  return decodeAddress(Buffer.concat([bytes, Buffer.alloc(128 - bytes.length)]), bytes.length)
}

describe.skipIf(process.platform !== 'linux')('an address', () => {
  test('has the bytes that ip(7), ipv6(7) and unix(7) say', () => {
    expect(encodeAddress({ family: 'AF_INET', host: '127.0.0.1', port: 8060 }).toString('hex')).toBe(
      '02001f7c7f0000010000000000000000',
    )
    expect(encodeAddress({ family: 'AF_INET6', host: 'fe80::1:2', port: 1, scope: 3 }).toString('hex')).toBe(
      '0a00000100000000fe80000000000000000000000001000203000000',
    )
    expect(encodeAddress({ family: 'AF_UNIX', path: '/a' }).toString('hex')).toBe('01002f6100')
    expect(encodeAddress({ family: 'AF_UNIX', path: '@a' }).toString('hex')).toBe('01000061')
    expect(encodeAddress({ family: 'AF_UNIX', path: '' }).toString('hex')).toBe('0100')
  })

  test('is had back from its bytes', () => {
    const byte = fc.nat(255)
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), fc.nat(65535), (host, port) => {
        const address: Address = { family: 'AF_INET', host: host.join('.'), port }
        expect(again(address)).toEqual(address)
      }),
    )
    fc.assert(
      fc.property(fc.ipV6(), fc.nat(65535), (host, port) => {
        const once = again({ family: 'AF_INET6', host, port })
        expect(once?.family === 'AF_INET6' && isIPv6(once.host) && again(once)).toEqual(once)
      }),
    )
    fc.assert(
      fc.property(
        fc.string({ maxLength: 100 }).filter((text) => !text.includes('\0')),
        (path) => {
          const address: Address = { family: 'AF_UNIX', path: path === '@' ? '' : path }
          expect(again(address)).toEqual(address)
        },
      ),
    )
  })

  test('that no structure can hold is refused with the reason', () => {
    expect(() => encodeAddress({ family: 'AF_INET', host: '1.2.3', port: 0 })).toThrow('not an IPv4 address')
    expect(() => encodeAddress({ family: 'AF_INET6', host: '::g', port: 0 })).toThrow('not an IPv6 address')
    expect(() => encodeAddress({ family: 'AF_INET', host: '1.2.3.4', port: 70000 })).toThrow('Port 70000')
    expect(() => encodeAddress({ family: 'AF_UNIX', path: `/${'a'.repeat(107)}` })).toThrow('108 bytes long')
    expect(encodeAddress({ family: 'AF_UNIX', path: `@${'a'.repeat(107)}` })).toHaveLength(110)
  })

  test('of this machine alone is known', () => {
    const hosts = ['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.0.0.1'].map((host) =>
      isLoopbackAddress({ family: 'AF_INET', host, port: 1 }),
    )
    expect(hosts).toEqual([true, true, false, false])
    const hosts6 = ['::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::'].map((host) =>
      isLoopbackAddress({ family: 'AF_INET6', host, port: 1 }),
    )
    expect(hosts6).toEqual([true, true, false, false])
  })
})
