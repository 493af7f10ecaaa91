import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { commandLine, portOf } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { Program } from './testing/program'

const cli = commandLine()

const allBytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Looks into /proc. */
const onLinux = test.skipIf(process.platform !== 'linux')

async function python(...words: string[]): Promise<{ readonly server: Program; readonly url: string }> {
  const server = new Program('python3', [
    '-u',
    fileURLToPath(new URL('testing/server.py', import.meta.url)),
    ...words,
  ])
  const [, port] = await server.prints(/^(\d+)\n/)
  return { server, url: `tcp://127.0.0.1:${port}` }
}

/** Memory that the program occupies now, in bytes (proc(5), VmHWM: the most it ever had). */
function peakMemory(program: Program): number {
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

test('what goes in comes back from an echo, byte for byte, and both ends finish', async () => {
  await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--behaviour', 'echo', '--once')
  await using dialled = cli.start('dial', `tcp://127.0.0.1:${await portOf(listener)}`)
  dialled.stdin.end(allBytes)
  expect(await dialled.exit()).toBe(0)
  expect(dialled.bytes).toEqual(allBytes)
  expect(dialled.stderr).toMatch(
    /^switchboard: connected to [^\n]+\nswitchboard: closed \(fin\): in 256 B, out 256 B\n$/,
  )
  expect(await listener.exit()).toBe(0)
})

test('half-closed, it goes on reading until the peer has finished too', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await using dialled = cli.start('dial', `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [peer] = (await once(server, 'connection')) as [Socket]
  dialled.stdin.end('question')
  peer.resume()
  await once(peer, 'end')
  peer.write('an answer ')
  await dialled.prints(/an answer /)
  peer.end('in two parts')
  expect(await dialled.exit()).toBe(0)
  expect(dialled.stdout).toBe('an answer in two parts')
  server.close()
})

test('--hex prints a dump whose offsets run on', async () => {
  await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--behaviour', 'echo')
  await using dialled = cli.start('dial', `tcp://127.0.0.1:${await portOf(listener)}`, '--hex')
  dialled.stdin.write('0123456789abcdefXY')
  await dialled.prints(/XY/)
  dialled.stdin.end('\u0000!')
  expect(await dialled.exit()).toBe(0)
  expect(dialled.lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
    '00000000 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 |0123456789abcdef|',
    '00000010 58 59 |XY|',
    '00000012 00 21 |.!|',
  ])
})

test('--json tells everything that happens, one object a line', async () => {
  await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--behaviour', 'upper')
  await using dialled = cli.start('dial', `tcp://127.0.0.1:${await portOf(listener)}`, '--json')
  dialled.stdin.end('hello')
  expect(await dialled.exit()).toBe(0)
  const events = dialled.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const names = events.map(({ event }) => event)
  expect(names).toEqual(
    expect.arrayContaining(['dialling', 'opened', 'sent', 'received', 'finished', 'closed']),
  )
  expect(events.find(({ event }) => event === 'received')).toMatchObject({ text: 'HELLO' })
  expect(events.at(-1)).toMatchObject({ event: 'closed', how: 'fin', unsentBytes: 0 })
})

test('Ctrl-C ends the call and keeps the recording', async () => {
  const file = cli.recording('interrupted.swb')
  await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--behaviour', 'echo')
  await using dialled = cli.start('dial', `tcp://127.0.0.1:${await portOf(listener)}`, '--record', file)
  dialled.stdin.write('before')
  await dialled.prints(/before/)
  dialled.kill('SIGINT')
  expect(await dialled.exit()).toBe(0)
  await using told = cli.start('info', file)
  expect(await told.exit()).toBe(0)
  expect(told.stdout).toMatch(/\nC1 .*closed \(fin\) +6 B \(1\) +6 B \(1\)/)
})

