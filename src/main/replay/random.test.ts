import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type ConnectionId } from '../../shared/model/ids'
import { openRecording } from '../capture/index/opened'
import { Folder, pattern, value } from '../capture/testing/folder'
import { createEngine } from '../engine/engine'
import { ok } from '../engine/testing/bench'
import { type Engine } from '../engine/types'
import { makePlan } from './plan'
import { type ReplayOptions } from './choosing'
import { Player } from './player'

let folder: Folder
beforeAll(async () => {
  folder = await Folder.make()
})
afterAll(() => folder[Symbol.asyncDispose]())

interface Talk {
  readonly kind: 'tcp' | 'unix'
  /** Who says how much, one after the other. */
  readonly turns: readonly { readonly isClient: boolean; readonly lengthBytes: number }[]
  readonly ending: 'clientFirst' | 'serverFirst' | 'clientReset' | 'serverReset'
  readonly waits: boolean
  /** What the other side says after the first one's FIN. */
  readonly lastWordsBytes: number
}

/** Datagrams between two UDP sockets, one after the other. */
interface Letters {
  readonly kind: 'udp'
  readonly turns: Talk['turns']
}

const turnsOf = (lengthBytes: fc.Arbitrary<number>): fc.Arbitrary<Talk['turns']> =>
  fc.array(fc.record({ isClient: fc.boolean(), lengthBytes }), { maxLength: 8 })

const letters: fc.Arbitrary<Letters> = fc.record({
  kind: fc.constant('udp'),
  turns: turnsOf(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9000 }))),
})

const talk: fc.Arbitrary<Talk> = fc.record({
  kind: fc.constantFrom('tcp', 'unix'),
  turns: turnsOf(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 200_000 }))),
  ending: fc.constantFrom('clientFirst', 'serverFirst', 'clientReset', 'serverReset'),
  waits: fc.boolean(),
  lastWordsBytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 })),
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The listener for TCP, and who has called there, by port; with a path for each Unix connection. */
interface Places {
  readonly at: Endpoint
  readonly callers: Map<string, ConnectionId>
  readonly met: Promise<void>
}

/** Opens a connection: its two ends. */
async function open(engine: Engine, { at, callers }: Places, kind: Talk['kind'], n: number) {
  if (kind === 'unix') {
    let server: ConnectionId | null = null
    const path = `${folder.path}/${process.pid}-${n}.sock`
    const silent = { received: () => undefined, peerFinished: () => undefined }
    const greet = ({ id }: { readonly id: string }): typeof silent => {
      server = id as ConnectionId
      return silent
    }
    const listener = ok(await engine.listen({ kind, path }, { name: 'none', greet }))
    const { id } = ok(engine.dial({ kind, path }))
    ok(await engine.dialled(id))
    while (server === null) await turn()
    await engine.closeListener(listener.id)
    return { id, server }
  }
  const { id } = ok(engine.dial(at))
  const client = ok(await engine.dialled(id))
  if (client.state.phase !== 'open') throw new Error('no connection')
  const key = client.state.local.kind === 'tcp' ? String(client.state.local.port) : ''
  while (!callers.has(key)) await turn()
  return { id, server: callers.get(key) as ConnectionId }
}

/** Has both ends of a connection say their turns, to the last byte, and end. */
async function hold(
  engine: Engine,
  places: Places,
  { kind, turns, ending, waits, lastWordsBytes }: Talk,
  n: number,
) {
  const { id, server } = await open(engine, places, kind, n)
  const seed = 2 * n
  await places.met
  const sent = { client: 0, server: 0 }
  const isHeard = (): boolean =>
    engine.counters(server)?.inBytes === sent.client && engine.counters(id)?.inBytes === sent.server
  for (const { isClient, lengthBytes } of turns) {
    const side = isClient ? 'client' : 'server'
    ok(engine.send(isClient ? id : server, pattern(seed + (isClient ? 0 : 1), sent[side], lengthBytes)))
    sent[side] += lengthBytes
    while (waits && !isHeard()) await turn()
  }
  while (!isHeard()) await turn()
  const [first, second] = ending.startsWith('client') ? [id, server] : [server, id]
  if (ending.endsWith('Reset')) ok(await engine.reset(first))
  else ok(await engine.halfClose(first))
  const phase = (which: ConnectionId): string => engine.summary(which)?.state.phase ?? ''
  while (phase(second) === 'open') await turn()
  if (phase(second) === 'halfClosed') {
    if (ending.endsWith('First') && lastWordsBytes > 0) {
      const side = second === id ? 'client' : 'server'
      ok(engine.send(second, pattern(seed + (side === 'client' ? 0 : 1), sent[side], lastWordsBytes)))
      sent[side] += lastWordsBytes
      while (!isHeard()) await turn()
    }
    await engine.close(second)
  }
  while (phase(first) !== 'closed') await turn()
}

/** Has two UDP sockets send each other their datagrams. */
async function write(engine: Engine, { turns }: Letters, n: number) {
  const bind = async () => {
    const { id, state } = ok(await engine.bindUdp({ kind: 'udp', host: '127.0.0.1', port: 0 }))
    if (state.phase !== 'bound') throw new Error('it is not bound')
    return { id, at: state.at }
  }
  const [client, server] = [await bind(), await bind()]
  const came = { client: 0, server: 0 }
  for (const [at, { isClient, lengthBytes }] of turns.entries()) {
    const [from, to, hearer] = isClient ? [client, server, 'server'] : [server, client, 'client']
    ok(await engine.sendUdp(from.id, pattern(2 * n + at, 0, lengthBytes), to.at))
    came[hearer as keyof typeof came]++
    while (engine.counters(to.id)?.inChunks !== came[hearer as keyof typeof came]) await turn()
  }
  await engine.closeUdp(client.id)
  await engine.closeUdp(server.id)
}

