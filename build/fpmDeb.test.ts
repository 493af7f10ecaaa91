import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('fpmDeb.mjs', import.meta.url))

let folder: string
const at = (...parts: string[]): string => path.join(folder, ...parts)

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchboard-deb-'))
  mkdirSync(at('files'))
  writeFileSync(at('files', 'program'), '#!/bin/sh\n', { mode: 0o700 })
  writeFileSync(at('files', 'text'), 'text\n', { mode: 0o600 })
  writeFileSync(at('postinst'), '#!/bin/sh\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function makeDeb(output: string, ...more: string[]): { status: number | null; stderr: string } {
  const options = [
    ...['-s', 'dir', '--force', '-t', 'deb', '-d', 'libc6', '-d', 'socat', '--deb-compression', 'gz'],
    ...['--architecture', 'all', '--after-install', at('postinst'), '--description', 'Short\n Longer words'],
    ...['--version', '1.2.3', '--package', output, '--name', 'Trial', '--maintainer', 'A <a@b.invalid>'],
  ]
  return spawnSync(process.execPath, [PROGRAM, ...options, ...more], {
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
  })
}

describe.skipIf(!existsSync('/usr/bin/dpkg-deb'))('a .deb', () => {
  test('holds the files, their modes, the scripts and what it depends on', () => {
    const made = makeDeb(at('it.deb'), `${at('files')}/=/opt/Trial`)
    expect(made).toMatchObject({ status: 0, stderr: '' })
    const listing = execFileSync('dpkg-deb', ['-c', at('it.deb')], { encoding: 'utf8' })
    expect(listing).toMatch(/^-rwxr-xr-x root\/root .* \.\/opt\/Trial\/program$/m)
    expect(listing).toMatch(/^-rw-r--r-- root\/root .* \.\/opt\/Trial\/text$/m)
    const fields = execFileSync('dpkg-deb', ['-f', at('it.deb')], { encoding: 'utf8' })
    expect(fields).toContain('Package: trial\nVersion: 1.2.3\n')
    expect(fields).toContain('Depends: libc6, socat\n')
    expect(fields).toContain('Description: Short\n Longer words\n')
    execFileSync('dpkg-deb', ['-e', at('it.deb'), at('control')])
    expect(readFileSync(at('control', 'postinst'), 'utf8')).toBe('#!/bin/sh\n')
    expect(readFileSync(at('control', 'md5sums'), 'utf8')).toContain('  opt/Trial/text\n')
  })

  test('is the same file when made twice', () => {
    makeDeb(at('one.deb'), `${at('files')}/=/opt/Trial`)
    makeDeb(at('two.deb'), `${at('files')}/=/opt/Trial`)
    expect(readFileSync(at('one.deb')).equals(readFileSync(at('two.deb')))).toBe(true)
  })
})

test.each([
  ['an option that it does not know', ['--rpm-os', 'linux'], '--rpm-os'],
  ['a compression that it does not know', ['--deb-compression', 'lzma'], 'no such compression: lzma'],
  ['a target outside of the package', ['files=/../../escaped'], 'outside of the package'],
  ['something that is no SOURCE=TARGET', ['files'], 'not SOURCE=TARGET: files'],
])('%s is refused', (_what, words, reason) => {
  const refused = makeDeb(at('it.deb'), ...words)
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain(reason)
  expect(existsSync(at('it.deb'))).toBe(false)
})
