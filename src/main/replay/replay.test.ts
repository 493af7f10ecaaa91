import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Endpoint } from '../../shared/model/endpoint'
import { describeDivergence, type ReplayReport, type ReplayRole } from '../../shared/model/replay'
import { parseReplayMask } from '../../shared/wire/replayMask'
import { parseSendRules } from '../../shared/wire/replayRules'
import { openRecording } from '../capture/index/opened'
import { Folder, value } from '../capture/testing/folder'
import { type Capture } from '../capture/types'
import { createEngine } from '../engine/engine'
import { echo, ok, python, utf8, type Counterpart } from '../engine/testing/bench'
import { type Behaviour, type Engine } from '../engine/types'
import { makePlan } from './plan'
import { type ReplayOptions } from './choosing'
import { Player } from './player'

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
  async talk(
    to: Endpoint,
    says: readonly string[],
    answerBytes = (text: string) => text.length,
  ): Promise<void> {
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
    f.close()
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
  expect(
    report.verdicts.map(({ connection, side, outcome, note }) => [connection, side, outcome, note]),
  ).toEqual([
    ['C1', 'client', 'equal', null],
    ['C2', 'server', 'equal', null],
  ])
})

describe('what may differ', () => {
  const dated = 'b"at %03d: " % (BASE + n) + line'
  const answered = (text: string): number => text.length + 8
  const against = async (
    masks: readonly string[],
    other = dated.replace('BASE', '700'),
  ): Promise<ReplayReport> => {
    await using server = await lineServer(dated.replace('BASE', '100'))
    const file = await recorded((studio) => studio.talk(server.at, says, answered))
    await using now = await lineServer(other)
    return await played(file, 'client', {
      at: now.at,
      patienceMs: 500,
      masks: masks.map((text) => value(parseReplayMask(text))),
    })
  }

  const told = ({ divergence }: ReplayReport, side: 'expected' | 'actual'): string =>
    Buffer.from(divergence?.[side] ?? []).toString()

  test('without a mask it differs', async () => {
    expect((await against([])).divergence).toMatchObject({ kind: 'bytes', offset: 3 })
  })

  test('by expression, in each place', async () => {
    const report = await against([String.raw`/at \d+:/`])
    expect(report.verdicts).toMatchObject([{ outcome: 'equal', masked: 3 }])
    expect(report.isEqual).toBe(true)
  })

  test('by range, of this connection or of each', async () => {
    expect((await against(['3-5', 'C1:17-19', 'C1:43-45'])).isEqual).toBe(true)
    expect((await against(['3-5', 'C2:17-19'])).divergence).toMatchObject({ offset: 17 })
  })

  test('what lies beside a mask is compared', async () => {
    const beside = await against(
      [String.raw`/at \d+:/`],
      `${dated.replace('BASE', '700')}.replace(b"body", b"boDy")`,
    )
    expect(beside.divergence).toMatchObject({ kind: 'bytes', offset: 30 })
  })

  test.each([
    ['longer', dated.replace('BASE', '7000')],
    ['shorter', dated.replace('BASE', '0').replace('%03d', '%d')],
    [
      'longer each time',
      dated.replace('BASE', '1').replace('%03d', '%d%s').replace('(1 + n)', '(1, n * b"7")'),
    ],
  ])('a match that is %s; what follows is compared where it is', async (_, other) => {
    const mask = [String.raw`/at [\w']+:/`]
    const report = await against(mask, other)
    expect(report).toMatchObject({ isEqual: true, verdicts: [{ outcome: 'equal', masked: 3, note: null }] })
    const beside = await against(mask, `(${other}).replace(b"body", b"boDy")`)
    expect(beside.divergence).toMatchObject({ kind: 'bytes', offset: 30 })
    expect(told(beside, 'expected')).toMatch(/^.*is anybody there/s)
    expect(told(beside, 'actual')).toMatch(/^.*is anyboDy there/s)
    const less = await against(mask, `(${other}).replace(b"there?", b"")`)
    expect(less.divergence).toMatchObject({ offset: 33 })
    const end = await against(mask, `(${other}).replace(b"bye\\n", b"")`)
    expect(end.divergence).toMatchObject({ kind: 'missing', offset: 48 })
    const more = await against(mask, `(${other}).replace(b"bye\\n", b"bye\\nbye\\n")`)
    expect(more.divergence).toMatchObject({ kind: 'extra', offset: 52 })
  })

  test('of a range, as many bytes', async () => {
    const longer = await against(['3-5'], dated.replace('BASE', '7000'))
    expect(longer.divergence).toMatchObject({ kind: 'bytes', offset: 6 })
  })

  test('an expression that goes round in circles masks nothing, and is told', async () => {
    const report = await against(['/(?:[^!]+)+!/'])
    expect(report.divergence).toMatchObject({ kind: 'bytes', offset: 3 })
    expect(report.warnings.join()).toMatch(/goes round in circles/)
  })
})

