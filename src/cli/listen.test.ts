import { createSocket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commandLine, portOf } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { Program } from './testing/program'
import { fields, followTcp } from './testing/tshark'

const cli = commandLine()

/** The kernel chooses the interface by its routes: there may be none. */
function hasWayToGroups(): boolean {
  const socket = createSocket('udp4')
  try {
    socket.addMembership('239.255.42.43')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}

const socat = (address: string): Program => new Program('socat', ['-t', '20', '-', address])

describeWith(['socat'], 'listen, called by socat', () => {
  test('prints its address first, then one line for each event; --once ends it after the first call', async () => {
    await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--behaviour', 'upper', '--once')
    const port = await portOf(listener)
    await using caller = socat(`TCP:127.0.0.1:${port}`)
    caller.stdin.end('hello\n')
    expect(await caller.exit()).toBe(0)
    expect(caller.stdout).toBe('HELLO\n')
    expect(await listener.exit()).toBe(0)
    const told = listener.lines
      .slice(1)
      .map((line) => line.replace(/^ *\d+\.\d{6} {2}/, '').replace(/:\d+$/, ':PORT'))
    expect(told).toEqual([
      'C1   accepted from tcp://127.0.0.1:PORT',
      'C1   in  6 B  hello\\n',
      'C1   out 6 B  HELLO\\n',
      'C1   the peer has finished (FIN)',
      'C1   finished (FIN)',
      'C1   closed (fin)',
    ])
    expect(listener.stderr).toBe('')
  })

  test('a Unix socket is listened on by its path, and its file is gone afterwards', async () => {
    const path = cli.recording('call.sock')
    await using listener = cli.start('listen', `unix:${path}`, '--behaviour', 'echo', '--once')
    await listener.prints(new RegExp(`^listening on unix:${path}\n`))
    await using caller = socat(`UNIX-CONNECT:${path}`)
    caller.stdin.end('over a path\n')
    expect(await caller.exit()).toBe(0)
    expect(caller.stdout).toBe('over a path\n')
    expect(await listener.exit()).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  test('datagrams are printed with their senders and answered; --once ends it after the first', async () => {
    await using listener = cli.start('listen', 'udp://127.0.0.1:0', '--behaviour', 'reply:got it', '--once')
    const port = await portOf(listener)
    await using caller = new Program('socat', ['-t', '2', '-', `UDP:127.0.0.1:${port}`])
    caller.stdin.write('ping')
    await caller.prints(/got it/)
    expect(await listener.exit()).toBe(0)
    expect(listener.stdout).toMatch(/ U1 {3}in {2}4 B from udp:\/\/127\.0\.0\.1:\d+ {2}ping\n/)
    expect(listener.stdout).toMatch(/ U1 {3}out 6 B to udp:\/\/127\.0\.0\.1:\d+ {2}got it\n/)
  })

  test.skipIf(!hasWayToGroups())('at the address of a group it hears what is sent to the group', async () => {
    await using listener = cli.start('listen', 'udp://239.255.42.43:0', '--once')
    const [, port] = await listener.prints(/^listening on udp:\/\/239\.255\.42\.43:(\d+)\n/)
    await using sender = new Program('socat', ['-u', '-', `UDP4-SENDTO:239.255.42.43:${port}`])
    sender.stdin.end('to all')
    expect(await listener.exit()).toBe(0)
    expect(listener.stdout).toMatch(/ U1 {3}in {2}6 B from udp:\/\/[\d.]+:\d+ {2}to all\n/)
  })

  test('datagrams pass through a bad network, and what became of which is printed', async () => {
    await using echo = cli.start('listen', 'udp://127.0.0.1:0', '--behaviour', 'upper')
    const target = await portOf(echo)
    await using network = cli.start(
      ...['listen', 'udp://127.0.0.1:0'],
      ...['--behaviour', `impair:udp://127.0.0.1:${target} lose=1/2`],
    )
    const port = await portOf(network)
    await using caller = new Program('socat', ['-t', '5', '-', `UDP:127.0.0.1:${port}`])
    caller.stdin.write('one')
    await caller.prints(/ONE/)
    caller.stdin.write('two')
    await network.prints(/lost: datagram 2 from udp:\/\/127\.0\.0\.1:\d+/)
    caller.stdin.write('three')
    await caller.prints(/THREE/)
    expect(echo.stdout).not.toContain('two')
    for (const each of [echo, network]) {
      each.kill('SIGINT')
      await each.exit()
    }
  })

  test('a rule that is none is refused with those there are', async () => {
    await using listener = cli.start(
      ...['listen', 'udp://127.0.0.1:0', '--behaviour', 'impair:udp://127.0.0.1:9 loose=1/3'],
    )
    expect(await listener.exit()).not.toBe(0)
    expect(listener.stderr).toContain('impair has no rule "loose"')
    expect(listener.stderr).toContain('lose=1/N')
  })

  test('--json prints one object a line, with the payload whole: as text, or as base64 where it is no text', async () => {
    await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--json', '--once')
    const port = Number(
      (await listener.prints(/^\{"event":"listening","url":"tcp:\/\/127\.0\.0\.1:(\d+)"/))[1],
    )
    const binary = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    await using caller = socat(`TCP:127.0.0.1:${port}`)
    caller.stdin.write('gr\u00fc\u00dfe\n')
    await listener.prints(/"event":"received"/)
    caller.stdin.end(binary)
    expect(await listener.exit()).toBe(0)
    const events = listener.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events.map(({ event }) => event)).toEqual([
      'listening',
      'opened',
      'received',
      'received',
      'finished',
      'finished',
      'closed',
    ])
    expect(events[1]).toMatchObject({ id: 'C1', by: 'remote', local: `tcp://127.0.0.1:${port}` })
    expect(events[2]).toMatchObject({ id: 'C1', offset: 0, lengthBytes: 8, text: 'gr\u00fc\u00dfe\n' })
    expect(events[3]).toMatchObject({ offset: 8, lengthBytes: 256, base64: binary.toString('base64') })
    expect(events.at(-1)).toMatchObject({ how: 'fin' })
  })

  test('what a caller sends cannot act on the terminal', async () => {
    await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--once', '--behaviour', 'discard')
    const port = await portOf(listener)
    await using caller = socat(`TCP:127.0.0.1:${port}`)
    caller.stdin.end('\u001b[2J\u0007\u202eevil\r\n')
    expect(await listener.exit()).toBe(0)
    expect(listener.stdout).toContain('\\e[2J\\a\\u202eevil\\r\\n')
    expect(listener.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  test('Ctrl-C while a caller is there ends the call with FIN, and leaves no temporary recording', async () => {
    await using listener = cli.start('listen', 'tcp://127.0.0.1:0')
    const port = await portOf(listener)
    await using caller = socat(`TCP:127.0.0.1:${port}`)
    await listener.prints(/accepted/)
    expect(cli.temporaryRecordings()).toHaveLength(1)
    listener.kill('SIGINT')
    await listener.prints(/finished \(FIN\)/)
    caller.stdin.end()
    expect(await listener.exit()).toBe(0)
    expect(await caller.exit()).toBe(0)
    expect(listener.stdout).toMatch(/closed \((fin|reset)\)/)
    expect(cli.temporaryRecordings()).toEqual([])
  })
})

describeWith(['socat', 'tshark'], 'the recording of a listener', () => {
  test('is kept on Ctrl-C; tshark follows what was said, and info tells it', async () => {
    const file = cli.recording('kept.swb')
    await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--behaviour', 'upper', '--record', file)
    const port = await portOf(listener)
    await using caller = socat(`TCP:127.0.0.1:${port}`)
    caller.stdin.end('hello\nthere\n')
    expect(await caller.exit()).toBe(0)
    await listener.prints(/closed \(fin\)/)
    listener.kill('SIGINT')
    expect(await listener.exit()).toBe(0)

    expect(await followTcp(file, 0)).toEqual({ first: 'hello\nthere\n', second: 'HELLO\nTHERE\n' })
    expect(await fields(file, '_ws.malformed', 'frame.number')).toEqual([])

    await using told = cli.start('info', file)
    expect(await told.exit()).toBe(0)
    expect(told.stdout).toMatch(/\nL1 .*closed/)
    expect(told.stdout).toMatch(/\nC1 .*closed \(fin\) +12 B \(\d+\) +12 B \(\d+\)/)
    expect(told.stdout).toMatch(/1 listener, 1 connection, 0 UDP sockets/)
    await using json = cli.start('info', file, '--json')
    expect(await json.exit()).toBe(0)
    const { sockets, tornBytes } = JSON.parse(json.stdout) as { sockets: { id: string }[]; tornBytes: number }
    expect(tornBytes).toBe(0)
    expect(sockets).toMatchObject([
      { id: 'L1' },
      { id: 'C1', inBytes: 12, outBytes: 12, state: 'closed (fin)' },
    ])
  })

  test('is never written over', async () => {
    const file = cli.recording('first.swb')
    await using first = cli.start('listen', 'tcp://127.0.0.1:0', '--record', file)
    await portOf(first)
    first.kill('SIGTERM')
    expect(await first.exit()).toBe(0)
    await using second = cli.start('listen', 'tcp://127.0.0.1:0', '--record', file)
    expect(await second.exit()).toBe(2)
    expect(second.stderr).toContain(file)
  })
})

describeWith(['python3'], 'an echo', () => {
  test('gives back 10 MB unharmed to a caller that sends faster than it reads', async () => {
    await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--behaviour', 'echo', '--once', '--json')
    const [, port] = await listener.prints(/tcp:\/\/127\.0\.0\.1:(\d+)/)
    listener.stopReading()
    // Reads only when nothing more can be sent: then all buffers on the way are full, and the listener's queue is too.
    const script = [
      'import hashlib, select, socket, struct',
      `s = socket.create_connection(("127.0.0.1", ${port}))`,
      's.setblocking(False)',
      'data = b"".join(struct.pack("<I", n) for n in range(2_500_000))',
      'back, got, sent = hashlib.sha256(), 0, 0',
      'while got < len(data):',
      '    if sent < len(data) and select.select([], [s], [], 0.05)[1]:',
      '        sent += s.send(data[sent : sent + 50_000])',
      '    else:',
      '        select.select([s], [], [])',
      '        chunk = s.recv(4_000_000)',
      '        back.update(chunk)',
      '        got += len(chunk)',
      's.close()',
      'print("same" if back.digest() == hashlib.sha256(data).digest() else "different")',
    ]
    await using caller = new Program('python3', ['-c', script.join('\n')])
    expect(await caller.exit()).toBe(0)
    expect(caller.stdout).toBe('same\n')
    listener.closeStdout()
    expect(await listener.exit()).toBe(0)
  }, 60_000)
})

describeWith(['python3'], 'a caller that resets', () => {
  test('is told apart from one that closes, and --once still ends with 0', async () => {
    await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--once')
    const port = await portOf(listener)
    const script = [
      'import socket, struct',
      `s = socket.create_connection(("127.0.0.1", ${port}))`,
      's.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))',
      's.close()',
    ]
    await using caller = new Program('python3', ['-c', script.join('\n')])
    expect(await caller.exit()).toBe(0)
    expect(await listener.exit()).toBe(0)
    expect(listener.stdout).toMatch(/C1 {3}closed \(reset\) by the peer/)
  })
})

test('a reader that goes away (… | head) ends it without a word', async () => {
  await using listener = cli.start('listen', 'tcp://127.0.0.1:0')
  const port = await portOf(listener)
  listener.closeStdout()
  await using caller = cli.start('dial', `tcp://127.0.0.1:${port}`)
  caller.stdin.write('x')
  expect(await listener.exit()).toBe(0)
  expect(listener.stderr).toBe('')
})

test('a port in use ends it with 2', async () => {
  await using first = cli.start('listen', 'tcp://127.0.0.1:0')
  const port = await portOf(first)
  await using second = cli.start('listen', `tcp://127.0.0.1:${port}`)
  expect(await second.exit()).toBe(2)
  expect(second.stderr).toMatch(/^switchboard: listen EADDRINUSE: [^\n]+\n$/)
})

test('--accept serially takes the second caller when the first has gone', async () => {
  await using listener = cli.start(
    'listen',
    'tcp://127.0.0.1:0',
    '--behaviour',
    'echo',
    '--accept',
    'serially',
  )
  const port = await portOf(listener)
  await using one = cli.start('dial', `tcp://127.0.0.1:${port}`)
  one.stdin.write('first')
  await listener.prints(/C1 {3}out 5 B {2}first/)
  await using two = cli.start('dial', `tcp://127.0.0.1:${port}`)
  two.stdin.end('second')
  one.stdin.end()
  expect(await two.exit()).toBe(0)
  expect(two.stdout).toBe('second')
  await listener.prints(/C1 {3}closed[^]*C2 {3}in +6 B/)
})
