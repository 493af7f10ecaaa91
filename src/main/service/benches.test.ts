import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BenchAct, type BenchEntry } from '../../shared/model/bench'
import { type BenchId, type BenchSocketId } from '../../shared/model/ids'
import { bundle, type Bundle } from '../engine/testing/bundle'
import { createService } from './service'
import { type ServiceOptions } from './api'
import { Session, temporaryFolder } from './testing/session'

let caller: Bundle
beforeAll(async () => {
  caller = await bundle('src/main/engine/bench/callerThread.ts')
})
afterAll(() => caller[Symbol.asyncDispose]())

async function begin(file: string, mode: NonNullable<ServiceOptions['mode']>): Promise<Session> {
  const created = await createService({ file, application: 'Switchboard test', mode, caller: caller.file })
  if (!created.ok) throw new Error(JSON.stringify(created.fault))
  return new Session(created.value)
}

/** Makes a call and waits until it is back. */
async function make(
  session: Session,
  id: BenchId,
  act: BenchAct,
): Promise<Extract<BenchEntry, { state: 'done' }>['of']> {
  const { number } = await session.call('bench.call', { id, act })
  for (;;) {
    const { entries } = await session.call('bench.log', { id, from: number })
    const [entry] = entries
    if (entry?.state === 'done') return entry.of
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const address = { family: 'AF_INET', host: '127.0.0.1', port: 0 } as const
const udp = { call: 'socket', family: 'AF_INET', type: 'SOCK_DGRAM', protocol: '0' } as const

test('a session that is opened shows the log of its benches again, and their sockets as they ended', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'bench.swb')
  const first = await begin(file, 'new')
  const { id } = await first.call('bench.open', {})
  const one = (await make(first, id, udp)).socket as BenchSocketId
  await make(first, id, { call: 'bind', socket: one, address })
  await make(first, id, { call: 'listen', socket: one, backlog: 1 })
  await make(first, id, { call: 'close', socket: one })
  const { entries } = await first.call('bench.log', { id, from: 1 })
  expect(entries.map(({ of }) => of.python)).toHaveLength(4)
  await first[Symbol.asyncDispose]()

  await using again = await begin(file, 'resume')
  expect(await again.call('bench.log', { id, from: 1 })).toEqual({ count: 4, entries })
  const { sockets } = await again.call('socket.list', {})
  expect(sockets.map((each) => [each.id, each.kind, each.state.phase])).toEqual([
    ['B1', 'bench', 'closed'],
    ['S1', 'benchSocket', 'closed'],
  ])
  expect(await again.refusal('bench.call', { id, act: udp })).toBe('SB_UNKNOWN')
  // Ids go on counting: nothing that is new takes the name of what was.
  const next = await again.call('bench.open', {})
  expect(next.id).toBe('B2')
  expect((await make(again, next.id, udp)).python).toBe(
    's2 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
  )
})

test('what is no call, and what is no socket of the bench, is refused', async () => {
  await using folder = await temporaryFolder()
  await using session = await begin(join(folder.path, 'bench.swb'), 'new')
  const { id } = await session.call('bench.open', {})
  const other = await session.call('bench.open', {})
  const { socket } = await make(session, id, udp)
  const call = (act: object) => session.refusal('bench.call', { id, act: act as BenchAct })
  expect(await call({ call: 'dup', socket })).toBe('SB_INPUT')
  // A descriptor by its number is nothing that can be named.
  expect(await call({ call: 'close', socket: 1 })).toBe('SB_INPUT')
  expect(await call({ call: 'close', socket: 'S99' })).toBe('SB_UNKNOWN')
  expect(await call({ call: 'recv', socket, bufsize: -1, flags: [] })).toBe('SB_INPUT')
  expect(await call({ call: 'bind', socket, address: { ...address, host: 'localhost' } })).toBe('SB_INPUT')
  expect(await call({ call: 'readline', socket })).toBe('SB_STATE')
  // Another bench's socket is none of this one's.
  expect(
    await session.refusal('bench.call', {
      id: other.id,
      act: { call: 'close', socket: socket as BenchSocketId },
    }),
  ).toBe('SB_UNKNOWN')
})
