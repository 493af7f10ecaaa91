import { path7za } from '7zip-bin'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unzip } from './zip.mjs'

let folder: string
const at = (...parts: string[]): string => path.join(folder, ...parts)

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchboard-zip-'))
  mkdirSync(at('in', 'deep'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function pack(...options: string[]): string {
  chmodSync(path7za, 0o755)
  execFileSync(path7za, ['a', '-tzip', ...options, at('it.zip'), 'in'], { cwd: folder, stdio: 'ignore' })
  return at('it.zip')
}

test('files come out as they went in, packed or stored, empty or large', async () => {
  const large = Buffer.alloc(3_000_000, 'switchboard ')
  writeFileSync(at('in', 'deep', 'large'), large)
  writeFileSync(at('in', 'empty'), '')
  for (const level of ['-mx=0', '-mx=5']) {
    rmSync(at('it.zip'), { force: true })
    await unzip(pack(level), at('out', level))
    expect(readFileSync(at('out', level, 'in', 'deep', 'large')).equals(large)).toBe(true)
    expect(statSync(at('out', level, 'in', 'empty')).size).toBe(0)
  }
})

test.skipIf(process.platform === 'win32')('modes and symbolic links are kept', async () => {
  writeFileSync(at('in', 'program'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(at('in', 'text'), 'text', { mode: 0o644 })
  symlinkSync('program', at('in', 'link'))
  await unzip(pack('-snl'), at('out'))
  expect(statSync(at('out', 'in', 'program')).mode & 0o777).toBe(0o755)
  expect(statSync(at('out', 'in', 'text')).mode & 0o777).toBe(0o644)
  expect(lstatSync(at('out', 'in', 'link')).isSymbolicLink()).toBe(true)
  expect(readlinkSync(at('out', 'in', 'link'))).toBe('program')
})

test('what is not wanted is left out, and what is wanted can be put elsewhere', async () => {
  writeFileSync(at('in', 'a'), 'a')
  writeFileSync(at('in', 'b'), 'b')
  await unzip(pack(), at('out'), (name) => (name === 'in/a' ? 'renamed' : undefined))
  expect(readFileSync(at('out', 'renamed'), 'utf8')).toBe('a')
  expect(() => statSync(at('out', 'in'))).toThrow('ENOENT')
})

test('nothing is written outside of the folder', async () => {
  writeFileSync(at('in', 'a'), 'a')
  await expect(unzip(pack(), at('out'), () => '../escaped')).rejects.toThrow('leads out of the folder')
  expect(() => statSync(at('escaped'))).toThrow('ENOENT')
})

test('a torn file is refused', async () => {
  writeFileSync(at('in', 'a'), Buffer.alloc(1000, 'a'))
  const whole = readFileSync(pack())
  writeFileSync(at('torn.zip'), whole.subarray(0, whole.length - 30))
  await expect(unzip(at('torn.zip'), at('out'))).rejects.toThrow('torn')
})
