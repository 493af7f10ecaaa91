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
  expect(byName(bytes).get('time s')?.big).toBe('2106-02-07T06:28:15.000Z')
  expect(byName(new Uint8Array(8).fill(0x7f)).get('time ms')?.big).toBe('–')
  new DataView(bytes.buffer).setBigInt64(0, -1n)
  expect(byName(bytes).get('time ms')?.big).toBe('1969-12-31T23:59:59.999Z')
})

test('a range that is too short says nothing of the longer forms', () => {
  const values = byName(Uint8Array.of(1, 2, 3))
  expect(values.get('u16')).toEqual({ name: 'u16', little: '513', big: '258' })
  expect(values.get('u32')).toEqual({ name: 'u32', little: null, big: null })
  expect(byName(new Uint8Array(0)).get('u8')?.little).toBeNull()
})