describe('what is sent otherwise', () => {
  // It gives out a token, and takes no other.
  const door = (token: string): string =>
    `b"token=${token};" if n == 1 else (b"welcome" if b"t=${token};" in line else b"go away") + b" <" + line.strip() + b">"`

  const talked = async (
    now: string,
    captures: readonly string[],
    sets: readonly string[],
    masks: readonly string[] = [],
  ): Promise<ReplayReport> => {
    await using server = await lineServer(door('1a2b'))
    const file = await recorded((studio) =>
      studio.talk(
        server.at,
        ['hello\n', 'get t=1a2b; at 1000 no 0\n', 'get t=1a2b; at 1001 no 0\n'],
        (text) => (text === 'hello\n' ? 11 : text.length + 9),
      ),
    )
    await using changed = await lineServer(door(now))
    return await played(file, 'client', {
      at: changed.at,
      patienceMs: 500,
      masks: masks.map((text) => value(parseReplayMask(text))),
      rules: value(parseSendRules(captures, sets)),
    })
  }
  const token = String.raw`/t=(\w+);/={token}`
  const taken = String.raw`token=/token=(\w+);/`
  const tokens = String.raw`/t(oken)?=\w+;/`

  test('a value of an answer goes into later sends', async () => {
    const report = await talked('zz99', [taken], [token], [tokens])
    expect(report.verdicts).toMatchObject([{ outcome: 'equal', masked: 3 }])
    expect((await talked('zz99', [], [], [tokens])).isEqual).toBe(false)
  })

  test('where a connection has brought no such value, the one that another brought last', async () => {
    const first =
      'b"token=1a2b;" if line == b"hello\\n" else b"welcome" if b"t=1a2b;" in line else b"go away"'
    await using server = await lineServer(first)
    const file = await recorded(async (studio) => {
      await studio.talk(server.at, ['hello\n'], () => 11)
      for (let n = 0; n < 2; n++) await studio.talk(server.at, ['get t=1a2b;\n'], () => 7)
    })
    await using changed = await lineServer(first.replaceAll('1a2b', 'zz99'))
    const options = { at: changed.at, patienceMs: 500, masks: [value(parseReplayMask(tokens))] }
    const rules = value(parseSendRules([taken], [token]))
    expect(await played(file, 'client', { ...options, rules })).toMatchObject({ isEqual: true, warnings: [] })
    expect(await played(file, 'client', options)).toMatchObject({ equal: 1, different: 2 })
  })

  test('times and counts', async () => {
    const report = await talked('1a2b', [], [String.raw`/no (\d+)/={count}`], [String.raw`/no \d/`])
    expect(report.verdicts).toMatchObject([{ outcome: 'equal', masked: 2 }])
    const timed = await talked('1a2b', [], [String.raw`/at (\d+)/={s}`])
    const [before, after] = ['expected', 'actual'].map((side) =>
      Buffer.from(timed.divergence?.[side as 'expected'] ?? []).toString(),
    )
    expect(before).toContain('at 1000')
    const seconds = Number(/at (\d{10}) /.exec(after ?? '')?.[1])
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60)
  })

  test('what was not captured goes as recorded, and is told', async () => {
    const report = await talked('1a2b', ['token=/nothing=(.*)/'], [token])
    expect(report.isEqual).toBe(true)
    expect(report.warnings).toEqual([expect.stringContaining('{token} had not been captured')])
  })
})

