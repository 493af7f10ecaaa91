import { expect, test } from 'vitest'
import { type ReferencePage } from '../shared/model/reference'
import { commandLine } from './testing/commandLine'

const cli = commandLine()

test('a word is explained, however it is written', async () => {
  await using told = cli.start('explain', 'econnrefused')
  expect(await told.exit()).toBe(0)
  expect(told.lines[0]).toBe('ECONNREFUSED, error')
  expect(told.stdout).toMatch(/^what to do +\S/m)
  expect(told.stdout).toMatch(/^number on Linux +111$/m)
  expect(told.stdout).toMatch(/^read on +errno\(3\) · RFC 9293, 3\.5\.2/m)
  for (const line of told.lines) expect(line.length).toBeLessThanOrEqual(110)
})

test('a word of several words, and a call with its errors', async () => {
  await using several = cli.start('explain', 'accept', 'queue')
  expect(await several.exit()).toBe(0)
  expect(several.lines[0]).toMatch(/^accept queue, word/)
  await using call = cli.start('explain', 'accept(2)')
  expect(await call.exit()).toBe(0)
  expect(call.stdout).toMatch(/^blocks +While the queue is empty\.$/m)
  expect(call.stdout).toMatch(/^EMFILE +/m)
})

test('as JSON it is the page itself', async () => {
  await using told = cli.start('explain', 'SO_REUSEADDR', '--json')
  expect(await told.exit()).toBe(0)
  const page = JSON.parse(told.stdout) as ReferencePage
  expect(page).toMatchObject({
    word: 'SO_REUSEADDR',
    kind: 'option',
    lessons: expect.arrayContaining(['02-address-in-use']) as unknown,
  })
})

test('what has no page is refused in one line that names what is near', async () => {
  await using told = cli.start('explain', 'reuse')
  expect(await told.exit()).toBe(2)
  expect(told.stderr).toMatch(/^switchboard: .*no page for "reuse".*SO_REUSEADDR[^\n]*\n$/)
  expect(told.stdout).toBe('')
})
