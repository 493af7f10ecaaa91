import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BenchAct } from '../../../shared/model/bench'
import { type BenchSocketId } from '../../../shared/model/ids'
import { pythonProgram } from '../../../shared/wire/pythonProgram'
import { has, ok } from '../testing/bench'
import { bundle, type Bundle } from '../testing/bundle'
import { desk, listening, loopback, utf8 } from './testing/desk'

const SAME = fileURLToPath(new URL('testing/same.py', import.meta.url))
let caller: Bundle
beforeAll(async () => {
  caller = await bundle('src/main/engine/bench/callerThread.ts')
})
afterAll(() => caller[Symbol.asyncDispose]())

/** An act whose bytes are text, so that it can be told to both. */
type Told = Omit<BenchAct, 'bytes'> & { readonly text?: string }

/** A Python that makes the same calls. */
function python() {
  const child = spawn('python3', [SAME])
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async call(act: Told): Promise<string> {
      child.stdin.write(`${JSON.stringify(act)}\n`)
      const { value } = (await lines.next()) as { value?: string }
      return JSON.parse(value ?? '""') as string
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await new Promise((resolve) => child.once('close', resolve))
    },
  }
}

const tcp: Told = { call: 'socket', family: 'AF_INET', type: 'SOCK_STREAM', protocol: '0' } as Told
const udp: Told = { call: 'socket', family: 'AF_INET', type: 'SOCK_DGRAM', protocol: '0' } as Told
const on = (socket: BenchSocketId, call: string, more: object = {}): Told =>
  ({ call, socket, ...more }) as Told
const recv = (socket: BenchSocketId, bufsize: number, flags: readonly string[] = []): Told =>
  on(socket, 'recv', { bufsize, flags })
const send = (socket: BenchSocketId, text: string, call = 'send'): Told =>
  on(socket, call, { text, flags: [] })
const PORT = /\d{5}/g

/** `PORT` stands for the port that the listener S1 was given. Each side has sockets of its own, numbered in the order they are made. */
const table: readonly Told[] = [
  tcp,
  on('S1', 'bind', { address: loopback() }),
  on('S1', 'bind', { address: loopback() }),
  on('S1', 'accept'),
  on('S1', 'listen', { backlog: 5 }),
  tcp,
  on('S2', 'gettimeout'),
  on('S2', 'getpeername'),
  send('S2', 'to nobody'),
  recv('S2', 10),
  recv('S2', 0),
  on('S2', 'connect', { address: loopback(1) }),
  on('S2', 'connect_ex', { address: loopback(1) }),
  tcp,
  on('S3', 'connect', { address: loopback(-1) }),
  on('S3', 'connect', { address: loopback(-1) }),
  on('S1', 'accept'),
  send('S3', 'it\'s\n\x00\x7f é "quoted" \\'),
  recv('S4', 4),
  recv('S4', 100, ['MSG_PEEK']),
  recv('S4', 100),
  recv('S4', 10, ['MSG_DONTWAIT']),
  send('S3', ''),
  on('S4', 'settimeout', { seconds: 0.05 }),
  on('S4', 'gettimeout'),
  recv('S4', 10),
  on('S4', 'setblocking', { flag: false }),
  on('S4', 'gettimeout'),
  recv('S4', 10),
  on('S4', 'makefile'),
  on('S4', 'readline'),
  send('S3', 'one\ntwo\nthr', 'sendall'),
  on('S4', 'readline'),
  on('S4', 'readline'),
  on('S4', 'readline'),
  on('S4', 'settimeout', { seconds: 0.05 }),
  on('S4', 'readline'),
  on('S4', 'readline'),
  on('S3', 'getsockopt', { option: 'SO_REUSEADDR' }),
  on('S3', 'setsockopt', { option: 'TCP_NODELAY', value: 1 }),
  on('S3', 'getsockopt', { option: 'TCP_NODELAY' }),
  on('S3', 'setsockopt', { option: 'SO_RCVBUF', value: 5000 }),
  on('S3', 'getsockopt', { option: 'SO_RCVBUF' }),
  on('S3', 'shutdown', { how: 'SHUT_WR' }),
  send('S3', 'too late'),
  on('S4', 'close'),
  on('S4', 'close'),
  recv('S4', 10),
  on('S4', 'fileno'),
  udp,
  on('S5', 'bind', { address: loopback() }),
  on('S5', 'listen', { backlog: 1 }),
  on('S5', 'recvfrom', { bufsize: 10, flags: ['MSG_DONTWAIT'] }),
  on('S5', 'sendto', { text: 'x', flags: [], address: loopback(0) }),
  on('S1', 'setblocking', { flag: false }),
  on('S1', 'accept'),
]

