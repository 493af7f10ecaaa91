import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MAX_ARRANGEMENT_LENGTH } from '../../shared/contract/limits'
import { type Fault } from '../../shared/model/fault'
import { type ListenerSummary } from '../../shared/model/summary'
import { createService, type LocalService } from './service'
import { type ServiceOptions } from './api'
import { dials } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let file: string
const logged: string[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
  file = join(folder.path, 'session.swb')
})
afterEach(async () => {
  await folder[Symbol.asyncDispose]()
  expect(logged.splice(0)).toEqual([])
})

async function begin(mode: NonNullable<ServiceOptions['mode']>, at = file) {
  const created = await createService({ file: at, application: 'Switchboard test', mode }, (text) =>
    logged.push(text),
  )
  if (!created.ok) throw new Error(JSON.stringify(created.fault))
  return { service: created.value, session: new Session(created.value) }
}

function portOf(summary: ListenerSummary): number {
  if (summary.state.phase !== 'listening' || summary.state.at.kind !== 'tcp')
    throw new Error('it does not listen')
  return summary.state.at.port
}

/** Two callers of a listener that answers; both have hung up. */
async function converse(session: Session, first: number): Promise<void> {
  const listener = await session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'upper' })
  for (const n of [first, first + 1]) {
    await using caller = await dials(portOf(listener))
    caller.socket.write(`call ${n}\n`)
    await caller.receives(7)
    caller.socket.end()
    await session.phase(`C${n}`, 'closed')
  }
  await session.call('listener.close', { id: listener.id })
}

const bytesOf = async (session: Session, id: 'C1' | 'C2' | 'C3', stream: 'in' | 'out'): Promise<string> =>
  Buffer.from((await session.call('capture.bytes', { id, stream, from: 0, to: 100 })).bytes).toString()

test('a session that is gone on with shows its earlier sockets as they ended, and goes on counting', async () => {
  const first = await begin('new')
  await converse(first.session, 1)
  const before = await first.session.call('socket.list', {})
  await first.session.call('marks.set', { id: 'C1', row: 1, note: 'asked', colour: 'amber' })
  await first.session[Symbol.asyncDispose]()

  const { session } = await begin('resume')
  const after = await session.call('socket.list', {})
  const told = ({ sockets }: typeof before) =>
    sockets.map((socket) => [socket.id, socket.state.phase, socket.asked]).toSorted()
  expect(told(after)).toEqual(told(before))
  expect(after.sockets.find(({ id }) => id === 'L1')).toMatchObject({ accepted: 2, behaviour: 'upper' })
  expect(after.sockets.find(({ id }) => id === 'C2')).toMatchObject({
    listener: 'L1',
    state: { phase: 'closed', how: 'fin', by: 'remote' },
  })
  expect(new Map(after.counters).get('C1')).toMatchObject({
    inBytes: 7,
    inChunks: 1,
    outBytes: 7,
    outChunks: 1,
  })
  expect(after.recording).toMatchObject({ file, beganAtMs: before.recording.beganAtMs })
  expect(after.opened).toEqual([])
  expect(await bytesOf(session, 'C1', 'out')).toBe('CALL 1\n')
  expect(await session.call('marks.list', { id: 'C1' })).toMatchObject([{ row: 1, note: 'asked' }])
  // Marks of earlier rows are not fixed: it is the same file.
  await session.call('marks.set', { id: 'C2', row: 0, note: 'again', colour: 'blue' })

  await converse(session, 3)
  expect(await bytesOf(session, 'C3', 'in')).toBe('call 3\n')
  const merged = await session.call('merge.read', { ids: ['C1', 'C3'], from: 0, to: 100 })
  expect([...merged.owners]).toEqual([...merged.owners].toSorted((a, b) => a - b))
  expect(await session.refusal('connection.close', { id: 'C1' })).toBe('SB_UNKNOWN')
  await session.call('socket.forget', { id: 'C1' })
  await session.until('socket.forgotten', ({ id }) => id === 'C1')
  expect((await session.call('socket.list', {})).sockets.map(({ id }) => id).toSorted()).toEqual([
    'C2',
    'C3',
    'C4',
    'L1',
    'L2',
  ])
  await session[Symbol.asyncDispose]()

  const last = await begin('resume')
  const { sockets } = await last.session.call('socket.list', {})
  expect(sockets.map(({ id }) => id).toSorted()).toEqual(['C1', 'C2', 'C3', 'C4', 'L1', 'L2'])
  expect(await bytesOf(last.session, 'C3', 'out')).toBe('CALL 3\n')
  await last.session[Symbol.asyncDispose]()
})