/** @param isMeeting nobody speaks before all are there */
async function record(talks: readonly (Talk | Letters)[], isMeeting = false): Promise<string> {
  const capture = await folder.record()
  const engine = createEngine({ recorder: capture })
  const callers = new Map<string, ConnectionId>()
  let allMet = (): void => undefined
  const met = new Promise<void>((resolve) => (allMet = resolve))
  const greeting = {
    name: 'none',
    greet: ({ id }: { readonly id: string }) => {
      const { state } = engine.summary(id as ConnectionId) ?? {}
      if (state?.phase === 'open' && 'remote' in state && state.remote.kind === 'tcp')
        callers.set(String(state.remote.port), id as ConnectionId)
      if (callers.size === talks.length) allMet()
      return { received: () => undefined, peerFinished: () => undefined }
    },
  }
  const { state } = ok(await engine.listen({ kind: 'tcp', host: '127.0.0.1', port: 0 }, greeting))
  if (state.phase !== 'listening') throw new Error('it does not listen')
  const places = { at: state.at, callers, met: isMeeting ? met : Promise.resolve() }
  await Promise.all(
    talks.map((each, n) => (each.kind === 'udp' ? write(engine, each, n) : hold(engine, places, each, n))),
  )
  await engine.dispose()
  await capture.close()
  return capture.file
}

async function play(file: string, options: Partial<ReplayOptions> = {}) {
  const session = value(await openRecording(file))
  const capture = await folder.record()
  const engine = createEngine({ recorder: capture })
  const plan = value(await makePlan(session, null))
  const player = new Player({
    engine,
    recording: capture,
    plan,
    options: { role: 'both', at: null, speed: 'max', wait: 'peer', patienceMs: 20_000, ...options },
  })
  value(await player.open())
  const report = await player.play()
  await engine.dispose()
  await capture.close()
  await session.close()
  return { ...report, file: capture.file }
}

/** How many connections of a recording were open at once; its listener's callers alone. */
async function overlapIn(file: string): Promise<number> {
  const session = value(await openRecording(file))
  const changes: { atNanos: number; by: number }[] = []
  for (const id of session.ids().filter((each) => each.startsWith('C'))) {
    const rows = value(await session.read(id, 0, session.size(id).rows))
    const events = rows.flatMap((row) =>
      row.kind === 'event' ? [{ ...row.event, atNanos: row.atNanos }] : [],
    )
    if (!events.some((event) => event.what === 'opened' && event.by === 'remote')) continue
    for (const { what, atNanos } of events)
      if (what === 'opened' || what === 'closed') changes.push({ atNanos, by: what === 'opened' ? 1 : -1 })
  }
  await session.close()
  let open = 0
  return changes
    .toSorted((a, b) => a.atNanos - b.atNanos)
    .reduce((most, { by }) => Math.max(most, (open += by)), 0)
}

test('whatever was said on any connections plays as both, and is equal', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 3, arbitrary: talk }, letters), { minLength: 1, maxLength: 4 }),
      async (talks) => {
        const report = await play(await record(talks))
        expect(report.verdicts.filter(({ outcome }) => outcome !== 'equal')).toEqual([])
        // Of two UDP sockets each is played by itself, as both sides.
        const times = (kind: string): number => (kind === 'udp' ? 2 : 1)
        const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)
        expect(report.verdicts).toHaveLength(sum(talks.map(({ kind }) => 2 * times(kind))))
        const lastWords = talks.map((each) =>
          each.kind !== 'udp' && each.ending.endsWith('First') ? each.lastWordsBytes : 0,
        )
        const bytes = sum([
          ...lastWords,
          ...talks.flatMap(({ kind, turns }) => turns.map(({ lengthBytes }) => times(kind) * lengthBytes)),
        ])
        expect(report).toMatchObject({ isEqual: true, sentBytes: bytes, receivedBytes: bytes })
      },
    ),
    { numRuns: 40 },
  )
}, 120_000)

test('1,000 recorded connections play with their overlap', async () => {
  const one: Talk = {
    kind: 'tcp',
    turns: [
      { isClient: true, lengthBytes: 100 },
      { isClient: false, lengthBytes: 1000 },
    ],
    ending: 'clientFirst',
    waits: true,
    lastWordsBytes: 0,
  }
  const file = await record(
    Array.from({ length: 1000 }, () => one),
    true,
  )
  const report = await play(file)
  expect(report).toMatchObject({ isEqual: true, equal: 2000, sentBytes: 1_100_000 })
  const overlap = await overlapIn(file)
  expect(overlap).toBe(1000)
  expect(await overlapIn(report.file)).toBeGreaterThanOrEqual(overlap)
  const timed = await play(file, { speed: 1 })
  expect(timed).toMatchObject({ isEqual: true, equal: 2000 })
  expect(await overlapIn(timed.file)).toBeGreaterThanOrEqual(overlap)
}, 120_000)
