import { execFileSync } from 'node:child_process'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64, cArray, javascriptArray, pythonBytes, shellLine } from './literal'

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const samples = [every, new Uint8Array(0), Uint8Array.from([...every, ...every].reverse())]
const greeting = new TextEncoder().encode("it's 100%\r\n\\")

test('a shell prints exactly the bytes', () => {
  for (const bytes of samples)
    expect(Uint8Array.from(execFileSync('sh', ['-c', shellLine(bytes, null)]))).toEqual(bytes)
})

test('the line for a shell names where the bytes go', () => {
  const to = (endpoint: Parameters<typeof shellLine>[1]) => shellLine(greeting, endpoint)
  expect(to({ kind: 'tcp', host: '::1', port: 8060 })).toBe("printf 'it\\047s 100%%\\r\\n\\\\' | nc ::1 8060")
  expect(to({ kind: 'udp', host: '127.0.0.1', port: 53 })).toContain('| nc -u -w1 127.0.0.1 53')
  expect(to({ kind: 'unix', path: "/tmp/it's" })).toContain(`| nc -U '/tmp/it'\\''s'`)
})

test('Python reads exactly the bytes', () => {
  for (const bytes of samples) {
    const program = `import sys; sys.stdout.buffer.write(${pythonBytes(bytes)})`
    expect(Uint8Array.from(execFileSync('python3', ['-c', program]))).toEqual(bytes)
  }
})

test('JavaScript reads exactly the bytes', () => {
  for (const bytes of samples) {
    const read: unknown = runInNewContext(javascriptArray(bytes), { Uint8Array })
    expect(read).toEqual(bytes)
  }
})

test('a C array has as many elements as it says, and each byte in its place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      const text = cArray(bytes)
      expect(text).toContain(`data[${bytes.length}] = {`)
      const numbers = [...text.matchAll(/0x([0-9a-f]{2}),/g)].map(([, digits]) => parseInt(digits ?? '', 16))
      expect(Uint8Array.from(numbers)).toEqual(bytes)
    }),
  )
  expect(cArray(new Uint8Array(0))).toContain('data[1] = {\n  0\n}')
})

test('base64 is that of RFC 4648', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
    }),
  )
})