test('a reader that goes away ends it quietly', async () => {
  await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--behaviour', 'echo')
  await using dialled = cli.start('dial', `tcp://127.0.0.1:${await portOf(listener)}`)
  dialled.closeStdout()
  dialled.stdin.write('nobody reads the answer')
  expect(await dialled.exit()).toBe(0)
  expect(dialled.stderr).toMatch(/^switchboard: connected [^\n]+\n$/)
})

describeWith(['python3'], 'dial, with a Python server', () => {
  test('100 MB from a pipe arrive whole', async () => {
    const content = Buffer.alloc(100_000_000, allBytes)
    const { server, url } = await python('sink')
    await using sink = server
    await using dialled = cli.start('dial', url)
    dialled.stdin.write(content)
    dialled.stdin.end()
    await sink.prints(/\n\d+ \w+\n/)
    expect(sink.stdout).toContain(`\n${content.length} ${sha256(content)}\n`)
    expect(await dialled.exit()).toBe(0)
  }, 60_000)

  onLinux(
    'stdin waits while the peer does not read',
    async () => {
      const content = Buffer.alloc(150_000_000, allBytes)
      const { server, url } = await python('slow')
      await using slow = server
      await using dialled = cli.start('dial', url)
      await dialled.says(/connected/)
      const before = peakMemory(dialled)
      // Far more than the sockets' buffers take, offered for as long as the pipe takes any.
      const isTaken = new Promise((resolve) => dialled.stdin.write(content.subarray(0, 50_000_000), resolve))
      expect(await Promise.race([isTaken, stillness(dialled)])).toBe('still')
      expect(peakMemory(dialled) - before).toBeLessThan(60_000_000)
      slow.stdin.write('\n')
      dialled.stdin.end(content.subarray(50_000_000))
      await slow.prints(/\n\d+ \w+\n/)
      expect(slow.stdout).toContain(`\n${content.length} ${sha256(content)}\n`)
      expect(await dialled.exit()).toBe(0)
    },
    60_000,
  )

  onLinux(
    'a stdout that is not read makes the peer wait, and then gets everything',
    async () => {
      const { server, url } = await python('source', '100000000')
      await using source = server
      await using dialled = cli.start('dial', url)
      await dialled.says(/connected/)
      dialled.stopReading()
      const before = peakMemory(dialled)
      const isSent = source.prints(/\n\w{64}\n/)
      expect(await Promise.race([isSent, stillness(dialled)])).toBe('still')
      expect(peakMemory(dialled) - before).toBeLessThan(80_000_000)
      dialled.readOn()
      dialled.stdin.end()
      const [digest] = await isSent
      expect(await dialled.exit()).toBe(0)
      expect(dialled.bytes).toHaveLength(100_000_000)
      expect(sha256(dialled.bytes)).toBe(digest.trim())
    },
    60_000,
  )

  test('a reset is told, and the exit code is 1', async () => {
    const { server, url } = await python('reset')
    await using resetting = server
    await using dialled = cli.start('dial', url)
    dialled.stdin.write('x')
    expect(await dialled.exit()).toBe(1)
    expect(dialled.stderr).toMatch(/\nswitchboard: closed \(reset\) by the peer: in 0 B, out 1 B\n$/)
    expect(await resetting.exit()).toBe(0)
  })
})

describeWith(['ncat'], 'dial, with ncat', () => {
  test('each side says its piece', async () => {
    await using listener = new Program('ncat', ['-v', '-l', '127.0.0.1', String(await freePort())])
    const [, port] = await listener.says(/Listening on 127\.0\.0\.1:(\d+)/)
    await using dialled = cli.start('dial', `tcp://127.0.0.1:${port}`)
    dialled.stdin.write('from us')
    await listener.prints(/from us/)
    listener.stdin.end('from ncat')
    await dialled.prints(/from ncat/)
    // Nothing more will come: whoever types has to be told.
    await dialled.says(/the peer has finished \(FIN\)/)
    dialled.stdin.end()
    expect(await dialled.exit()).toBe(0)
    expect(await listener.exit()).toBe(0)
  })
})

