import fc from 'fast-check'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Experiment } from '../../../shared/model/experiment'
import { FaultError } from '../../../shared/model/fault'
import { type ConnectionId, type ListenerId, type SocketId, type DatagramId } from '../../../shared/model/ids'
import { type Endpoint } from '../../../shared/model/endpoint'
import { parseBehaviour } from '../../behaviours/behaviours'
import { openRecording } from '../../capture/index/opened'
import { Folder, value } from '../../capture/testing/folder'
import { type Capture } from '../../capture/types'
import { createEngine } from '../../engine/engine'
import { type Engine } from '../../engine/types'
import { whenRoom } from '../../engine/whenRoom'
import { parseExperiment } from '../parseExperiment'
import { ExperimentRun } from '../run/experimentRun'
import { sessionAsExperiment } from './sessionAsExperiment'
import { payloadYaml, quoted } from './yamlQuotes'

let folder: Folder
beforeAll(async () => (folder = await Folder.make()))
afterAll(() => folder[Symbol.asyncDispose]())

const loopback: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 0 }
const udpLoopback: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 0 }

/** What happens on real sockets, recorded, as the text of an experiment. */
async function recorded(
  happen: (stage: Stage) => Promise<void>,
  id: SocketId | null = null,
  file = folder.file(),
): Promise<string> {
  const capture = await folder.record(file)
  const engine = createEngine({ recorder: capture, lingerMs: 50 })
  try {
    await happen(new Stage(engine, capture))
  } finally {
    await engine.dispose()
    await capture.close()
  }
  return exportOf(file, id)
}

/** What each socket of a session read and wrote, whatever its id. */
async function bytesOf(file: string): Promise<string[]> {
  const reader = value(await openRecording(file))
  try {
    const all: string[] = []
    for (const id of reader.ids()) {
      const { inBytes, outBytes } = reader.size(id)
      const came = value(await reader.bytes(id, 'in', 0, inBytes))
      const went = value(await reader.bytes(id, 'out', 0, outBytes))
      const hex = [came, went].map(({ bytes }) => Buffer.from(bytes).toString('hex'))
      if (inBytes + outBytes > 0) all.push(`${id.charAt(0)} in ${hex[0]} out ${hex[1]}`)
    }
    return all.sort()
  } finally {
    await reader.close()
  }
}

async function exportOf(file: string, id: SocketId | null): Promise<string> {
  const reader = value(await openRecording(file))
  const pieces: Uint8Array[] = []
  const { signal } = new AbortController()
  try {
    for await (const piece of sessionAsExperiment({ reader, scope: { id, stream: 'both' }, signal }))
      pieces.push(piece)
  } finally {
    await reader.close()
  }
  return Buffer.concat(pieces).toString()
}

function parsed(text: string): Experiment {
  const read = parseExperiment(text)
  if (!read.ok) throw new Error(`${JSON.stringify(read.problems)}\n${text}`)
  return read.experiment
}

/** Runs it over sockets of its own; what it says at its end. @param file where the run is recorded */
async function runs(text: string, file = folder.file()): Promise<string> {
  const experiment = parsed(text)
  const capture = await folder.record(file)
  const engine = createEngine({ recorder: capture })
  const bugs: unknown[] = []
  const run = new ExperimentRun(experiment, {
    engine,
    capture,
    folder: folder.path,
    whenRoom: () => whenRoom(capture),
    onChange: () => undefined,
    onBug: (error) => {
      bugs.push(error)
      return { code: 'SB_BUG', summary: String(error) }
    },
  })
  await run.run()
  await engine.dispose()
  await capture.close()
  expect(bugs).toEqual([])
  if (run.phase === 'passed') return 'passed'
  return `${run.phase} at line ${experiment.steps[run.done]?.line}: ${run.outcomes[run.done]?.note}\n${text}`
}

