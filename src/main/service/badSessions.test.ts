import fc from 'fast-check'
import fs from 'node:fs'
import { expect, test } from 'vitest'
import { indexFileOf } from '../capture/indexPath'
import { CUSTOM_HEAD_BYTES, ENTERPRISE } from '../capture/pcapng'
import { Folder } from '../capture/testing/folder'
import { createService } from './service'
import { badFiles, contentsOf } from './testing/badFiles'
import { Session } from './testing/session'
import { everyEvent, smallSession, use } from './testing/sessionFile'

const SEED = 20_261_123
/** With SWITCHBOARD_EVERY_BYTE=1 nothing is passed over: some minutes. */
const isThorough = process.env['SWITCHBOARD_EVERY_BYTE'] === '1'
const RUNS = isThorough ? 5000 : 200

/** Puts a file there, without an index. */
function put(file: string, bytes: Uint8Array): void {
  fs.writeFileSync(file, bytes)
  fs.rmSync(indexFileOf(file), { force: true })
}

/** Where the blocks of a whole file begin. */
function blocksOf(bytes: Buffer): number[] {
  const starts: number[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) starts.push(at)
  return starts
}

function custom(json: string): Buffer {
  const data = Buffer.from(json)
  const block = Buffer.alloc(CUSTOM_HEAD_BYTES + Math.ceil(data.length / 4) * 4 + 4, 0x20)
  block.writeUInt32LE(0xbad, 0)
  block.writeUInt32LE(block.length, 4)
  block.writeUInt32LE(ENTERPRISE, 8)
  data.copy(block, CUSTOM_HEAD_BYTES)
  block.writeUInt32LE(block.length, block.length - 4)
  return block
}

test('torn at any byte, a session is opened as far as it is whole, or refused by what it begins with', async () => {
  await using folder = await Folder.make()
  const { bytes } = await smallSession(folder)
  const file = folder.file('torn.swb')
  const header = bytes.readUInt32LE(4)
  const starts = new Set(blocksOf(bytes))
  const isLookedAt = (length: number): boolean =>
    isThorough || length < 40 || length % 7 === 0 || starts.has(length) || starts.has(length + 1)
  for (let length = 0; length < bytes.length; length++) {
    if (!isLookedAt(length)) continue
    put(file, bytes.subarray(0, length))
    const found = await use(file, isThorough || length % 16 === 0)
    expect(typeof found).toBe(length < header ? 'object' : 'string')
    if (typeof found === 'object') expect(['SB_CAPTURE', 'SB_FOREIGN']).toContain(found.code)
  }
}, 120_000)

test('flipped bits are left out or told, whatever is done with the session', async () => {
  await using folder = await Folder.make()
  const { bytes } = await smallSession(folder)
  const file = folder.file('flipped.swb')
  const flips = fc.array(fc.nat(bytes.length * 8 - 1), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(flips, async (bits) => {
      const flipped = Buffer.from(bytes)
      for (const bit of bits) flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      put(file, flipped)
      const found = await use(file)
      if (typeof found === 'object') expect(found.code).toMatch(/^SB_(CAPTURE|FOREIGN|NEWER)$/)
    }),
    { numRuns: RUNS, seed: SEED },
  )
}, 120_000)

test('absurd lengths are believed nowhere', async () => {
  await using folder = await Folder.make()
  const { bytes } = await smallSession(folder)
  const file = folder.file('absurd.swb')
  const few = [0, 8, 13, 16 * 1024 * 1024 + 4, 0xffffffff]
  const words = isThorough ? [...few, 1, 4, 11, bytes.length, 0x7fffffff, 0x80000000] : few
  const starts = blocksOf(bytes)
  // The length before and behind, and in a packet's block the captured and the original one; in others what stands there.
  const places = starts.flatMap((at) => [at + 4, at + bytes.readUInt32LE(at + 4) - 4, at + 20, at + 24])
  for (const place of places.filter((at) => at + 4 <= bytes.length)) {
    for (const [n, word] of words.entries()) {
      const absurd = Buffer.from(bytes)
      absurd.writeUInt32LE(word, place)
      put(file, absurd)
      await use(file, isThorough || (place + n) % 64 === 0)
    }
  }
  // Each 16 bits that could be the length of an option.
  for (let at = 16; at + 2 <= bytes.length; at += isThorough ? 2 : 22) {
    const absurd = Buffer.from(bytes)
    absurd.writeUInt16LE(0xfffe, at)
    put(file, absurd)
    await use(file, isThorough)
  }
}, 120_000)

