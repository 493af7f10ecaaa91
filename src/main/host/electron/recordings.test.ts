import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newRecording, recordingName, removeRecording } from './recordings'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'recordings-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const noon = new Date(2026, 2, 1, 12, 5, 9)

test('a recording is named by the local time at which it began, with nothing that Windows forbids', () => {
  expect(recordingName(noon)).toBe('2026-03-01T12-05-09')
})

test('two sessions that begin in one second get two files', async () => {
  const inside = path.join(folder, 'made', 'on demand')
  const first = await newRecording(inside, noon)
  await writeFile(first, '')
  const second = await newRecording(inside, noon)
  expect([first, second].map((file) => path.basename(file))).toEqual([
    '2026-03-01T12-05-09.swb',
    '2026-03-01T12-05-09-2.swb',
  ])
})

test('a recording that says nothing is removed with its index, and nothing else is', async () => {
  const file = await newRecording(folder, noon)
  await writeFile(file, '')
  await writeFile(`${file}.idx`, '')
  await writeFile(path.join(folder, 'other.swb'), '')
  await removeRecording(file)
  expect(await readdir(folder)).toEqual(['other.swb'])
})
