import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLog, type Log } from './log'
import { openSettings } from './settings'

let folder: string
let log: Log
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'settings-'))
  log = openLog(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const file = () => path.join(folder, 'settings.json')

test('what was written is read back by the next start', async () => {
  const settings = await openSettings(file(), log)
  settings.write('theme', '"dark"')
  settings.write('__proto__', '{"polluted":true}')
  await settings.flush()
  const again = await openSettings(file(), log)
  expect(again.read('theme')).toBe('"dark"')
  expect(again.read('__proto__')).toBe('{"polluted":true}')
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test('many writes at once end with the last one, in one whole file and no leftovers', async () => {
  const settings = await openSettings(file(), log)
  for (let count = 0; count < 1000; count++) settings.write('count', String(count))
  await settings.flush()
  expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({ version: 1, values: [['count', '999']] })
  expect((await readdir(folder)).filter((name) => name.startsWith('settings'))).toEqual(['settings.json'])
})

test.each([
  ['torn in the middle', '{"version":1,"values":[["theme","\\"da'],
  ['of a version that is not known', '{"version":2,"values":[]}'],
  ['with values that are not texts', '{"version":1,"values":[["theme",{"a":1}]]}'],
  ['empty', ''],
])('a file %s is set aside with a word, and defaults are used', async (_how, text) => {
  await writeFile(file(), text)
  const settings = await openSettings(file(), log)
  expect(settings.read('theme')).toBeNull()
  const aside = (await readdir(folder)).filter((name) => name.startsWith('settings.corrupt-'))
  expect(aside).toHaveLength(1)
  expect(await readFile(path.join(folder, aside[0] ?? ''), 'utf8')).toBe(text)
  expect(await readFile(log.file, 'utf8')).toContain('set aside')
})

test('a page that makes up keys without end is stopped', async () => {
  const settings = await openSettings(file(), log)
  const taken = Array.from({ length: 500 }, (_, index) => settings.write(`key ${index}`, '1'))
  expect(taken.filter(Boolean)).toHaveLength(200)
  expect(settings.write('key 0', '2')).toBe(true)
  await settings.flush()
})

test('a place where nothing can be saved is told to the log, and the values live on in memory', async () => {
  log.info('so that there is a file where a folder would have to be')
  const settings = await openSettings(path.join(log.file, 'settings.json'), log)
  expect(settings.write('theme', '"dark"')).toBe(true)
  await settings.flush()
  expect(settings.read('theme')).toBe('"dark"')
  expect(await readFile(log.file, 'utf8')).toContain('could not be saved')
})