test('times that run backwards, or are as far away as can be written, harm nothing', async () => {
  await using folder = await Folder.make()
  const { bytes } = await smallSession(folder)
  const file = folder.file('times.swb')
  const packets = blocksOf(bytes).filter((at) => bytes.readUInt32LE(at) === 6)
  const [first = 0] = packets
  const began = (BigInt(bytes.readUInt32LE(first + 12)) << 32n) | BigInt(bytes.readUInt32LE(first + 16))
  const times: ((n: number) => bigint)[] = [
    (n) => began + BigInt(packets.length - n) * 1_000_000_000n,
    (n) => began - BigInt(n) * 1_000_000_000n,
    (n) => (n % 2 === 0 ? 0n : 0xffff_ffff_ffff_ffffn),
    (n) => began + (n % 3 === 0 ? 2n ** 53n : 0n),
  ]
  for (const timeOf of times) {
    const turned = Buffer.from(bytes)
    for (const [n, at] of packets.entries()) {
      turned.writeUInt32LE(Number(timeOf(n) >> 32n), at + 12)
      turned.writeUInt32LE(Number(timeOf(n) & 0xffff_ffffn), at + 16)
    }
    put(file, turned)
    expect(typeof (await use(file))).toBe('string')
  }
})

test('an index that lies in any of its numbers is not believed, nor is one of before', async () => {
  await using folder = await Folder.make()
  const { file, index } = await smallSession(folder)
  const truth = await use(file)
  const numbers = fc.nat(index.length / 8 - 1)
  const lie = fc.oneof(
    fc.double(),
    fc.integer({ min: -10, max: 10_000 }),
    fc.constantFrom(-1, 0, 1, 2 ** 53, -2, -4, NaN),
  )
  await fc.assert(
    fc.asyncProperty(numbers, lie, async (number, value) => {
      const lying = Buffer.from(index)
      lying.writeDoubleLE(value, number * 8)
      fs.writeFileSync(indexFileOf(file), lying)
      expect(await use(file)).toBe(truth)
      if (!lying.equals(index)) expect(fs.readFileSync(indexFileOf(file)).equals(lying)).toBe(false)
    }),
    { numRuns: RUNS / 2, seed: SEED },
  )
  // Of the version before this one.
  const older = Buffer.from(index)
  older.writeDoubleLE(1, 8)
  fs.writeFileSync(indexFileOf(file), older)
  expect(await use(file)).toBe(truth)
  expect(fs.readFileSync(indexFileOf(file)).readDoubleLE(8)).toBe(index.readDoubleLE(8))
}, 120_000)

const nested = `${'['.repeat(3000)}${']'.repeat(3000)}`
const others: readonly unknown[] = [null, 7, -1, 1e300, 'x', '', {}, [], { kind: 'tcp' }, true]

test('events that lack something, or have it of another kind, become notes, and all else is there', async () => {
  await using folder = await Folder.make()
  const { bytes } = await smallSession(folder)
  const file = folder.file('events.swb')
  const event = (socket: string, of: unknown) =>
    custom(JSON.stringify({ v: 1, kind: 'event', socket, atNanos: 5, event: of }))
  for (const other of others) {
    const blocks: Buffer[] = [bytes]
    for (const each of everyEvent) {
      for (const [path, mutated] of mutations(each, other)) {
        if (path === 'what') continue
        for (const socket of ['L1', 'C1', 'C3', 'U1']) blocks.push(event(socket, mutated))
      }
    }
    put(file, Buffer.concat(blocks))
    expect(typeof (await use(file))).toBe('string')
  }
  // The same at the beginning of a record, where the ends of a connection are looked for.
  const starts = blocksOf(bytes)
  const first = starts.find((at) => bytes.readUInt32LE(at) === 0xbad) ?? 0
  for (const each of everyEvent) {
    for (const other of [
      null,
      'x',
      {},
      { kind: 'unix', path: '' },
      { kind: 'tcp', host: '\u0000', port: 1e15 },
    ]) {
      const blocks = [...mutations(each, other)].map(([, mutated]) => event('C1', mutated))
      put(file, Buffer.concat([bytes.subarray(0, first), ...blocks, bytes.subarray(first)]))
      await use(file)
    }
  }
  const deep = `{"v":1,"kind":"event","socket":"C1","atNanos":5,"event":{"what":"noted","text":"t","more":${nested}}}`
  put(file, Buffer.concat([bytes, custom(deep), event('C1', { what: 'teleported', to: 'Mars' })]))
  expect(await use(file)).toMatch(/does not know: teleported/)
}, 120_000)