test.skipIf(!has('python3'))(
  'values and exceptions are those that Python gives for the same calls',
  async () => {
    await using at = desk(caller.file)
    await using same = python()
    let ours = 0
    let theirs = 0
    const told: string[][] = []
    const expected: string[][] = []
    for (const act of table) {
      const port = (of: number): Told =>
        'address' in act && (act.address as { port?: number }).port === -1
          ? ({ ...act, address: loopback(of) } as Told)
          : act
      const { text, ...rest } = port(ours)
      const call = await at.call({ ...rest, ...(text !== undefined && { bytes: utf8(text) }) } as BenchAct)
      const what = `${act.call} ${'socket' in act ? String(act.socket) : ''}`
      // Ports are the kernel's to choose; of what accept makes, the descriptor too.
      const plain = (value: string): string => value.replaceAll(PORT, 'PORT')
      told.push([
        what,
        plain(call.gave)
          .replace(/^\(<socket fd=\d+>, (.*)\)$/, '$1')
          .replace(/^<.*>$/, 'None'),
      ])
      expected.push([what, plain(await same.call(port(theirs)))])
      if (act.call !== 'listen' || ours !== 0) continue
      const name = async (of: Promise<string>): Promise<number> => Number(/, (\d+)\)/.exec(await of)?.[1])
      ours = await name(at.call({ call: 'getsockname', socket: 'S1' }).then(({ gave }) => gave))
      theirs = await name(same.call(on('S1', 'getsockname')))
    }
    expect(told).toEqual(expected)
  },
  60_000,
)

test.skipIf(!has('python3'))(
  'the log as a Python program runs, and gives what the bench gave',
  async () => {
    await using at = desk(caller.file)
    const { server, port } = await listening(at)
    const client = await at.socket()
    const accepting = at.begin({ call: 'accept', socket: server })
    await at.blocked(accepting)
    await at.call({ call: 'connect', socket: client, address: loopback(port) })
    const line = (await at.done(accepting)).socket as BenchSocketId
    const receiving = at.begin({ call: 'recv', socket: line, bufsize: 1024, flags: [] })
    await at.blocked(receiving)
    await at.call({ call: 'send', socket: client, bytes: utf8('a word'), flags: [] })
    await at.done(receiving)
    await at.call({ call: 'recv', socket: line, bufsize: 10, flags: ['MSG_DONTWAIT'] })
    const cancelled = at.begin({ call: 'recv', socket: client, bufsize: 10, flags: [] })
    await at.blocked(cancelled)
    at.cancel(cancelled)
    await at.done(cancelled)
    for (const socket of [line, client, server]) await at.call({ call: 'close', socket })
    const { entries } = ok(at.setting.engine.benches.log(at.id, 1))
    const program = pythonProgram(entries.flatMap((each) => (each.state === 'done' ? [each.of] : [])))
      // The port was the kernel's choice: the program asks for one that is free now, as the bench did.
      .replaceAll(`('127.0.0.1', ${port})`, 's1.getsockname()')
    const child = spawn('python3', ['-'], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(program)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect([code, output.split('\n').filter((each) => !each.includes('getsockname'))]).toEqual([
      0,
      [
        "n = s2.send(b'a word') 6",
        "data = s3.recv(1024) b'a word'",
        '  BlockingIOError: [Errno 11] Resource temporarily unavailable',
        '',
      ],
    ])
  },
  60_000,
)
