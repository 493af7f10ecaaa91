import { encode as encodeMessagePack } from '@msgpack/msgpack'
import { encode as encodeCbor } from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseHex } from '../hex'
import { decode, decoders, guess, type DecoderName } from './decode'
import { MAX_DEPTH, MAX_FIELDS, MAX_INPUT_BYTES, type Decoded, type Field } from './field'
import { flatten, innermostAt, treeText } from './tree'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const hex = (text: string): Uint8Array => {
  const parsed = parseHex(text)
  if (!parsed.ok) throw new Error(parsed.fault.summary)
  return parsed.value
}
const names = Object.keys(decoders) as DecoderName[]
const value = {
  id: 7,
  below: -1000,
  text: 'grüße',
  list: [true, null, 1.5, [1, 2, [3]]],
  bytes: Uint8Array.of(1, 2, 255),
  in: { a: { b: 'c' } },
}
const DNS_ANSWER =
  '1234 8180 0001 0002 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001' +
  'c00c 0005 0001 0000003c 0006 03637365 c010 c02d 0001 0001 0000003c 0004 5db8d822'
const HELLO =
  '160301004a 01000046 0303' +
  '11'.repeat(32) +
  '00 0004 1301 c02f 01 00' +
  '0019 0000 000e 000c 00 0009 6c6f63616c686f7374 002b 0003 02 0304'

const samples: Readonly<Record<DecoderName, readonly Uint8Array[]>> = {
  text: [utf8('one\r\ntwo\n\nthree')],
  json: [utf8('{"a": [1, true, {"b": "grüße"}], "c": null}\n[1]\n')],
  http: [
    utf8('GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc'),
    utf8(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nWiki\r\n5\r\npedia\r\n0\r\nT: 1\r\n\r\n',
    ),
  ],
  dns: [hex(DNS_ANSWER)],
  mqtt: [
    hex('10 13 0004 4d515454 05 02 003c 03 210014 0003 616263 30 08 0003 612f62 00 6869 c000'),
    hex('10 0f 0004 4d515454 04 02 003c 0003 616263 82 08 0001 0003 612f62 01 90 03 0001 01'),
  ],
  modbus: [
    hex('0001 0000 0006 11 03 006b 0003 0001 0000 0009 11 03 06 022b 0000 0064 0002 0000 0003 11 83 02'),
  ],
  tls: [hex(HELLO), hex('15 0303 0002 02 28 14 0303 0001 01')],
  messagepack: [encodeMessagePack(value)],
  cbor: [encodeCbor(value), hex('9f 01 7f 61 61 61 62 ff c1 1a 5f5e1000 ff')],
  protobuf: [hex('08 96 01 12 07 74657374696e67 1a 03 08 96 01 25 0000803f 33 08 01 34')],
}

/** Ranges lie in their parents and in the input, and the tree keeps its bounds. */
function check(decoded: Decoded, length: number): void {
  let count = 0
  const walk = (fields: readonly Field[], from: number, to: number, depth: number): void => {
    expect(depth).toBeLessThanOrEqual(MAX_DEPTH + 1)
    for (const field of fields) {
      count++
      if (!(field.from >= from && field.from <= field.to && field.to <= to))
        expect.fail(`${field.name} [${field.from}, ${field.to}) lies outside [${from}, ${to})`)
      if (field.children !== undefined) walk(field.children, field.from, field.to, depth + 1)
    }
  }
  walk(decoded.fields, 0, length, 1)
  // The problems at the end are told beyond the bound.
  expect(count).toBeLessThanOrEqual(MAX_FIELDS + 2)
  expect(decoded.usedBytes).toBeLessThanOrEqual(length)
}
const problems = (fields: readonly Field[]): string[] =>
  flatten(fields).flatMap(({ field }) =>
    field.problem === undefined ? [] : [`${field.name}: ${field.problem}`],
  )
function find(decoded: Decoded, name: string): Field {
  const found = flatten(decoded.fields).find(({ field }) => field.name === name)
  if (found === undefined) expect.fail(`no field ${name} in\n${treeText(decoded.fields)}`)
  return found.field
}
const part = (bytes: Uint8Array, { from, to }: Field): string =>
  new TextDecoder().decode(bytes.slice(from, to))