test('a folder for its input is told, and nothing is taken for sent', async () => {
  await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--once')
  const url = `tcp://127.0.0.1:${await portOf(listener)}`
  const fromFolder = ['sh', '-c', 'exec "$0" "$@" < /']
  await using dialled = cli.startUnder(fromFolder, 'dial', url)
  expect(await dialled.exit()).toBe(1)
  expect(dialled.stderr).toContain('switchboard: read EISDIR: Reading from stdin failed: it is a folder.\n')
  await using datagrams = cli.startUnder(fromFolder, 'dial', 'udp://127.0.0.1:9', '--idle', '0.1')
  expect(await datagrams.exit()).toBe(1)
  expect(datagrams.stderr).toMatch(/^switchboard: sending to [^\n]+\nswitchboard: read EISDIR: [^\n]+\n$/)
  await using told = cli.startUnder(fromFolder, 'info', '-')
  expect(await told.exit()).toBe(2)
  expect(told.stderr).toBe('switchboard: read EISDIR: Reading from stdin failed: it is a folder.\n')
})

test('datagrams: each line is one, answers come to stdout, and it ends when all is quiet', async () => {
  const peer = createSocket('udp4')
  peer.bind(0, '127.0.0.1')
  await once(peer, 'listening')
  const came: string[] = []
  peer.on('message', (bytes, from) => {
    came.push(bytes.toString())
    peer.send(`<${bytes.toString().trim()}>`, from.port, from.address)
  })
  await using dialled = cli.start('dial', `udp://127.0.0.1:${peer.address().port}`, '--idle', '0.3')
  dialled.stdin.end('one\ntwo\nthree')
  expect(await dialled.exit()).toBe(0)
  expect(came).toEqual(['one\n', 'two\n', 'three'])
  expect(dialled.stdout).toBe('<one><two><three>')
  peer.close()
})

test('a line that no datagram can carry goes in several, and that is told', async () => {
  const peer = createSocket('udp4')
  peer.bind(0, '127.0.0.1')
  await once(peer, 'listening')
  const came: number[] = []
  peer.on('message', (bytes) => came.push(bytes.length))
  const url = `udp://127.0.0.1:${peer.address().port}`
  await using whole = cli.start('dial', url, '--idle', '0.3')
  whole.stdin.end('x'.repeat(65_507))
  expect(await whole.exit()).toBe(0)
  expect(whole.stderr).not.toContain('several')
  await using cut = cli.start('dial', url, '--idle', '0.3')
  cut.stdin.end(`${'x'.repeat(65_507)}\n`)
  expect(await cut.exit()).toBe(0)
  expect(cut.stderr).toContain(
    'a line has more than the 65507 bytes of a datagram over IPv4: it goes in several\n',
  )
  expect(came).toEqual([65_507, 65_507, 1])
  peer.close()
})

test('datagrams that nobody takes: the ICMP answer is told, and the exit code is 1', async () => {
  const peer = createSocket('udp4')
  peer.bind(0, '127.0.0.1')
  await once(peer, 'listening')
  const { port } = peer.address()
  peer.close()
  await once(peer, 'close')
  await using dialled = cli.start('dial', `udp://127.0.0.1:${port}`, '--idle', '0.3')
  dialled.stdin.end('anybody?\n')
  expect(await dialled.exit()).toBe(1)
  expect(dialled.stderr).toMatch(/ECONNREFUSED/)
})

/** Resolves when the program has done nothing for a while: its processor time stands still from one look to the next. */
async function stillness(program: Program): Promise<'still'> {
  const ticks = (): string =>
    readFileSync(`/proc/${program.pid}/stat`, 'utf8').split(' ').slice(13, 15).join()
  for (let seen = ''; seen !== ticks();) {
    seen = ticks()
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  return 'still'
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
