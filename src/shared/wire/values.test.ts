import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { valuesOf } from './values'

const byName = (bytes: Uint8Array) => new Map(valuesOf(bytes).map((value) => [value.name, value]))

test('integers and floats are those that Python’s struct reads, in both orders', () => {
  const codes = { u8: 'B', i8: 'b', u16: 'H', i16: 'h', u32: 'I', i32: 'i', u64: 'Q', i64: 'q', f64: 'd' }
  const samples = fc.sample(fc.uint8Array({ minLength: 8, maxLength: 8 }), { numRuns: 60, seed: 7 })
  const program = [
    'import struct, json, sys',
    `codes = ${JSON.stringify(codes)}`,
    'for line in sys.stdin:',
    '  b = bytes.fromhex(line)',
    '  print(json.dumps({n: [repr(struct.unpack_from(o + c, b)[0]) for o in "<>"] for n, c in codes.items()}))',
  ].join('\n')
  const input = samples.map((bytes) => Buffer.from(bytes).toString('hex')).join('\n')
  const lines = execFileSync('python3', ['-c', program], { input, encoding: 'utf8' }).trim().split('\n')
  for (const [at, bytes] of samples.entries()) {
    const theirs = JSON.parse(lines[at] ?? '') as Record<string, [string, string]>
    const ours = byName(bytes)
    for (const [name, [little, big]] of Object.entries(theirs)) {
      const value = ours.get(name)
      if (name === 'f64')
        expect([Number(value?.little), Number(value?.big)]).toEqual([Number(little), Number(big)])
      else expect([value?.little, value?.big]).toEqual([little, big])
    }
  }
})

test('a short float is shown as short as it reads back', () => {
  const single = new Uint8Array(new Float32Array([0.1]).buffer)
  expect(byName(single).get('f32')?.little).toBe('0.1')
  fc.assert(
    fc.property(fc.float(), (value) => {
      const shown = byName(new Uint8Array(new Float32Array([value]).buffer)).get('f32')?.little
      expect(Math.fround(Number(shown))).toBe(value)
    }),
  )
})

test('times are told in UTC, and what no calendar has is a dash', () => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setUint32(0, 0xffff_ffff)
  expect(byName(bytes).get('time s')?.big).toBe('2106-02-07T06:28:15Z')
  expect(byName(new Uint8Array(8).fill(0x7f)).get('time ms')?.big).toBe('–')
  new DataView(bytes.buffer).setBigInt64(0, -1n)
  expect(byName(bytes).get('time ms')?.big).toBe('1969-12-31T23:59:59.999Z')
})

test('times of every form are those that Python reckons, to their last digit', () => {
  const program = [
    'import json, sys, struct',
    'from datetime import datetime, timedelta',
    'def iso(epoch, nanos, digits):',
    '  at = epoch + timedelta(seconds=nanos // 10**9)',
    '  return at.strftime("%Y-%m-%dT%H:%M:%S") + "." + ("%09d" % (nanos % 10**9))[:digits] + "Z"',
    'for line in sys.stdin:',
    '  ns, = struct.unpack(">q", bytes.fromhex(line))',
    '  unix, y1900, y1601 = datetime(1970,1,1), datetime(1900,1,1), datetime(1601,1,1)',
    '  u = ns & (2**64 - 1)',
    '  era = 0 if u >> 63 else 2**32',
    '  print(json.dumps({"time ns": iso(unix, ns, 9), "time µs": iso(unix, ns // 1000 * 1000, 9),',
    '    "NTP": iso(y1900, ((u >> 32) + era) * 10**9 + ((u & (2**32-1)) * 10**9 >> 32), 9),',
    '    "FILETIME": iso(y1601, u * 100, 7) if u < 2 * 10**18 else None}))',
  ].join('\n')
  const samples = fc.sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { numRuns: 60, seed: 3 })
  samples.push(0n, -1n, 2n ** 62n, 133_000_000_000_000_001n)
  const bytesOf = (value: bigint): Uint8Array => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, value)
    return bytes
  }
  const input = samples.map((each) => Buffer.from(bytesOf(each)).toString('hex')).join('\n')
  const lines = execFileSync('python3', ['-c', program], { input, encoding: 'utf8' }).trim().split('\n')
  for (const [at, sample] of samples.entries()) {
    const theirs = JSON.parse(lines[at] ?? '') as Record<string, string | null>
    const ours = byName(bytesOf(sample))
    for (const name of ['time ns', 'NTP', 'FILETIME']) {
      if (theirs[name] !== null) expect(ours.get(name)?.big).toBe(theirs[name])
    }
    const micros = byName(bytesOf(BigInt.asIntN(64, sample / 1000n))).get('time µs')?.big
    if (sample >= 0n) expect(`${micros?.slice(0, -1)}000Z`).toBe(theirs['time µs'])
    expect(byName(bytesOf(sample).toReversed()).get('NTP')?.little).toBe(ours.get('NTP')?.big)
  }
})

test('a range of another length than a machine word is one integer too, in both orders', () => {
  const of = (bytes: Uint8Array) => new Map(valuesOf(bytes, bytes.length).map((value) => [value.name, value]))
  const three = of(Uint8Array.of(0xff, 0x00, 0x01))
  expect(three.get('u24')).toEqual({ name: 'u24', little: String(0x0100ff), big: String(0xff0001) })
  expect(three.get('i24')?.big).toBe(String(0xff0001 - 0x1000000))
  expect(of(new Uint8Array(16).fill(0xff)).get('u128')?.big).toBe(String(2n ** 128n - 1n))
  expect([...of(new Uint8Array(17)).keys()]).toEqual([...of(new Uint8Array(4)).keys()])
})

test('a range that is too short says nothing of the longer forms', () => {
  const values = byName(Uint8Array.of(1, 2, 3))
  expect(values.get('u16')).toEqual({ name: 'u16', little: '513', big: '258' })
  expect(values.get('u32')).toEqual({ name: 'u32', little: null, big: null })
  expect(byName(new Uint8Array(0)).get('u8')?.little).toBeNull()
})
