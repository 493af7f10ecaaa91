import { describe, expect, test } from 'vitest'
import { type Endpoint, hasPort } from '../../shared/model/endpoint'
import { type UdpId } from '../../shared/model/ids'
import { faultOf, has, ok, python, setUp, start, type Bench } from '../engine/testing/bench'
import { parseBehaviour, parseDatagramBehaviour } from './behaviours'

const anyPort: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 0 }

/** A socket of the bench that behaves so. */
async function behaving(bench: Bench, behaviour: string): Promise<{ id: UdpId; port: number }> {
  const bound = ok(await bench.engine.bindUdp(anyPort))
  ok(bench.engine.behaveUdp(bound.id, ok(parseDatagramBehaviour(behaviour))))
  const at = 'at' in bound.state ? bound.state.at : anyPort
  return { id: bound.id as UdpId, port: hasPort(at) ? at.port : 0 }
}

/** A Python socket that says what it gets, each on a line, and answers each in upper case. */
async function receiver(): Promise<{ port: number; heard: ReturnType<typeof python> }> {
  const heard = python(
    `s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); say(s.getsockname()[1])
while True:
    d, a = s.recvfrom(2000); say(d.decode()); s.sendto(d.upper(), a)`,
  )
  return { port: Number((await heard.printed('\n')).split('\n')[0]), heard }
}

/** Sends each as a datagram from one socket, then says what answers come until the last one that is told. */
const sender = (port: number, words: readonly string[], until: string) =>
  python(
    `s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("127.0.0.1", int(sys.argv[1]))); s.settimeout(20)
for w in sys.argv[3].split(","): s.send(w.encode())
while True:
    d = s.recv(2000).decode(); say(d)
    if d == sys.argv[2]: break`,
    port,
    until,
    words.join(','),
  )

const linesOf = (text: string): string[] => text.trim().split('\n')
const notes = (bench: Bench, id: UdpId): string[] =>
  bench.recorder
    .of(id)
    .events()
    .flatMap((each) => (each.what === 'noted' ? [each.text] : []))

/** Whom the answers of a socket go out to, and what goes on by sockets of their own. */
const upstreams = (bench: Bench, besides: UdpId): UdpId[] =>
  bench.engine.summaries().flatMap((each) => (each.kind === 'udp' && each.id !== besides ? [each.id] : []))