/** A Python client that says things, waits for so many bytes each time, and prints what it got. */
function lineClient(port: number, words: readonly string[], answers: readonly number[]): Counterpart {
  return python(
    `
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
got = b""
for text, length in ${JSON.stringify(words.map((text, n) => [text, answers[n]]))}:
    s.sendall(text.encode())
    want = len(got) + length
    while len(got) < want:
        part = s.recv(65536)
        if not part: break
        got += part
s.shutdown(socket.SHUT_WR)
while True:
    part = s.recv(65536)
    if not part: break
    got += part
say(got)
`,
    port,
  )
}

describe('as the server for a live client', () => {
  const lengths = says.map((text) => text.length)
  const portOf = (player: Player): number => Number(/:(\d+)$/.exec(player.listening ?? '')?.[1])

  test('the same client is equal, and gets the recorded answers', async () => {
    await using server = await lineServer('line.upper()')
    const file = await recorded((studio) => studio.talk(server.at, says))
    const report = await played(file, 'server', { at: loopback }, async (player) => {
      await using client = lineClient(portOf(player), says, lengths)
      const { output } = await client.ended()
      expect(output.trim()).toBe(String.raw`b'HELLO\nIS ANYBODY THERE?\nBYE\n'`)
    })
    expect(report.verdicts).toMatchObject([
      { side: 'server', outcome: 'equal', receivedBytes: 28, note: null },
    ])
  })

  test('a client that says something else differs there', async () => {
    await using server = await lineServer('line.upper()')
    const file = await recorded((studio) => studio.talk(server.at, says))
    const report = await played(file, 'server', { at: loopback }, async (player) => {
      await using client = lineClient(portOf(player), ['hello\n', 'is anybody hier?\n', 'bye\n'], lengths)
      await client.ended()
    })
    expect(report.divergence).toMatchObject({ kind: 'bytes', direction: 'out', from: 'client', offset: 17 })
  })

  test('callers are told apart by what they say, in whatever order they come', async () => {
    await using server = await lineServer('line.upper()')
    const file = await recorded(async (studio) => {
      for (const name of ['anna', 'bert', 'carl'])
        await studio.talk(server.at, [`I am ${name}\n`, 'and so on\n'])
    })
    const report = await played(file, 'server', { at: loopback }, async (player) => {
      for (const name of ['carl', 'anna', 'bert']) {
        await using client = lineClient(portOf(player), [`I am ${name}\n`, 'and so on\n'], [10, 10])
        await client.ended()
      }
    })
    expect(report).toMatchObject({ isEqual: true, equal: 3 })
  })
})