/** Sockets, and what tests do with them. */
class Stage {
  readonly engine: Engine
  readonly capture: Capture
  constructor(engine: Engine, capture: Capture) {
    this.engine = engine
    this.capture = capture
  }
  async listen(behaviour = 'none', at = loopback): Promise<{ id: ListenerId; at: Endpoint }> {
    const summary = value(await this.engine.listen(at, value(parseBehaviour(behaviour))))
    if (summary.state.phase !== 'listening') throw new Error(summary.state.phase)
    return { id: summary.id, at: summary.state.at }
  }
  async dial(to: { id: ListenerId; at: Endpoint }): Promise<{ id: ConnectionId; other: ConnectionId }> {
    const before = new Set(this.engine.connectionsOf(to.id))
    const { id } = value(this.engine.dial(to.at))
    value(await this.engine.dialled(id))
    for (;;) {
      const other = this.engine.connectionsOf(to.id).find((each) => !before.has(each))
      if (other !== undefined) return { id, other }
      await setImmediate()
    }
  }
  send(id: ConnectionId, text: string): void {
    value(this.engine.send(id, Buffer.from(text)))
  }
  async has(id: SocketId, inBytes: number): Promise<void> {
    while (this.capture.size(id).inBytes < inBytes) await setImmediate()
  }
  async ended(id: ConnectionId): Promise<void> {
    while (this.engine.summary(id)?.state.phase === 'open') await setImmediate()
  }
}

describe('a session becomes an experiment', () => {
  test('in which a behaviour says what a listener answers, and text can be read', async () => {
    const text = await recorded(async (stage) => {
      const server = await stage.listen('upper')
      const { id } = await stage.dial(server)
      stage.send(id, 'grüße, "Welt"\r\n  back\\slash\n')
      await stage.has(id, 30)
      await stage.engine.close(id)
    })
    expect(text).toContain('L1: { listen: "tcp://127.0.0.1:0", behaviour: upper }')
    expect(text.slice(text.indexOf('steps:'))).toBe(`steps:
  - open: L1
  - open: C1
  - send: C1
    text: "grüße, \\"Welt\\"\\r\\n\\
      \\  back\\\\slash\\n"
  - expect: C1
    text: "GRÜSSE, \\"WELT\\"\\r\\n\\
      \\  BACK\\\\SLASH\\n"
  - close: C1
  - close: L1
`)
    expect(await runs(text)).toBe('passed')
  })

  test('in which each side has its steps where both were done by hand', async () => {
    const text = await recorded(async (stage) => {
      const server = await stage.listen()
      const { id, other } = await stage.dial(server)
      stage.send(id, 'question')
      await stage.engine.halfClose(id)
      await stage.has(other, 8)
      await stage.ended(other)
      value(stage.engine.send(other, Buffer.from([0, 1, 2, 255])))
      await stage.has(id, 4)
      await stage.engine.close(other)
    })
    expect(text.slice(text.indexOf('steps:'))).toBe(`steps:
  - open: L1
  - open: C1
  - send: C1
    text: "question"
  - shutdown: C1
  - expect: L1[1]
    text: "question"
  - expect: L1[1]
    closed: fin
  - send: L1[1]
    hex: "00 01 02 ff"
  - expect: C1
    hex: "00 01 02 ff"
  - close: L1[1]
  - expect: C1
    closed: fin
  - close: L1
`)
    expect(await runs(text)).toBe('passed')
  })

  test('in which a behaviour that somebody helped is played by steps, and said to be', async () => {
    const text = await recorded(async (stage) => {
      const server = await stage.listen('echo')
      const { id, other } = await stage.dial(server)
      stage.send(id, 'one')
      await stage.has(id, 3)
      stage.send(other, 'by hand')
      await stage.has(id, 10)
    })
    expect(text).toContain('# L1 had the behaviour echo: what it sent is sent by steps.')
    expect(text).toContain('- send: L1[1]\n    text: "by hand"')
    expect(await runs(text)).toBe('passed')
  })

  test('with resets, failures and datagrams', async () => {
    const text = await recorded(async (stage) => {
      const server = await stage.listen()
      const { id, other } = await stage.dial(server)
      stage.send(id, 'cut')
      await stage.has(other, 3)
      await stage.engine.reset(id)
      await stage.ended(other)
      await stage.engine.closeListener(server.id)
      const refused = value(stage.engine.dial(server.at))
      await stage.engine.dialled(refused.id)
      const one = value(await stage.engine.bindUdp(udpLoopback))
      const two = value(await stage.engine.bindUdp(udpLoopback))
      const at = (udp: typeof one): Endpoint =>
        udp.state.phase === 'bound' ? udp.state.at : expect.fail('not bound')
      value(await stage.engine.sendUdp(one.id, Buffer.from('ping'), at(two)))
      await stage.has(two.id, 4)
      value(await stage.engine.sendUdp(two.id, Buffer.from('pong'), at(one)))
      await stage.has(one.id, 4)
    })
    expect(text).toContain('  - reset: C1\n  - expect: L1[1]\n    closed: reset\n')
    expect(text).toContain('  - open: C3\n  - expect: C3\n    error: ECONNREFUSED\n')
    expect(text).toContain('  - send: U1\n    text: "ping"\n    to: "udp://127.0.0.1:{U2.port}"\n')
    expect(await runs(text)).toBe('passed')
  })

  test('of one connection alone, or of a listener with all its callers', async () => {
    const happen = async (stage: Stage): Promise<void> => {
      const server = await stage.listen('echo')
      const { id } = await stage.dial(server)
      stage.send(id, 'x')
      await stage.has(id, 1)
      await stage.engine.close(id)
    }
    const client = await recorded(happen, 'C1')
    expect(client).toMatch(/endpoints:\n {2}C1: \{ dial: "tcp:\/\/127.0.0.1:[1-9]\d*" \}\nsteps:/)
    const server = await recorded(happen, 'L1')
    expect(server).toContain(
      'steps:\n  - open: L1\n  - expect: L1[1]\n    text: "x"\n  - expect: L1[1]\n    closed: fin\n',
    )
    expect(parsed(server).endpoints).toHaveLength(1)
  })

  test('but not where it holds nothing, or more than an experiment takes', async () => {
    await expect(recorded(async () => undefined)).rejects.toThrow('nothing that an experiment could do')
    const much = recorded(async (stage) => {
      const { id } = await stage.dial(await stage.listen('discard'))
      value(stage.engine.send(id, new Uint8Array(1_000_000).fill(7)))
      await stage.engine.drained(id)
    })
    await expect(much).rejects.toThrow(FaultError)
    await expect(much).rejects.toThrow(/too much for an experiment/)
  })
})

