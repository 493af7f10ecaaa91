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
import { Player, type ReplayOptions } from './player'

let folder: Folder
beforeAll(async () => {
  folder = await Folder.make()
})
afterAll(() => folder[Symbol.asyncDispose]())

interface Talk {
  /** Who says how much, one after the other. */
  readonly turns: readonly { readonly isClient: boolean; readonly lengthBytes: number }[]
  readonly ending: 'clientFirst' | 'serverFirst' | 'clientReset' | 'serverReset'
  readonly waits: boolean
}

const talk: fc.Arbitrary<Talk> = fc.record({
  turns: fc.array(
    fc.record({
      isClient: fc.boolean(),
      lengthBytes: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 200_000 })),
    }),
    { maxLength: 8 },
  ),
  ending: fc.constantFrom('clientFirst', 'serverFirst', 'clientReset', 'serverReset'),
  waits: fc.boolean(),
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Has both ends of a connection say their turns, to the last byte, and end. */
async function hold(
  engine: Engine,
  at: Endpoint,
  callers: Map<string, ConnectionId>,
  { turns, ending, waits }: Talk,
  seed: number,
  met: Promise<void>,
) {
  const { id } = ok(engine.dial(at))
  const client = ok(await engine.dialled(id))
  if (client.state.phase !== 'open') throw new Error('no connection')
  const key = client.state.local.kind === 'tcp' ? String(client.state.local.port) : ''
  while (!callers.has(key)) await turn()
  const server = callers.get(key) as ConnectionId
  await met
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
  if (phase(second) === 'halfClosed') await engine.close(second)
  while (phase(first) !== 'closed') await turn()
}

/** @param isMeeting nobody speaks before all are there */
async function record(talks: readonly Talk[], isMeeting = false): Promise<string> {
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
  await Promise.all(
    talks.map((each, n) => hold(engine, state.at, callers, each, 2 * n, isMeeting ? met : Promise.resolve())),
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
    options: { role: 'both', at: null, speed: 'max', wait: 'peer', patienceMs: 3000, ...options },
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
    fc.asyncProperty(fc.array(talk, { minLength: 1, maxLength: 4 }), async (talks) => {
      const report = await play(await record(talks))
      expect(report.verdicts.filter(({ outcome }) => outcome !== 'equal')).toEqual([])
      expect(report.verdicts).toHaveLength(2 * talks.length)
      const bytes = talks.flatMap(({ turns }) => turns).reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
      expect(report).toMatchObject({ isEqual: true, sentBytes: bytes, receivedBytes: bytes })
    }),
    { numRuns: 40 },
  )
}, 120_000)

test('1,000 recorded connections play with their overlap', async () => {
  const one: Talk = {
    turns: [
      { isClient: true, lengthBytes: 100 },
      { isClient: false, lengthBytes: 1000 },
    ],
    ending: 'clientFirst',
    waits: true,
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