describe('what differs', () => {
  const against = async (answer: string, other: string): Promise<ReplayReport> => {
    await using server = await lineServer(answer)
    const file = await recorded((studio) => studio.talk(server.at, ['one\n', 'two\n'], () => 4))
    await using changed = await lineServer(other)
    return await played(file, 'client', { at: changed.at, patienceMs: 500 })
  }

  test('an answer that is missing its end', async () => {
    const report = await against('line', 'line[:4 if n == 1 else 2]')
    expect(report.divergence).toMatchObject({ kind: 'missing', offset: 6, connection: 'C1' })
    expect(report.verdicts[0]?.note).toMatch(/sent nothing for/)
  })

  test('an answer that goes on', async () => {
    const report = await against('line', 'line + (b"more" if n == 2 else b"")')
    expect(report.divergence).toMatchObject({ kind: 'extra', offset: 8 })
    expect(Buffer.from(report.divergence?.actual ?? []).toString()).toBe('one\ntwo\nmore')
  })

  test('bytes that are missing in the midst of it, or there in addition, and others in their place', async () => {
    const page = 'b"Date: now\\n" + 3 * b"and here the page goes on\\n"'
    const kindOf = async (other: string) => {
      const { divergence } = await against(page, other)
      return divergence === null ? null : { ...divergence, told: describeDivergence(divergence) }
    }
    expect(await kindOf(page.replace('Date: now\\n', ''))).toMatchObject({
      kind: 'missing',
      offset: 0,
      lengthBytes: 10,
      told: '10 bytes of what the server sent are missing from byte 0 on: what follows is as recorded',
    })
    expect(await kindOf(page.replace('now', 'now, or later'))).toMatchObject({
      kind: 'extra',
      offset: 9,
      lengthBytes: 10,
      told: 'what the server sent has 10 bytes more at byte 9: what follows is as recorded',
    })
    expect(await kindOf(page.replace('now', 'not'))).toMatchObject({ kind: 'bytes', offset: 8 })
  })

  test('a reset in place of FIN', async () => {
    await using server = await lineServer('line')
    const file = await recorded((studio) => studio.talk(server.at, ['one\n', 'two\n']))
    await using changed = python(`
s = socket.create_server(("127.0.0.1", 0))
say(s.getsockname()[1])
c, _ = s.accept()
got = b""
while len(got) < 8:
    part = c.recv(100)
    got += part
    c.sendall(part)
while c.recv(100): pass
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
c.close()
`)
    const port = Number((await changed.printed('\n')).trim())
    const report = await played(file, 'client', { at: { kind: 'tcp', host: '127.0.0.1', port } })
    expect(report.divergence).toMatchObject({
      kind: 'ending',
      offset: 8,
      expectedEnding: { how: 'fin' },
      actualEnding: { how: 'reset' },
    })
  })

  test('a call that nobody answers: a timeout', async () => {
    await using server = await lineServer('line')
    const file = await recorded((studio) => studio.talk(server.at, ['one\n']))
    // Its queue is full: the kernel lets whoever calls now wait.
    await using deaf = python(`
s = socket.create_server(("127.0.0.1", 0), backlog=0)
callers = [socket.socket() for _ in range(3)]
for c in callers:
    c.setblocking(False)
    c.connect_ex(s.getsockname())
callers[0].setblocking(True)
callers[0].send(b"!")
say(s.getsockname()[1])
time.sleep(60)
`)
    const port = Number((await deaf.printed('\n')).trim())
    const at: Endpoint = { kind: 'tcp', host: '127.0.0.1', port }
    const report = await played(file, 'client', { at, patienceMs: 300 })
    expect(report.divergence).toMatchObject({ kind: 'ending', actualEnding: { how: 'timeout' } })
    expect(report.verdicts[0]?.note).toBe('No connection within 0.3 s.')
  })

  test('nobody who takes the call; and where nobody took it then, that is equal', async () => {
    await using server = await lineServer('line')
    const file = await recorded((studio) => studio.talk(server.at, ['one\n']))
    await server[Symbol.asyncDispose]()
    const report = await played(file, 'client', { at: server.at })
    expect(report.divergence).toMatchObject({ kind: 'ending', actualEnding: { how: 'refused' } })
    const refused = await recorded(async ({ engine }) => {
      const { id } = ok(engine.dial(server.at))
      await engine.dialled(id)
    })
    expect((await played(refused, 'client', { at: server.at })).isEqual).toBe(true)
    await using now = await lineServer('line')
    expect((await played(refused, 'client', { at: now.at })).divergence).toMatchObject({
      kind: 'ending',
      expectedEnding: { how: 'refused' },
      actualEnding: { how: 'open' },
    })
  })
})

