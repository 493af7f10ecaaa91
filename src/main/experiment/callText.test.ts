import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { callPy, rejected, taken } from './testing/callLines'
import { CallTextError, parseCall } from './callText'

describe('a line of Python that makes a socket call', () => {
  test.each(taken)('%s', (line, names, of) => {
    expect(parseCall(line)).toEqual({ names, of })
  })

  test.each(rejected)('%s is refused: %s', (line, message) => {
    expect(() => parseCall(line)).toThrow(CallTextError)
    expect(() => parseCall(line)).toThrow(message)
  })

  test.skipIf(spawnSync('python3', ['-V']).status !== 0)(
    'is one that Python itself takes, and means the same',
    () => {
      const bytes = taken.flatMap(([line, , of]) =>
        'bytes' in of ? [[line, Buffer.from(of.bytes).toString('hex')]] : [],
      )
      const { stdout, stderr } = spawnSync('python3', ['-c', callPy], {
        input: JSON.stringify(taken.map(([line]) => line)),
        encoding: 'utf8',
      })
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toEqual(bytes)
    },
  )
})
