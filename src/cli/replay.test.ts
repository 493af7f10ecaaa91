import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { commandLine, portOf } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { Program } from './testing/program'

const cli = commandLine()
const run = promisify(execFile)

/** A Python server that echoes, with one byte in place of another. */
async function echoServer(from = '', to = ''): Promise<{ readonly server: Program; readonly port: number }> {
  const script = `
import socket, socketserver
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            self.request.sendall(data.replace(b${JSON.stringify(from)}, b${JSON.stringify(to)}) if ${JSON.stringify(from)} else data)
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
with Server(("127.0.0.1", 0), Echo) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
`
  const server = new Program('python3', ['-c', script])
  const [port] = await server.prints(/^\d+/)
  return { server, port: Number(port) }
}

/** Records what `dial` says to a server. */
async function recorded(name: string, port: number, ...says: readonly string[]): Promise<string> {
  const file = cli.recording(name)
  await using caller = cli.start('dial', `tcp://127.0.0.1:${port}`, '--record', file)
  for (const text of says) {
    caller.stdin.write(text)
    await caller.prints(new RegExp(text.trim()))
  }
  caller.stdin.end()
  expect(await caller.exit()).toBe(0)
  return file
}

describeWith(['python3'], 'a recorded client against a live server', () => {
  test('is equal, and exits with 0', async () => {
    const { server, port } = await echoServer()
    await using _ = server
    const file = await recorded('equal.swb', port, 'hello\n', 'is anybody there?\n')
    await using replay = cli.start(
      'replay',
      file,
      '--as',
      'client',
      '--target',
      `tcp://127.0.0.1:${port}`,
      '--speed',
      'max',
    )
    expect(await replay.exit()).toBe(0)
    expect(replay.stderr).toBe('')
    expect(replay.lines.at(-1)).toBe('Equal.')
  })

  test('that was changed differs: exit code 1, the offset, what was recorded and what came, as text, JSON and JUnit', async () => {
    const { server, port } = await echoServer()
    const file = await recorded('changed.swb', port, 'hello\n', 'is anybody there?\n')
    await server[Symbol.asyncDispose]()
    const { server: other, port: otherPort } = await echoServer('body', 'BODY')
    await using _ = other
    const words = [
      'replay',
      file,
      '--as',
      'client',
      '--target',
      `tcp://127.0.0.1:${otherPort}`,
      '--speed',
      'max',
    ]
    const junit = cli.recording('report.xml')
    await using told = cli.start(...words, '--junit', junit)
    expect(await told.exit()).toBe(1)
    expect(told.stdout).toContain('C1 differs (as client): byte 12 of what the server sent differs')
    expect(told.stdout).toContain('recorded hello\\nis any⟦body there?\\n⟧')
    expect(told.stdout).toContain('now      hello\\nis any⟦BODY there?\\n⟧')
    expect(told.lines.at(-1)).toBe('1 of 1 differs.')

    await using json = cli.start(...words, '--json')
    expect(await json.exit()).toBe(1)
    const report = JSON.parse(json.stdout) as { readonly divergence: object }
    const exchange = {
      sentAtNanos: expect.toSatisfy(Number.isInteger),
      recordedDelayNanos: expect.any(Number),
      delayNanos: expect.toSatisfy(Number.isInteger),
    }
    expect(report).toMatchObject({
      isEqual: false,
      as: 'client',
      different: 1,
      exchanges: [exchange, exchange],
    })
    expect(report.divergence).toMatchObject({
      connection: 'C1',
      direction: 'in',
      offset: 12,
      contextFrom: 0,
      expected: { text: 'hello\\nis anybody there?\\n' },
      actual: { text: 'hello\\nis anyBODY there?\\n' },
    })

    await using masked = cli.start(...words, '--mask', 'C1:12-15')
    expect(await masked.exit()).toBe(0)
    expect(masked.lines.slice(-1)).toEqual(['Equal.'])
    expect(masked.stdout).toContain('1 place differs and may (--mask)')

    const parse = `
import sys, xml.etree.ElementTree as tree
suite = tree.parse(sys.argv[1]).getroot().find("testsuite")
case = suite.find("testcase")
print(suite.get("tests"), suite.get("failures"), case.get("name"), case.find("failure").get("type"), "offset" in suite.get("name"))
`
    const { stdout } = await run('python3', ['-c', parse, junit])
    expect(stdout.trim()).toBe('1 1 C1 as client bytes False')
  })
})