const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).map((text) => Buffer.from(text)),
  fc
    .constantFrom('GET / HTTP/1.1\r\nHost: x\r\n\r\n', ' \n  \\\n', 'ß\u2028é', '\ufeff')
    .map((text) => Buffer.from(text)),
)

const act = fc.record({
  does: fc.constantFrom(
    ...([
      'send',
      'send',
      'send',
      'answer',
      'answer',
      'shutdown',
      'finish',
      'close',
      'reset',
      'wait',
      'dial',
      'datagram',
    ] as const),
  ),
  who: fc.nat(3),
  bytes,
})
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

interface Sockets {
  readonly calls: readonly { readonly id: ConnectionId; readonly other: ConnectionId }[]
  readonly radios: readonly { readonly id: DatagramId; readonly at: Endpoint }[]
}

/** Does what it can with what is open. */
async function happenings(
  stage: Stage,
  behaviours: readonly string[],
  acts: readonly Act[],
): Promise<Sockets> {
  const { engine } = stage
  const servers: Awaited<ReturnType<Stage['listen']>>[] = []
  for (const [n, behaviour] of behaviours.entries()) {
    const at: Endpoint = n === 1 ? { kind: 'unix', path: path.join(folder.path, 'random.sock') } : loopback
    servers.push(await stage.listen(behaviour, at))
  }
  const calls: { id: ConnectionId; other: ConnectionId }[] = []
  const radios: { id: DatagramId; at: Endpoint }[] = []
  for (let n = 0; n < 2; n++) {
    const { id, state } = value(await engine.bindUdp(udpLoopback))
    if (state.phase === 'bound') radios.push({ id, at: state.at })
  }
  for (const { does, who, bytes: payload } of acts) {
    const call = calls[who % Math.max(1, calls.length)]
    if (does === 'dial' || call === undefined) {
      const server = servers[who % servers.length]
      if (server !== undefined && calls.length < 4) calls.push(await stage.dial(server))
    } else if (does === 'wait') {
      for (let turn = 0; turn < 20; turn++) await setImmediate()
    } else if (does === 'datagram') {
      const [from, to] = who % 2 === 0 ? radios : radios.toReversed()
      if (from !== undefined && to !== undefined) await engine.sendUdp(from.id, payload, to.at)
    } else {
      const id = does === 'answer' || does === 'finish' ? call.other : call.id
      // A refusal is fine: the connection may be over.
      if (does === 'send' || does === 'answer') engine.send(id, payload)
      else if (does === 'reset') {
        // What crosses an RST is there or not: no two runs need agree on it.
        for (let turn = 0; turn < 20; turn++) await setImmediate()
        await engine.reset(id)
      } else if (does === 'close') void engine.close(id)
      else await engine.halfClose(id)
    }
  }
  for (let turn = 0; turn < 50; turn++) await setImmediate()
  return { calls, radios }
}

