import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLog } from './log'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a line holds its time, its level and its fields, and is in the file at once', async () => {
  const log = openLog(path.join(folder, 'logs'))
  log.info('received', { connection: 'C1', bytes: 12 })
  log.error('refused')
  expect(await readFile(log.file, 'utf8')).toMatch(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z info received \{"connection":"C1","bytes":12\}\n\S+ error refused \{\}\n$/,
  )
})

test('a line break in a field cannot forge a second line', async () => {
  const log = openLog(folder)
  log.info('asked', { url: 'x\n2026-01-01T00:00:00.000Z error forged {}' })
  expect((await readFile(log.file, 'utf8')).trimEnd().split('\n')).toHaveLength(1)
})

test('the file is turned over at 1 MB, and the one before it is kept', async () => {
  const log = openLog(folder)
  const text = 'x'.repeat(10_000)
  for (let count = 0; count < 250; count++) log.info(text)
  expect((await stat(log.file)).size).toBeLessThanOrEqual(1024 * 1024)
  expect((await stat(path.join(folder, 'main.old.log'))).size).toBeLessThanOrEqual(1024 * 1024)
})