describe.skipIf(!has('python3'))('datagrams that are passed on', () => {
  test.each([
    ['', 'abcdef', 'abcdef'],
    ['lose=1/3', 'abcdefg', 'abdeg'],
    ['duplicate=1/2', 'abcde', 'abbcdde'],
    ['reorder=1/3', 'abcdefg', 'abdceg f'],
    ['lose=1/2 duplicate=1/3', 'abcdefg', 'acceg'],
    ['reorder=1/1', 'abcd', 'bad c'],
  ])('"%s" makes of %s', async (rules, sent, received) => {
    await using bench = setUp()
    const { port, heard } = await receiver()
    await using _heard = heard
    const middle = await behaving(bench, `impair:udp://127.0.0.1:${port} ${rules}`.trim())
    const [expected, held = ''] = received.split(' ')
    const all = [...(expected ?? ''), ...held]
    // Of those that are held back at the end the last is let go by itself.
    await using from = sender(middle.port, [...sent], all.at(-1)?.toUpperCase() ?? '')
    const { output } = await from.ended()
    expect(linesOf(heard.output()).slice(1)).toEqual(all)
    expect(linesOf(output)).toEqual(all.map((each) => each.toUpperCase()))
  })

  test('both sides are recorded, and what was done to which datagram', async () => {
    await using bench = setUp()
    const { port, heard } = await receiver()
    await using _heard = heard
    const middle = await behaving(bench, `impair:udp://127.0.0.1:${port} lose=1/2 duplicate=1/3`)
    expect(bench.engine.summary(middle.id)).toMatchObject({
      behaviour: `impair:udp://127.0.0.1:${port} lose=1/2 duplicate=1/3`,
    })
    await using from = sender(middle.port, ['one', 'two', 'three', 'four', 'five'], 'FIVE')
    await from.ended()
    expect(bench.recorder.of(middle.id).text('in')).toBe('onetwothreefourfive')
    expect(bench.recorder.of(middle.id).text('out')).toBe('ONETHREETHREEFIVE')
    const [upstream] = upstreams(bench, middle.id)
    expect(bench.recorder.of(upstream as UdpId).text('out')).toBe('onethreethreefive')
    expect(bench.recorder.of(upstream as UdpId).text('in')).toBe('ONETHREETHREEFIVE')
    // When its own socket is open is another matter than what becomes of datagrams meanwhile.
    const all = notes(bench, middle.id)
    expect(all.filter((each) => each.startsWith('goes on'))).toEqual([
      expect.stringMatching(new RegExp(`^goes on by ${upstream}: what udp://127\\.0\\.0\\.1:\\d+ sends$`)),
    ])
    expect(
      all.filter((each) => !each.startsWith('goes on')).map((each) => each.replace(/ from .*/, '')),
    ).toEqual(['lost: datagram 2', 'sent twice: datagram 3', 'lost: datagram 4'])
  })

  test('answers have rules too where it says so, and each way counts for itself', async () => {
    await using bench = setUp()
    const { port, heard } = await receiver()
    await using _heard = heard
    const middle = await behaving(bench, `impair:udp://127.0.0.1:${port} lose=1/3 way=both`)
    await using from = sender(middle.port, [...'abcdefg'], 'G')
    expect(linesOf((await from.ended()).output)).toEqual(['A', 'B', 'E', 'G'])
    expect(linesOf(heard.output()).slice(1)).toEqual([...'abdeg'])
  })

  test('a delay holds each back, in order', async () => {
    await using bench = setUp()
    const { port, heard } = await receiver()
    await using _heard = heard
    const middle = await behaving(bench, `impair:udp://127.0.0.1:${port} delay=50ms`)
    const began = performance.now()
    await using from = sender(middle.port, [...'abc'], 'C')
    expect(linesOf((await from.ended()).output)).toEqual(['A', 'B', 'C'])
    expect(performance.now() - began).toBeGreaterThan(50)
  })

  test('those that are late are overtaken by the others', async () => {
    await using bench = setUp()
    const { port, heard } = await receiver()
    await using _heard = heard
    const middle = await behaving(bench, `impair:udp://127.0.0.1:${port} delay=300ms@1/2`)
    await using from = sender(middle.port, [...'abc'], 'B')
    expect(linesOf((await from.ended()).output)).toEqual(['A', 'C', 'B'])
  })

  test('callers are kept apart, and their sockets go with the one that passed on', async () => {
    await using bench = setUp()
    const { port, heard } = await receiver()
    await using _heard = heard
    const middle = await behaving(bench, `impair:udp://127.0.0.1:${port} lose=1/2`)
    for (const word of ['one', 'other']) {
      await using from = sender(middle.port, [word], word.toUpperCase())
      expect(linesOf((await from.ended()).output)).toEqual([word.toUpperCase()])
    }
    const open = upstreams(bench, middle.id)
    expect(open).toHaveLength(2)
    for (const id of open) expect(bench.engine.summary(id)).toMatchObject({ passesFor: middle.id })
    ok(await bench.engine.closeUdp(middle.id))
    for (const id of open) await bench.until(id, ({ state }) => state.phase === 'closed')
  })

  test('who is not there is told in the record of the socket that goes there', async () => {
    await using bench = setUp()
    const { port, heard } = await receiver()
    await heard[Symbol.asyncDispose]()
    const middle = await behaving(bench, `impair:udp://127.0.0.1:${port}`)
    await using _from = sender(middle.port, ['a'], 'A')
    await bench.untilTrue(() => upstreams(bench, middle.id).length === 1)
    const [upstream] = upstreams(bench, middle.id)
    await bench.untilTrue(() =>
      bench.recorder
        .of(upstream as UdpId)
        .story()
        .includes('failed'),
    )
  })

  test('what would pass on to itself does not', async () => {
    await using bench = setUp()
    const { id, port } = await behaving(bench, 'none')
    ok(bench.engine.behaveUdp(id, ok(parseDatagramBehaviour(`impair:udp://127.0.0.1:${port}`))))
    expect(notes(bench, id)).toEqual([`udp://127.0.0.1:${port} is this socket itself: nothing is passed on.`])
    await using _from = sender(port, ['a'], 'A')
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === 'a')
    expect(upstreams(bench, id)).toEqual([])
  })
})

test.skipIf(!has('socat'))('socat is answered by socat through it', async () => {
  await using bench = setUp()
  await using echo = start('socat', ['-d', '-d', 'UDP-LISTEN:0,bind=127.0.0.1', 'PIPE'])
  let told = ''
  echo.child.stderr.on('data', (text: string) => (told += text))
  await bench.untilTrue(() => /listening on .*:\d+/.test(told))
  const port = /listening on .*:(\d+)/.exec(told)?.[1] ?? ''
  const middle = await behaving(bench, `impair:udp://127.0.0.1:${port} lose=1/2`)
  await using caller = start('socat', ['-t5', '-', `UDP:127.0.0.1:${middle.port}`])
  caller.child.stdin.write('hello\n')
  await caller.printed('hello\n')
  caller.child.stdin.write('lost\n')
  await bench.untilTrue(() => bench.recorder.of(middle.id).text('in') === 'hello\nlost\n')
  caller.child.stdin.write('again\n')
  expect(await caller.printed('again\n')).toBe('hello\nagain\n')
})

test.each([
  ['impair:', 'address'],
  ['impair:udp://127.0.0.1', 'port'],
  ['impair:tcp://127.0.0.1:9', 'udp://'],
  ['impair:udp://127.0.0.1:0', 'Port 0'],
  ['impair:udp://127.0.0.1:9 lsoe=1/3', 'lsoe'],
  ['shout', 'shout'],
])('"%s" is refused for datagrams', (text, why) => {
  expect(faultOf(parseDatagramBehaviour(text)).summary).toContain(why)
})

test('streams are not impaired so', () => {
  expect(faultOf(parseBehaviour('impair:udp://127.0.0.1:9'))).toMatchObject({
    summary: expect.stringContaining('is for datagrams') as string,
    hint: expect.stringContaining('udp://') as string,
  })
})