describeWith(['python3', 'socat'], 'a recorded server for a live client', () => {
  test('listens, says where, plays, and ends; socat gets the recorded answer', async () => {
    const { server, port } = await echoServer()
    const file = await recorded('server.swb', port, 'hello\n')
    await server[Symbol.asyncDispose]()
    const kept = cli.recording('server-again.swb')
    await using replay = cli.start(
      'replay',
      file,
      '--as',
      'server',
      '--listen',
      'tcp://127.0.0.1:0',
      '--record',
      kept,
    )
    const listening = await portOf(replay)
    await using caller = new Program('socat', ['-t', '5', '-', `TCP:127.0.0.1:${listening}`])
    caller.stdin.end('hello\n')
    expect(await caller.exit()).toBe(0)
    expect(caller.stdout).toBe('hello\n')
    expect(await replay.exit()).toBe(0)
    await using info = cli.start('info', kept)
    expect(await info.exit()).toBe(0)
    expect(info.stdout).toMatch(/\nC1 .*closed \(fin\) +6 B \(1\) +6 B \(1\)/)
  })

  test('tells what the client said instead', async () => {
    const { server, port } = await echoServer()
    const file = await recorded('other.swb', port, 'hello\n')
    await server[Symbol.asyncDispose]()
    await using replay = cli.start(
      'replay',
      file,
      '--as',
      'server',
      '--listen',
      'tcp://127.0.0.1:0',
      '--json',
    )
    const [, listening] = await replay.prints(/^\{"event":"listening","url":"tcp:\/\/127\.0\.0\.1:(\d+)"/)
    await using caller = new Program('socat', ['-t', '5', '-', `TCP:127.0.0.1:${listening}`])
    caller.stdin.end('help!\n')
    await caller.exit()
    expect(await replay.exit()).toBe(1)
    const report = JSON.parse(replay.lines.at(-1) ?? '') as object
    expect(report).toMatchObject({
      divergence: { connection: 'C1', direction: 'out', from: 'client', offset: 3 },
    })
  })

  test('Ctrl-C ends it with 1, since nothing was played', async () => {
    const { server, port } = await echoServer()
    const file = await recorded('stopped.swb', port, 'hello\n')
    await server[Symbol.asyncDispose]()
    await using replay = cli.start('replay', file, '--as', 'server', '--listen', 'tcp://127.0.0.1:0')
    await portOf(replay)
    replay.kill('SIGINT')
    expect(await replay.exit()).toBe(1)
    expect(replay.lines.at(-1)).toBe('Stopped: 1 not played to the end.')
  })
})

test('the demo plays as both, and is equal; one connection of it alone too', async () => {
  const file = cli.recording('demo.swb')
  await using demo = cli.start('demo', '--port', '0', '--record', file)
  expect(await demo.exit()).toBe(0)
  await using replay = cli.start('replay', file, '--as', 'both', '--speed', 'max')
  expect(await replay.exit()).toBe(0)
  expect(replay.lines.at(-1)).toBe('All 4 are equal.')
  await using one = cli.start('replay', file, '--as', 'both', '--connection', 'C3', '--json')
  expect(await one.exit()).toBe(0)
  expect(JSON.parse(one.stdout)).toMatchObject({
    isEqual: true,
    divergence: null,
    connections: [
      { connection: 'C3', side: 'client' },
      { connection: 'C3', side: 'server' },
    ],
  })
})

test('what cannot be played ends it with 2 and one line that says why', async () => {
  const file = cli.recording('call.swb')
  await using demo = cli.start('demo', '--port', '0', '--record', file)
  expect(await demo.exit()).toBe(0)
  const empty = cli.recording('nothing.swb')
  await writeFile(empty, '')
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { readonly port: number }
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[file], /--as/],
    [[file, '--as', 'client'], /--target URL is needed/],
    [[file, '--as', 'server'], /--listen URL is needed/],
    [[file, '--as', 'client', '--target', 'nowhere'], /nowhere/],
    [
      [file, '--as', 'client', '--target', 'udp://127.0.0.1:9'],
      /Nothing in the recording can be played like that/,
    ],
    [[file, '--as', 'both', '--connection', 'C9'], /no connection C9.*C1, C2, C3, C4/],
    [[file, '--as', 'both', '--connection', 'x'], /"x" is no connection/],
    [[file, '--as', 'both', '--speed', '0'], /speed/],
    [[file, '--as', 'both', '--mask', 'all'], /"all" is no mask/],
    [[file, '--as', 'both', '--set', '/a/={b}'], /Nothing gives \{b\}/],
    [[file, '--as', 'server', '--listen', `tcp://127.0.0.1:${port}`], /EADDRINUSE/],
    [[empty, '--as', 'both'], /nothing\.swb/],
    [[cli.recording('absent.swb'), '--as', 'both'], /absent\.swb/],
    [[file, '--as', 'both', '--junit', '/nowhere/report.xml'], /nowhere/],
  ]
  for (const [words, why] of cases) {
    await using refused = cli.start('replay', ...words)
    expect([words, await refused.exit()]).toEqual([words, 2])
    expect(refused.stderr).toMatch(why)
    expect(refused.stderr).toMatch(/^switchboard: [^\n]+\n$/)
  }
  taken.close()
  expect((await readFile(file)).length).toBeGreaterThan(0)
  expect(cli.temporaryRecordings()).toEqual([])
})

describeWith(['script'], 'on a terminal', () => {
  test('a replay tells how far it is, in a line that its report takes the place of', async () => {
    const file = cli.recording('on-a-terminal.swb')
    await using demo = cli.start('demo', '--port', '0', '--record', file)
    expect(await demo.exit()).toBe(0)
    const words = ['replay', file, '--as', 'server', '--listen', 'tcp://127.0.0.1:0', '--connection', 'C1']
    // script(1) gives a program a terminal of its own.
    await using replay = cli.startUnder(['sh', '-c', 'exec script -qec "$*" /dev/null', 'sh'], ...words)
    const [, port] = await replay.prints(/listening on tcp:\/\/127\.0\.0\.1:(\d+)/)
    await replay.prints(/\r\u001b\[KPlaying: 0 of 1 over · 0 B of \d+ B/)
    await using caller = cli.start('dial', `tcp://127.0.0.1:${port}`)
    caller.stdin.end('other words')
    expect(await caller.exit()).toBe(0)
    expect(await replay.exit()).toBe(1)
    expect(replay.stdout).toMatch(/\r\u001b\[KC1 differs/)
  })
})