describe.each(names)('%s', (name) => {
  test('well-formed messages are read to their end, with every byte in a field', () => {
    for (const bytes of samples[name]) {
      const decoded = decode(name, bytes)
      check(decoded, bytes.length)
      expect(problems(decoded.fields)).toEqual([])
      expect(decoded).toMatchObject({ usedBytes: bytes.length, needsMore: false })
      if (name === 'json') continue
      const held = decoded.fields.reduce((at, field) => (field.from === at ? field.to : -1), 0)
      expect(held).toBe(bytes.length)
    }
  })
  test('any bytes, and any damage to good ones, give a tree within its bounds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, isStream) => {
        const transport = isStream ? 'stream' : 'datagram'
        check(decode(name, bytes, { transport }), bytes.length)
        guess(bytes, { transport, ports: [53, 1883] })
      }),
    )
    for (const sample of samples[name])
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 4 }),
          (changes) => {
            const bytes = sample.slice()
            for (const [at, byte] of changes) bytes[at] = byte
            check(decode(name, bytes), bytes.length)
          },
        ),
      )
  })
  test('cut anywhere, it gives the fields up to there', () => {
    for (const sample of samples[name])
      for (let length = 0; length < sample.length; length++)
        check(decode(name, sample.subarray(0, length)), length)
  })
  test('a mebibyte of anything ends soon', () => {
    for (const byte of [0, 0x0a, 0x22, 0x30, 0x5b, 0x61, 0x7b, 0x81, 0x91, 0xc0, 0xd8, 0xff]) {
      const began = performance.now()
      const bytes = new Uint8Array(MAX_INPUT_BYTES + 9).fill(byte)
      check(decode(name, bytes), bytes.length)
      guess(bytes)
      expect(performance.now() - began).toBeLessThan(3000)
    }
  }, 60_000)
})

test('each sample is guessed from its bytes', () => {
  for (const name of names)
    for (const bytes of samples[name])
      expect([name, guess(bytes, { transport: 'datagram' })]).toEqual([name, name])
})

test('HTTP tells heads, bodies and chunks', () => {
  const [pipelined, inChunks] = samples.http as [Uint8Array, Uint8Array]
  const two = decode('http', pipelined)
  expect(two.fields.map((each) => each.value)).toEqual(['GET /a?b=c HTTP/1.1', 'POST / HTTP/1.1'])
  expect(part(pipelined, find(two, 'target'))).toBe('/a?b=c')
  expect(part(pipelined, find(two, 'body'))).toBe('abc')
  const body = find(decode('http', inChunks), 'body')
  expect(body).toMatchObject({ value: '9 B in chunks' })
})

test('DNS follows names that are pointed at, and no loop', () => {
  const decoded = decode('dns', hex(DNS_ANSWER))
  expect(decoded.summary).toBe('DNS: response, no error (0), 2 answers www.example.com A')
  expect(find(decoded, 'answer').value).toBe('www.example.com CNAME cse.example.com')
  expect(find(decoded, 'address').value).toBe('93.184.216.34')
  const loop = decode('dns', hex('1234 0100 0001 0000 0000 0000 c00c 0001 0001'))
  expect(problems(loop.fields)[0]).toMatch(/loop|ahead/)
  const framed = Uint8Array.of(0, hex(DNS_ANSWER).length, ...hex(DNS_ANSWER))
  expect(decode('dns', framed, { transport: 'stream' }).needsMore).toBe(false)
})

test('TLS tells the server name, the versions and the suites', () => {
  const decoded = decode('tls', hex(HELLO))
  expect(find(decoded, 'extension server name').value).toBe('localhost')
  expect(find(decoded, '[0]').value).toBe('TLS_AES_128_GCM_SHA256 (0x1301)')
  expect(find(decoded, 'extension supported versions').value).toContain('TLS 1.3')
})

test('damage in one record leaves the next ones readable', () => {
  const bytes = hex('16 0303 0005 01 000001 03 15 0303 0002 02 28')
  const { fields } = decode('tls', bytes)
  expect(problems(fields)).toEqual(['unreadable: Goes past the end of body.'])
  expect(fields[1]).toMatchObject({ value: 'alert: fatal handshake failure (40)', from: 10, to: 17 })
})

test('a byte belongs to its innermost field', () => {
  const bytes = utf8('{"a": [10, 20]}')
  const nodes = flatten(decode('json', bytes).fields)
  expect(nodes[innermostAt(nodes, 11)]?.field).toMatchObject({ name: '[1]', value: '20', from: 11, to: 13 })
  expect(innermostAt(nodes, 99)).toBe(-1)
})

test.each(['cbor', 'messagepack'] as const)('%s values are what their library encoded', (name) => {
  const json = fc.jsonValue({ noUnicodeString: false, maxDepth: 4 })
  fc.assert(
    fc.property(json, (any) => {
      const bytes = name === 'cbor' ? encodeCbor(any) : encodeMessagePack(any)
      const decoded = decode(name, bytes)
      expect(problems(decoded.fields)).toEqual([])
      expect(decoded.usedBytes).toBe(bytes.length)
      const leaves = flatten(decoded.fields).filter(({ field }) => field.children === undefined)
      expect(leaves.length).toBe(countLeaves(any))
    }),
  )
})
function countLeaves(any: unknown): number {
  if (typeof any !== 'object' || any === null) return 1
  const inside = Object.values(any).reduce((sum: number, each) => sum + countLeaves(each), 0)
  return inside === 0 ? 1 : inside
}
