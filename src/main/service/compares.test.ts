import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  differencesOf,
  describeOutcome,
  type ComparedSide,
  type CompareStatus,
} from '../../shared/model/compare'
import { type SocketId } from '../../shared/model/ids'
import { createService } from './service'
import { bundle, type Bundle } from '../engine/testing/bundle'
import { listens } from './testing/peer'
import { Session, temporaryFolder } from './testing/session'

let program: Bundle
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let session: Session

beforeAll(async () => {
  program = await bundle('src/main/capture/scan/worker.ts')
}, 60_000)
afterAll(() => program[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await temporaryFolder()
  const file = join(folder.path, 'session.swb')
  const created = await createService({ file, application: 'test', scanner: program.file })
  if (!created.ok) throw new Error(created.fault.summary)
  session = new Session(created.value)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** A connection of ours that has received these bytes. */
async function received(
  listener: Awaited<ReturnType<typeof listens>>,
  index: number,
  bytes: Uint8Array,
): Promise<SocketId> {
  const { id } = await session.call('connection.dial', { to: `tcp://127.0.0.1:${listener.port}` })
  await session.phase(id, 'open')
  const peer = await listener.caller(index)
  peer.socket.write(bytes)
  for (;;) {
    const { counters } = await session.call('socket.list', {})
    if ((counters.find(([each]) => each === id)?.[1].inBytes ?? 0) >= bytes.length) return id
    await setImmediate()
  }
}

async function compared(a: ComparedSide, b: ComparedSide) {
  const { compare, ...ranges } = await session.call('compare.begin', { a, b })
  const status: CompareStatus = await session.until(
    'compare.progressed',
    (each) => each.compare === compare && each.isDone,
  )
  const floats = await session.call('compare.regions', { compare, from: 0, to: 100_000 })
  await session.call('compare.end', { compare })
  const differences = differencesOf(floats)
  const outcome = describeOutcome(ranges.a, ranges.b, differences[0], status.differences)
  return { status, differences, outcome }
}
const inOf = (id: SocketId): ComparedSide => ({ id, stream: 'in' })

/** Bytes that hardly repeat, the same for the same seed. */
function noise(length: number, seed: number): Buffer {
  let state = seed
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at++)
    bytes[at] = (state = (Math.imul(state, 1664525) + 1013904223) | 0) >>> 24
  return bytes
}

test('tens of megabytes are compared in a thread: each known edit is found, where it is and no more', async () => {
  await using listener = await listens()
  const a = noise(30_000_000, 1)
  const flipped = 5_000_000
  const [cut, pasted] = [12_345_678, 20_000_000]
  const b = Buffer.concat([
    a.subarray(0, cut),
    a.subarray(cut + 1000, pasted),
    noise(333, 9),
    a.subarray(pasted),
  ])
  b[flipped] = (b[flipped] ?? 0) ^ 0xff
  const one = await received(listener, 0, a)
  const two = await received(listener, 1, b)
  const { status, differences, outcome } = await compared(inOf(one), inOf(two))
  expect(status).toMatchObject({ differences: 3, kept: 3, comparedBytes: a.length + b.length })
  expect(differences).toEqual([
    { aFrom: flipped, aTo: flipped + 1, bFrom: flipped, bTo: flipped + 1 },
    { aFrom: cut, aTo: cut + 1000, bFrom: cut, bTo: cut },
    { aFrom: pasted, aTo: pasted, bFrom: pasted - 1000, bTo: pasted - 1000 + 333 },
  ])
  expect(outcome).toBe('first difference at offset 5,000,000; 3 differences in all')

  expect((await compared(inOf(one), inOf(one))).outcome).toBe('equal, 30,000,000 B')
  const ranges = await compared(
    { ...inOf(one), from: cut + 1000, to: cut + 500_000 },
    { ...inOf(two), from: cut, to: cut + 499_000 },
  )
  expect(ranges.outcome).toBe('equal, 499,000 B')
  const shorter = await compared({ ...inOf(one), to: 4096 }, { ...inOf(two), to: 4000 })
  expect(shorter.outcome).toBe('equal up to 4,000, then B ends: A has 96 B more')
}, 60_000)

test('more differences than can be kept are counted', async () => {
  await using listener = await listens()
  const a = noise(1_500_000, 2)
  const b = Buffer.from(a)
  for (let at = 50; at < b.length; at += 100) b[at] = (b[at] ?? 0) ^ 1
  const one = await received(listener, 0, a)
  const two = await received(listener, 1, b)
  const { status, differences } = await compared(inOf(one), inOf(two))
  expect(status).toMatchObject({ differences: 15_000, kept: 10_000 })
  expect(differences.every(({ aFrom, aTo }, n) => aFrom === 50 + n * 100 && aTo === aFrom + 1)).toBe(true)
}, 60_000)

test('one that is under way can be ended; what cannot be compared is refused', async () => {
  await using listener = await listens()
  const one = await received(listener, 0, noise(20_000_000, 3))
  const two = await received(listener, 1, noise(20_000_000, 4))
  const { compare } = await session.call('compare.begin', { a: inOf(one), b: inOf(two) })
  await session.until('compare.progressed', (each) => each.compare === compare && each.comparedBytes > 0)
  await session.call('compare.end', { compare })
  expect(await session.refusal('compare.regions', { compare, from: 0, to: 1 })).toBe('SB_UNKNOWN')
  const beyond = { ...inOf(one), to: 20_000_001 }
  expect(await session.refusal('compare.begin', { a: beyond, b: inOf(two) })).toBe('SB_INPUT')
  expect(await session.refusal('compare.begin', { a: inOf('C99'), b: inOf(two) })).toBe('SB_UNKNOWN')
  const nothing = await compared({ id: one, stream: 'out' }, inOf(two))
  expect(nothing.outcome).toBe('equal up to 0, then A ends: B has 20,000,000 B more')
}, 60_000)