/** An event with each of its fields, however deep, taken away or replaced. */
function* mutations(of: object, other: unknown): Generator<readonly [string, unknown]> {
  for (const [key, value] of Object.entries(of) as [string, unknown][]) {
    const rest = Object.fromEntries(Object.entries(of).filter(([name]) => name !== key))
    const put = (changed: unknown): unknown =>
      Array.isArray(of)
        ? (of as unknown[]).map((each) => (each === value ? changed : each))
        : { ...of, [key]: changed }
    yield [key, rest]
    yield [key, put(other)]
    if (typeof value === 'object' && value !== null)
      for (const [path, changed] of mutations(value, other)) yield [`${key}.${path}`, put(changed)]
  }
}

test('what is no session is told by what it is, opened or gone on with, and the window goes on', async () => {
  await using folder = await Folder.make()
  await using own = await Folder.make()
  const bad = badFiles(folder.path)
  const before = contentsOf(folder.path)
  const logged: string[] = []
  const log = (text: string): void => void logged.push(text)
  const created = await createService({ file: own.file(), application: 'test' }, log)
  if (!created.ok) throw new Error(created.fault.summary)
  await using session = new Session(created.value)
  for (const { kind, file, told } of bad) {
    const opened = await session.ask('session.open', { grant: created.value.grantFile(file) })
    const resumed = await createService({ file, application: 'test', mode: 'resume' }, log)
    // A capture of others is imported where it is opened.
    for (const reply of kind === 'pcap' ? [resumed] : [opened, resumed]) {
      expect(reply.ok, kind).toBe(false)
      if (reply.ok) continue
      const { code, summary, hint } = reply.fault
      expect(`${code} ${summary} ${hint}`).toMatch(told)
      expect(hint, kind).toMatch(/\w{3}/)
    }
  }
  expect(contentsOf(folder.path)).toEqual(before)
  expect(logged).toEqual([])
  const { state } = await session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'none' })
  expect(state.phase).toBe('listening')
})

/** Gone on with, and asked for all that a window shows at once. Answers the ids, or null where that was refused. */
async function goOnWith(file: string, logged: string[]): Promise<readonly string[] | null> {
  const log = (text: string): void => void logged.push(text)
  const created = await createService({ file, application: 'test', mode: 'resume' }, log)
  if (!created.ok) return null
  await using session = new Session(created.value)
  const { sockets } = await session.call('socket.list', {})
  const ids = sockets.map(({ id }) => id)
  for (const id of ids) {
    await session.call('marks.list', { id })
    await session.ask('capture.read', { id, from: 0, to: 100 })
  }
  if (ids.length > 0) await session.call('merge.read', { ids, from: 0, to: 500 })
  await session.call('session.arrangement', {})
  return ids
}

test('a session with flipped bits is gone on with in a window, or refused, and nothing goes wrong inside', async () => {
  await using folder = await Folder.make()
  const { bytes } = await smallSession(folder)
  const file = folder.file('flipped.swb')
  const logged: string[] = []
  const flips = fc.array(fc.nat(bytes.length * 8 - 1), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(flips, async (bits) => {
      const flipped = Buffer.from(bytes)
      for (const bit of bits) flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      put(file, flipped)
      if ((await goOnWith(file, logged)) === null) expect(fs.readFileSync(file).equals(flipped)).toBe(true)
      expect(logged).toEqual([])
    }),
    { numRuns: isThorough ? 2000 : 50, seed: SEED },
  )
}, 120_000)

test('marks and arrangements that make no sense, or are of nothing, keep no session from its window', async () => {
  await using folder = await Folder.make()
  const { bytes } = await smallSession(folder)
  const file = folder.file('marks.swb')
  const logged: string[] = []
  const mark = { v: 1, kind: 'mark', socket: 'C1', row: 1, note: 'here', colour: 'amber', removed: true }
  const blocks = [...others, 1e15, 2 ** 53, 'C999', 'L1', 'x'.repeat(5000)].flatMap((other) =>
    [...mutations(mark, other)].map(([, mutated]) => custom(JSON.stringify(mutated))),
  )
  const arrangements = [nested, '{"version":1,"states":7,"open":{}}', `"${'x'.repeat(70_000)}"`, 'null']
  for (const arrangement of arrangements)
    blocks.push(custom(`{"v":1,"kind":"arrangement","arrangement":${arrangement}}`))
  put(file, Buffer.concat([bytes, ...blocks]))
  expect(await goOnWith(file, logged)).toEqual(expect.arrayContaining(['L1', 'C1', 'C2', 'C3', 'U1']))
  expect(logged).toEqual([])
})
