import fs from 'node:fs'
import { expect, test } from 'vitest'
import { openRecording } from './index/opened'
import { indexFileOf } from './indexPath'
import { overview } from './overview'
import { interfaceDescription, LINK, sectionHeader } from './pcapng'
import { resumeCapture } from './resume'
import { Folder, value } from './testing/folder'
import { migrated, SESSION_VERSION, sessionVersions } from './versions'

const words = {
  kind: 'session',
  id: '12345678-1234-1234-1234-123456789abc',
  application: 'Switchboard 9.1.0',
  epochNanos: String(BigInt(Date.now()) * 1_000_000n),
}

/** A recording of some version, as it would begin. */
function written(file: string, of: object): string {
  const blocks = [
    sectionHeader('Switchboard', 'Linux', JSON.stringify({ ...words, ...of })),
    interfaceDescription(LINK.raw, 'C1', 'dialled tcp://127.0.0.1:1'),
  ]
  fs.writeFileSync(file, Buffer.concat(blocks))
  fs.rmSync(indexFileOf(file), { force: true })
  return file
}

test('a session of an older version is taken as if it were of this one, and stays as it is', async () => {
  await using folder = await Folder.make()
  const file = written(folder.file(), { v: 1 })
  const bytes = fs.readFileSync(file)
  const opened = value(await openRecording(file))
  expect(opened).toMatchObject({ application: 'Switchboard 9.1.0', warnings: [] })
  await opened.close()
  expect(value(await overview(file))).toMatchObject({ warnings: [], sockets: [{ id: 'C1' }] })
  const { capture } = value(await resumeCapture({ file, application: 'test' }))
  expect(capture.ids()).toEqual(['C1'])
  await capture.close()
  expect(fs.readFileSync(file).equals(bytes)).toBe(true)
})

test('each step leads to the next version', () => {
  expect(Object.keys(sessionVersions.steps).map(Number)).toEqual(
    Array.from({ length: SESSION_VERSION - 1 }, (_, n) => n + 1),
  )
  for (let version = 1; version <= SESSION_VERSION; version++)
    expect(migrated({ ...words, v: version, needs: '0.1.0' })).toMatchObject({
      ...words,
      v: SESSION_VERSION,
      needs: '0.1.0',
    })
  expect(migrated({ ...words, v: 1 })).toEqual({ ...words, v: 2, needs: '0.1.0' })
  for (const version of [0, -1, 1.5, '1', null, undefined])
    expect(migrated({ ...words, v: version })).toBeNull()
})

test('a session of a newer version is refused with a word on what reads it', async () => {
  await using folder = await Folder.make()
  const file = written(folder.file(), { v: SESSION_VERSION + 1, needs: '2.3.0', other: [{}] })
  const bytes = fs.readFileSync(file)
  const fault = {
    code: 'SB_NEWER',
    summary: `${file} was written by Switchboard 9.1.0, in version 3 of the format; this one reads up to 2.`,
    hint: 'Open it with Switchboard 2.3.0 or a later one.',
  }
  for (const reply of [
    await openRecording(file),
    await overview(file),
    await resumeCapture({ file, application: 'test' }),
  ])
    expect(reply).toMatchObject({ ok: false, fault })
  expect(fs.readFileSync(file).equals(bytes)).toBe(true)
  expect(fs.readdirSync(folder.path)).toEqual(['1.swb'])
  written(file, { v: 1e9, application: 7 })
  expect(await openRecording(file)).toMatchObject({
    fault: { code: 'SB_NEWER', hint: 'Open it with that version.' },
  })
})
