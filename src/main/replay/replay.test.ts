import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { type ReplayReport, type ReplayRole } from '../../shared/model/replay'
import { openRecording } from '../capture/index/opened'
import { Folder, value } from '../capture/testing/folder'
import { type Capture } from '../capture/types'
import { createEngine } from '../engine/engine'
import { echo, ok, python, utf8, type Counterpart } from '../engine/testing/bench'
import { type Behaviour, type Engine } from '../engine/types'
import { makePlan } from './plan'
import { Player, type ReplayOptions } from './player'

let folder: Folder
beforeAll(async () => {
  folder = await Folder.make()
})
afterAll(() => folder[Symbol.asyncDispose]())

/** An engine that records into a file of its own. */
class Studio implements AsyncDisposable {
  readonly engine: Engine
  readonly capture: Capture
  private constructor(capture: Capture) {
    this.capture = capture
    this.engine = createEngine({ recorder: capture })
  }
  static async make(): Promise<Studio> {
    return new Studio(await folder.record())
  }
  async listen(behaviour: Behaviour, at: Endpoint = loopback): Promise<Endpoint> {
    const { state } = ok(await this.engine.listen(at, behaviour))
    if (state.phase !== 'listening') throw new Error('it does not listen')
    return state.at
  }
  /** Dials, says things one after the other and waits for as many bytes each time, and closes. */
  async talk(to: Endpoint, says: readonly string[], answerBytes = (text: string) => text.length): Promise<void> {
    const { id } = ok(this.engine.dial(to))
    let heard = 0
    this.engine.onReceived(id, (bytes) => (heard += bytes.length))
    ok(await this.engine.dialled(id))
    let wanted = 0
    for (const text of says) {
      ok(this.engine.send(id, utf8(text)))
      wanted += answerBytes(text)
      while (heard < wanted) await new Promise((resolve) => setImmediate(resolve))
    }
    ok(await this.engine.close(id))
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.dispose()
    await this.capture.close()
  }
}

const loopback: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 0 }

/** Records what a function does. */
async function recorded(record: (studio: Studio) => Promise<void>): Promise<string> {
  const studio = await Studio.make()
  await record(studio)
  await studio[Symbol.asyncDispose]()
  return studio.capture.file
}

async function played(
  file: string,
  role: ReplayRole,
  more: Partial<ReplayOptions> = {},
  meanwhile: (player: Player) => Promise<unknown> = () => Promise.resolve(),
): Promise<ReplayReport> {
  const session = value(await openRecording(file))
  await using studio = await Studio.make()
  const plan = value(await makePlan(session, null))
  const options: ReplayOptions = { role, at: null, speed: 'max', wait: 'peer', patienceMs: 2000, ...more }
  const player = new Player({ engine: studio.engine, recording: studio.capture, plan, options })
  value(await player.open())
  const [report] = await Promise.all([player.play(), meanwhile(player)])
  await session.close()
  return report
}

/** A Python server that answers each line; prints its port. @param answer an expression of `line` and `n` */
async function lineServer(answer: string): Promise<Counterpart & { readonly at: Endpoint }> {
  const server = python(`
s = socket.create_server(("127.0.0.1", 0))
say(s.getsockname()[1])
while True:
    c, _ = s.accept()
    f = c.makefile("rb")
    n = 0
    for line in f:
        n += 1
        c.sendall(${answer})
    c.close()
`)
  const port = Number((await server.printed('\n')).trim())
  return Object.assign(server, { at: { kind: 'tcp', host: '127.0.0.1', port } as const })
}

const says = ['hello\n', 'is anybody there?\n', 'bye\n']

describe('as the client against a live server', () => {
  test('the same server is equal', async () => {
    await using server = await lineServer('line.upper()')
    const file = await recorded((studio) => studio.talk(server.at, says))
    const report = await played(file, 'client', { at: server.at })
    expect(report.verdicts).toMatchObject([
      { connection: 'C1', side: 'client', outcome: 'equal', sentBytes: 28, receivedBytes: 28, note: null },
    ])
    expect(report.isEqual).toBe(true)
    expect(report.delays.count).toBe(3)
  })

  test('a server that was changed differs at the byte that it changed', async () => {
    await using server = await lineServer('line.upper()')
    const file = await recorded((studio) => studio.talk(server.at, says))
    await using other = await lineServer('line.upper() if n != 2 else line.upper().replace(b"BODY", b"boDY")')
    const report = await played(file, 'client', { at: other.at })
    expect(report.isEqual).toBe(false)
    expect(report.divergence).toMatchObject({
      kind: 'bytes',
      connection: 'C1',
      direction: 'in',
      from: 'server',
      offset: 12,
      contextFrom: 0,
    })
    const { expected, actual } = report.divergence ?? {}
    expect(Buffer.from(expected ?? []).toString()).toBe('HELLO\nIS ANYBODY THERE?\nBYE\n')
    expect(Buffer.from(actual ?? []).toString()).toBe('HELLO\nIS ANYboDY THERE?\nBYE\n')
  })
})

test('both sides play against each other, and it is equal', async () => {
  const file = await recorded(async (studio) => studio.talk(await studio.listen(echo), says))
  const report = await played(file, 'both')
  expect(report.verdicts.map(({ connection, side, outcome, note }) => [connection, side, outcome, note])).toEqual([
    ['C1', 'client', 'equal', null],
    ['C2', 'server', 'equal', null],
  ])
})
