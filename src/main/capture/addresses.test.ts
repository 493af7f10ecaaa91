import fc from 'fast-check'
import { isIP } from 'node:net'
import { describe, expect, test } from 'vitest'
import { formatAddress, pairOf, parseAddress } from './addresses'

describe('addresses', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['FE80::1%eth0', 'fe80::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('%s is read and told as %s', (text, told) => {
    expect(formatAddress(parseAddress(text) ?? new Uint8Array(4))).toBe(told)
  })

  test('what Node takes for an address is read, anything else is not', () => {
    const texts = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.'), maxLength: 40 }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const length = isIP(text) === 4 ? 4 : isIP(text) === 6 ? 16 : undefined
        // Node refuses leading zeros in IPv4 (inet_pton(3)); they do not matter here.
        fc.pre(!/(^|[.:])0\d+(\.|$)/.test(text))
        expect(parseAddress(text)?.length).toBe(length)
      }),
      { numRuns: 2000 },
    )
  })

  test('and what is told is read back as the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseAddress(formatAddress(bytes))).toEqual(bytes)
      }),
    )
  })

  test('of both ends are brought to one family, as the wire has it', () => {
    const pair = (local: string, remote: string) => {
      const found = pairOf({ kind: 'udp', host: local, port: 1 }, { kind: 'udp', host: remote, port: 2 })
      return [formatAddress(found.local), formatAddress(found.remote)]
    }
    expect(pair('::', '::ffff:1.2.3.4')).toEqual(['0.0.0.0', '1.2.3.4'])
    expect(pair('::ffff:127.0.0.1', '::ffff:127.0.0.2')).toEqual(['127.0.0.1', '127.0.0.2'])
    expect(pair('0.0.0.0', '::1')).toEqual(['::', '::1'])
    expect(pair('::1', '1.2.3.4')).toEqual(['::1', '::ffff:102:304'])
    expect(pair('a.name', '1.2.3.4')).toEqual(['0.0.0.0', '1.2.3.4'])
  })
})
