import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRecording } from '../capture/index/opened'
import { indexFileOf } from '../capture/indexPath'
import { rmSync } from 'node:fs'
import { marksIn } from './marks'
import { createService } from './service'
import { listens } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let session: Session
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = join(folder.path, 'session.swb')
  const created = await createService({ file, application: 'test' })
  if (!created.ok) throw new Error(created.fault.summary)
  session = new Session(created.value)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('marks are kept with the recording, with or without its index; the last word for a row holds', async () => {
  await using listener = await listens()
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  for (let n = 0; n < 5; n++) await session.call('connection.send', { id, bytes: Buffer.from(`row ${n}`) })
  await session.call('marks.set', { id, row: 1, note: 'the “first” é', colour: 'amber' })
  await session.call('marks.set', { id, row: 2, note: '', colour: 'red' })
  await session.call('marks.set', { id, row: 3, note: 'gone', colour: 'blue' })
  await session.call('marks.set', { id, row: 1, note: 'changed\nin two lines', colour: 'green' })
  await session.call('marks.remove', { id, row: 3 })
  await session.until('marks.changed', (changed) => changed.id === id)
  const marks = [
    { id, row: 1, note: 'changed\nin two lines', colour: 'green' },
    { id, row: 2, note: '', colour: 'red' },
  ]
  expect(await session.call('marks.list', { id })).toEqual(marks)
  expect(await session.refusal('marks.set', { id, row: 99, note: '', colour: 'red' })).toBe('SB_INPUT')
  const { size } = await session.call('capture.read', { id, from: 0, to: 1 })
  await session[Symbol.asyncDispose]()

  for (const hasIndex of [true, false]) {
    if (!hasIndex) rmSync(indexFileOf(file))
    const opened = await openRecording(file)
    if (!opened.ok) throw new Error(opened.fault.summary)
    expect(opened.value.isRebuilt).toBe(!hasIndex)
    expect(opened.value.warnings).toEqual([])
    expect(marksIn(await opened.value.others()).toSorted((a, b) => a.row - b.row)).toEqual(marks)
    // They are no rows.
    expect(opened.value.size(id).rows).toBeGreaterThanOrEqual(size.rows)
    await opened.value.close()
  }
  // Wireshark reads past them without a word: execFileSync rejects on a failure.
  const packets = execFileSync('tshark', ['-n', '-r', file, '-Y', 'tcp.len > 0'], { encoding: 'utf8' })
  expect(packets.trim().split('\n').length).toBe(5)
})

test('of a mark only what is told changes, whoever told what is left out; it goes as it was last', async () => {
  await using listener = await listens()
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  await session.call('connection.send', { id, bytes: Buffer.from('a row') })
  await session.call('marks.set', { id, row: 1 })
  // Nobody waits for what came of the word before: each knows of its own alone.
  await Promise.all([
    session.call('marks.set', { id, row: 1, note: 'the turning point' }),
    session.call('marks.set', { id, row: 1, colour: 'green' }),
  ])
  const mark = { id, row: 1, note: 'the turning point', colour: 'green' }
  expect(await session.call('marks.list', { id })).toEqual([mark])
  expect(await session.call('marks.remove', { id, row: 1 })).toEqual(mark)
  expect(await session.call('marks.remove', { id, row: 1 })).toBeNull()
  await session.call('marks.set', { id, row: 1 })
  expect(await session.call('marks.list', { id })).toEqual([{ id, row: 1, note: '', colour: 'amber' }])
})