test('whatever happened between sockets of a session: the experiment that comes out of it passes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('none', 'none', 'echo', 'upper', 'discard', 'reply:ok\\n'), {
        minLength: 1,
        maxLength: 2,
      }),
      fc.array(act, { minLength: 1, maxLength: 24 }),
      async (behaviours, acts) => {
        const text = await recorded(async (stage) => {
          await happenings(stage, behaviours, acts)
        })
        expect(await runs(text)).toBe('passed')
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 20), endOnFailure: process.env['RUNS'] !== undefined },
  )
}, 300_000)

test('the session of such a run has the same bytes as the one that it was made from', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('none', 'echo'),
      fc.array(act, { minLength: 4, maxLength: 24 }),
      async (behaviour, acts) => {
        const isEcho = behaviour === 'echo'
        // What crosses the end of a connection need not arrive: here each byte does.
        const unsure = isEcho ? ['close', 'reset', 'answer', 'finish'] : ['close', 'reset']
        const sure = acts.map((each) =>
          unsure.includes(each.does) ? { ...each, does: 'send' as const } : each,
        )
        const before = folder.file()
        const after = folder.file()
        const text = await recorded(
          async (stage) => {
            const { calls, radios } = await happenings(
              stage,
              [behaviour, behaviour],
              [
                { does: 'dial', who: 0, bytes: Buffer.from('') },
                ...sure,
                { does: 'datagram', who: 1, bytes: Buffer.from('\0last') },
              ],
            )
            const { capture } = stage
            const isThere = (from: SocketId, to: SocketId): boolean =>
              capture.size(from).outBytes === capture.size(to).inBytes
            for (const { id, other } of calls) {
              while (isEcho && capture.size(other).outBytes !== capture.size(id).outBytes)
                await setImmediate()
              while (!isThere(id, other) || !isThere(other, id)) await setImmediate()
            }
            const [one, two] = radios
            if (one === undefined || two === undefined) throw new Error('not bound')
            while (!isThere(one.id, two.id) || !isThere(two.id, one.id)) await setImmediate()
          },
          null,
          before,
        )
        expect(await runs(text, after)).toBe('passed')
        const bytes = await bytesOf(before)
        expect(bytes.length).toBeGreaterThan(0)
        expect(await bytesOf(after)).toEqual(bytes)
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 12), endOnFailure: process.env['RUNS'] !== undefined },
  )
}, 120_000)

test('payloads and names come out of YAML as they went in', () => {
  fc.assert(
    fc.property(bytes, fc.string({ unit: 'binary', maxLength: 300 }), (payload, name) => {
      const whole = new TextDecoder().decode(new TextEncoder().encode(name))
      const read = parsed(
        `switchboard: 1\nname: ${quoted(whole, '  ')}\nendpoints:\n  a: { dial: "tcp://127.0.0.1:1" }\nsteps:\n  - open: a\n  - send: a\n    ${payloadYaml(payload, '      ')}\n`,
      )
      expect(read.name).toBe(whole)
      const send = read.steps[1]
      if (send?.act !== 'send' || send.payload.is === 'file') throw new Error('no send')
      expect(Buffer.from(send.payload.bytes)).toEqual(Buffer.from(payload))
    }),
    { numRuns: 1000 },
  )
})