test('what was not closed when the process ended is told as such', async () => {
  const first = await begin('new')
  const listener = await first.session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'upper' })
  await using caller = await dials(portOf(listener))
  caller.socket.write('call 1\n')
  await caller.receives(7)
  await first.session.call('session.sync', {})
  // As a killed process would leave it.
  const copy = join(folder.path, 'killed.swb')
  await writeFile(copy, Buffer.concat([await readFile(file), Buffer.alloc(5000)]))
  const { session } = await begin('resume', copy)
  const { sockets, recording } = await session.call('socket.list', {})
  expect(recording.warnings).toEqual([expect.stringMatching(/ended without notice/)])
  expect(sockets.find(({ id }) => id === 'C1')).toMatchObject({
    state: { phase: 'closed', how: 'error', fault: { summary: /ended while this was open/ } },
  })
  expect(await bytesOf(session, 'C1', 'in')).toBe('call 1\n')
  await session[Symbol.asyncDispose]()
  await first.session[Symbol.asyncDispose]()
})

test('a session is saved while it goes on, and goes on there; a copy is one', async () => {
  const { service, session } = await begin('new')
  await converse(session, 1)
  const target = join(folder.path, 'saved.swb')
  const copy = join(folder.path, 'copy.swb')
  expect(await session.refusal('session.saveAs', { grant: 'none' })).toBe('SB_INPUT')
  expect(await session.refusal('session.saveAs', { grant: service.grantFile(target) })).toBe('SB_INPUT')
  await session.call('session.saveCopy', { grant: service.grantTarget(copy) })
  expect((await session.call('socket.list', {})).recording.file).toBe(file)
  const grant = service.grantTarget(target)
  expect(await session.call('session.saveAs', { grant })).toEqual({ file: target })
  expect(await session.refusal('session.saveAs', { grant })).toBe('SB_INPUT')
  await session.until('session.saving', ({ isDone, fault }) => isDone && fault === undefined)
  await session.until('recording.changed', (status) => status.file === target)
  await converse(session, 3)
  expect(await bytesOf(session, 'C1', 'out')).toBe('CALL 1\n')
  await session[Symbol.asyncDispose]()
  for (const [at, ids] of [
    [target, ['C1', 'C2', 'C3', 'C4', 'L1', 'L2']],
    [copy, ['C1', 'C2', 'L1']],
    [file, ['C1', 'C2', 'L1']],
  ] as const) {
    const again = await begin('resume', at)
    const { sockets, recording } = await again.session.call('socket.list', {})
    expect(sockets.map(({ id }) => id).toSorted()).toEqual(ids)
    expect(recording.warnings).toBeUndefined()
    await again.session[Symbol.asyncDispose]()
  }
})

test('what cannot be saved is told by its event too, and cancelling what is not is fine', async () => {
  const { service, session } = await begin('new')
  await session.call('session.cancelSaving', {})
  const fault: Partial<Fault> = { code: 'ENOENT' }
  const grant = service.grantTarget(join(folder.path, 'none', 'x.swb'))
  expect(await session.ask('session.saveAs', { grant })).toMatchObject({ ok: false, fault })
  expect(await session.until('session.saving', ({ isDone }) => isDone)).toMatchObject({ fault })
  await session[Symbol.asyncDispose]()
})

test('the last arrangement is kept, to the letter', async () => {
  const { session } = await begin('new')
  const { run, arrangement: none } = await session.call('session.arrangement', {})
  expect(none).toBeNull()
  expect(await session.refusal('session.arrange', { arrangement: '{}', run: 'before' })).toBe('SB_CANCELLED')
  expect(await session.refusal('session.arrange', { arrangement: '{"panes":', run })).toBe('SB_INPUT')
  const tooLong = JSON.stringify('x'.repeat(MAX_ARRANGEMENT_LENGTH))
  expect(await session.refusal('session.arrange', { arrangement: tooLong, run })).toBe('SB_INPUT')
  const longest = JSON.stringify('ü'.repeat(MAX_ARRANGEMENT_LENGTH - 2))
  const deep = '['.repeat(30_000) + ']'.repeat(30_000)
  for (const arrangement of ['{ "__proto__" : 1e20 }\n', longest, deep]) {
    await session.call('session.arrange', { arrangement, run })
    expect(await session.call('session.arrangement', {})).toEqual({ arrangement, run })
    const { bytes } = (await session.call('socket.list', {})).recording
    await session.call('session.arrange', { arrangement, run })
    expect((await session.call('socket.list', {})).recording.bytes).toBe(bytes)
  }
  await session[Symbol.asyncDispose]()
  const again = await begin('resume')
  const found = await again.session.call('session.arrangement', {})
  expect(found).toEqual({ arrangement: deep, run: expect.any(String) })
  expect(await again.session.refusal('session.arrange', { arrangement: '{}', run })).toBe('SB_CANCELLED')
  await again.session.call('session.arrange', { arrangement: longest, run: found.run })
  await again.session[Symbol.asyncDispose]()
  const last = await begin('resume')
  expect(await last.session.call('session.arrangement', {})).toMatchObject({ arrangement: longest })
  await last.session[Symbol.asyncDispose]()
})

test('a session that goes on is not begun a second time', async () => {
  const { session }: { service: LocalService; session: Session } = await begin('new')
  const refused = await createService({ file, application: 'test', mode: 'resume' })
  expect(refused).toMatchObject({ ok: false, fault: { code: 'SB_BUSY' } })
  await session[Symbol.asyncDispose]()
})