test('a Unix stream and datagrams play as both', async () => {
  const file = await recorded(async (studio) => {
    const path = `${folder.path}/both.sock`
    await studio.talk(await studio.listen(echo, { kind: 'unix', path }), says)
    const a = ok(await studio.engine.bindUdp({ kind: 'udp', host: '127.0.0.1', port: 0 }))
    const b = ok(await studio.engine.bindUdp({ kind: 'udp', host: '127.0.0.1', port: 0 }))
    let answers = 0
    studio.engine.onReceived(b.id, (bytes, from) => void studio.engine.sendUdp(b.id, bytes, from))
    studio.engine.onReceived(a.id, () => answers++)
    for (let n = 0; n < 5; n++) {
      ok(
        await studio.engine.sendUdp(
          a.id,
          utf8(`datagram ${n}`),
          b.state.phase === 'bound' ? b.state.at : null,
        ),
      )
      while (answers <= n) await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const report = await played(file, 'both')
  expect(
    report.verdicts.map(({ connection, side, outcome, note }) => [connection, side, outcome, note]),
  ).toEqual([
    ['C1', 'client', 'equal', null],
    ['C2', 'server', 'equal', null],
    ['U1', 'client', 'equal', null],
    ['U1', 'server', 'equal', null],
    ['U2', 'client', 'equal', null],
    ['U2', 'server', 'equal', null],
  ])
})

describe('time', () => {
  const slow = (): Promise<string> =>
    recorded(async (studio) => {
      const to = await studio.listen(echo)
      const { id } = ok(studio.engine.dial(to))
      ok(await studio.engine.dialled(id))
      for (let n = 0; n < 20; n++) {
        ok(studio.engine.send(id, utf8(`${n}\n`)))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      ok(await studio.engine.close(id))
    })

  // A busy machine only makes it longer.
  test('sends go out when they did, or as many times faster', { retry: 3 }, async () => {
    const file = await slow()
    const once = await played(file, 'both', { speed: 1 })
    expect(once.isEqual).toBe(true)
    expect(once.durationNanos).toBeGreaterThan(380e6)
    expect(once.lateness.count).toBeGreaterThan(0)
    const four = await played(file, 'both', { speed: 4 })
    expect(four.durationNanos).toBeGreaterThan(95e6)
    expect(four.durationNanos).toBeLessThan(once.durationNanos)
    const max = await played(file, 'both', { speed: 'max' })
    expect(max.lateness.count).toBe(0)
    expect(max.durationNanos).toBeLessThan(once.durationNanos)
  })

  test('a pause holds all, a step does one thing, and stop ends it', async () => {
    const file = await slow()
    const report = await played(file, 'both', { speed: 'max' }, async (player) => {
      player.pause()
      const until = async (test: () => boolean): Promise<void> => {
        while (!test()) await new Promise((resolve) => setImmediate(resolve))
      }
      await until(() => player.step())
      await until(() => player.step())
      expect(player.isPaused).toBe(true)
      player.resume()
    })
    expect(report.isEqual).toBe(true)
    const stopped = await played(file, 'both', { speed: 1 }, (player) => {
      player.pause()
      player.stop()
      return Promise.resolve()
    })
    expect(stopped).toMatchObject({ isStopped: true, isEqual: false, notPlayed: 2 })
  })
})

describe('datagrams that answer one', () => {
  /** A Python server that answers each datagram with some of its own; prints its port. */
  async function answering(...answers: readonly string[]): Promise<Counterpart & { readonly at: Endpoint }> {
    const server = python(
      `s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); say(s.getsockname()[1])
while True:
    _, who = s.recvfrom(2048)
    for answer in sys.argv[1:]: s.sendto(answer.encode(), who)`,
      ...answers,
    )
    const port = Number((await server.printed('\n')).trim())
    return Object.assign(server, { at: { kind: 'udp', host: '127.0.0.1', port } as const })
  }
  const asked = async (to: Endpoint, count: number): Promise<string> =>
    recorded(async ({ engine }) => {
      const { id } = ok(await engine.bindUdp({ kind: 'udp', host: '127.0.0.1', port: 0 }))
      let came = 0
      engine.onReceived(id, () => came++)
      ok(await engine.sendUdp(id, utf8('?'), to))
      while (came < count) await new Promise((resolve) => setImmediate(resolve))
    })

  test.each([
    ['in the same order', ['first', 'second!'], null],
    ['in another order', ['second!', 'first'], { kind: 'reordered', offset: 0, order: [5, 0] }],
    ['cut elsewhere', ['fir', 'stsecond!'], { kind: 'boundary', offset: 3 }],
    ['as one', ['firstsecond!'], { kind: 'boundary', offset: 5 }],
    ['otherwise', ['first', 'secomd!'], { kind: 'bytes', offset: 9 }],
    ['without the last', ['first'], { kind: 'missing', offset: 5 }],
  ] as const)('%s', async (_title, answers, divergence) => {
    await using before = await answering('first', 'second!')
    const file = await asked(before.at, 2)
    await using now = await answering(...answers)
    const report = await played(file, 'client', { at: now.at, patienceMs: 300 })
    if (divergence === null) expect(report).toMatchObject({ isEqual: true, divergence: null })
    else expect(report.divergence).toMatchObject(divergence)
  })
})
