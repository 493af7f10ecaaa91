import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { indexFileOf } from './indexPath'
import { unfinishedRecordings } from './recovery'
import { resumeCapture } from './resume'
import { bundle } from './testing/bundle'
import { Folder, pattern, value } from './testing/folder'

test('a recording whose process was killed is found, and no other', async () => {
  await using folder = await Folder.make()
  await using elsewhere = await Folder.make()
  const writer = await bundle(new URL('./testing/writer.ts', import.meta.url), elsewhere.path)
  expect(await unfinishedRecordings(folder.file('nowhere'))).toEqual([])
  const closed = await folder.record()
  closed.track('C1', 'tcp', '').chunk('in', pattern(1, 0, 10))
  await closed.close()
  const goesOn = await folder.record()
  goesOn.track('C1', 'tcp', '').chunk('in', pattern(1, 0, 10))
  await goesOn.flush()
  fs.writeFileSync(folder.file('other.txt'), 'x')
  fs.mkdirSync(folder.file('folder.swb'))
  expect(await unfinishedRecordings(folder.path)).toEqual([])

  const file = folder.file()
  const child = spawn(process.execPath, [writer, file, '3000'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let lines = 0
  for await (const line of createInterface(child.stdout))
    if (line !== '' && ++lines === 5) child.kill('SIGKILL')
  if (child.signalCode === null) await once(child, 'exit')
  const { size, mtimeMs } = fs.statSync(file)
  const found = { file, bytes: size, endedAtMs: mtimeMs, sockets: 1 }
  expect(await unfinishedRecordings(folder.path)).toEqual([found])
  // Its sockets are told without an index, too; and it is found where its lock was removed.
  const index = fs.readFileSync(indexFileOf(file))
  fs.rmSync(indexFileOf(file))
  expect(await unfinishedRecordings(folder.path)).toEqual([found])
  fs.writeFileSync(indexFileOf(file), index)
  fs.rmSync(`${file}.lock`)
  expect(await unfinishedRecordings(folder.path)).toEqual([found])

  const { capture } = value(await resumeCapture({ file, application: 'test' }))
  expect(await unfinishedRecordings(folder.path)).toEqual([])
  await capture.close()
  expect(await unfinishedRecordings(folder.path)).toEqual([])
  await goesOn.close()
})

test('an index of nonsense does not keep it from being looked at', async () => {
  await using folder = await Folder.make()
  const file = folder.file('x.swb')
  fs.writeFileSync(file, pattern(3, 0, 5000))
  for (const bytes of [Buffer.alloc(40 * 100, 0xff), Buffer.alloc(4003), Buffer.alloc(0)]) {
    fs.writeFileSync(indexFileOf(file), bytes)
    expect(await unfinishedRecordings(folder.path)).toMatchObject([{ file, bytes: 5000, sockets: 0 }])
  }
})
