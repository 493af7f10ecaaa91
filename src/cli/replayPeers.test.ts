import { execFile } from 'node:child_process'
import { createConnection, createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { commandLine, portOf } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { Program } from './testing/program'

const cli = commandLine()
const run = promisify(execFile)
const BIG_BYTES = 300_000

/** A port that was free a moment ago, for programs that cannot be told to take any. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves once somebody listens there. */
async function answers(port: number, server: Program): Promise<void> {
  for (;;) {
    const socket = createConnection(port, '127.0.0.1')
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isThere) return
    if (server.stderr.includes('emerg')) throw new Error(server.stderr)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Lets clients talk to a server through `switchboard listen --behaviour proxy:…`, and keeps what they say in a file. */
async function recordedBetween(
  name: string,
  server: number,
  talk: (port: number) => Promise<void>,
): Promise<string> {
  const file = cli.recording(name)
  await using proxy = cli.start(
    ...['listen', 'tcp://127.0.0.1:0', '--behaviour', `proxy:tcp://127.0.0.1:${server}`, '--record', file],
  )
  await talk(await portOf(proxy))
  proxy.kill('SIGINT')
  expect(await proxy.exit()).toBe(0)
  return file
}

const asClient = (file: string, port: number, ...more: string[]) =>
  cli.start('replay', file, '--as', 'client', '--target', `tcp://127.0.0.1:${port}`, ...more)

/** Plays the recorded server for clients that talk to it now. */
async function asServer(
  file: string,
  talk: (port: number) => Promise<void>,
  ...more: string[]
): Promise<{ readonly code: unknown; readonly last: string | undefined }> {
  await using replay = cli.start('replay', file, '--as', 'server', '--listen', 'tcp://127.0.0.1:0', ...more)
  await talk(await portOf(replay))
  return { code: await replay.exit(), last: replay.lines.at(-1) }
}

interface Divergence {
  readonly connection: string
  readonly direction: string
  readonly offset: number
}
const divergenceOf = (replay: Program): Divergence =>
  (JSON.parse(replay.stdout) as { readonly divergence: Divergence }).divergence

/** What was recorded of one direction of a connection. */
async function recordedBytes(file: string, connection: string, direction: 'in' | 'out'): Promise<Buffer> {
  const words = ['--format', 'raw', '--connection', connection, '--direction', direction]
  await using exported = cli.start('export', file, ...words)
  expect(await exported.exit()).toBe(0)
  return exported.bytes
}

describeWith(['nginx', 'curl'], 'curl and nginx', () => {
  interface Site extends AsyncDisposable {
    readonly port: number
    readonly big: string
  }

  async function nginx(): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-nginx-'))
    const port = await freePort()
    const big = join(folder, 'big.bin')
    await writeFile(big, Buffer.alloc(BIG_BYTES, 'all work and no play '))
    await writeFile(join(folder, 'small.txt'), 'small\n')
    const at = (name: string): string => `${name}_temp_path ${join(folder, name)};`
    await writeFile(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log stderr;
events {}
http {
  access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(at).join(' ')}
  server { listen 127.0.0.1:${port}; root ${folder}; location /post { return 200 "taken\\n"; } }
}
`,
    )
    const server = new Program('nginx', ['-c', join(folder, 'nginx.conf'), '-e', 'stderr'])
    await answers(port, server)
    return {
      port,
      big,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]()
        await rm(folder, { recursive: true, force: true })
      },
    }
  }

  /** Three runs of curl; the first of them asks twice in one connection. */
  async function browse(port: number): Promise<void> {
    const url = `http://127.0.0.1:${port}`
    const curl = async (...words: string[]) =>
      (await run('curl', ['-sS', '-H', 'Host: there', ...words], { maxBuffer: 2 * BIG_BYTES })).stdout
    expect(await curl(`${url}/small.txt`, `${url}/big.bin`)).toHaveLength('small\n'.length + BIG_BYTES)
    expect(await curl('-d', 'some=thing', `${url}/post`)).toBe('taken\n')
    expect(await curl('-o', '/dev/null', '-w', '%{http_code}', `${url}/nothing`)).toBe('404')
  }
  const dates = ['--mask', String.raw`/Date: [^\r]+/`, '--speed', 'max']

  test('recorded through a proxy, played against the live server and for the live client; a changed byte is found', async () => {
    await using site = await nginx()
    const file = await recordedBetween('curl.swb', site.port, browse)

    await using same = asClient(file, site.port, ...dates)
    expect(await same.exit(), same.stdout).toBe(0)
    expect(same.lines.at(-1)).toBe('All 3 are equal.')

    expect(await asServer(file, browse, ...dates)).toEqual({ code: 0, last: 'All 3 are equal.' })

    // One byte of the file is another one, and nothing else: neither its length nor its time.
    const times = new Date(Date.now() - 3_600_000)
    await utimes(site.big, times, times)
    const second = await recordedBetween('curl2.swb', site.port, browse)
    const bytes = await readFile(site.big)
    const changedAt = 123_456
    bytes[changedAt] = 0x21
    await writeFile(site.big, bytes)
    await utimes(site.big, times, times)
    await using changed = asClient(second, site.port, ...dates, '--json')
    expect(await changed.exit()).toBe(1)
    const came = await recordedBytes(second, 'C2', 'in')
    const offset = came.length - BIG_BYTES + changedAt
    expect(divergenceOf(changed)).toMatchObject({ connection: 'C2', direction: 'in', offset })
  })
})

describeWith(['redis-server', 'redis-cli'], 'redis-cli and redis-server', () => {
  async function redis(): Promise<AsyncDisposable & { readonly port: number }> {
    const port = await freePort()
    const server = new Program('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''])
    await answers(port, server)
    return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  }
  const ask = async (port: number, ...words: string[]): Promise<string> =>
    (await run('redis-cli', ['-p', `${port}`, ...words])).stdout

  /** Single commands, and several through one connection. */
  async function count(port: number): Promise<void> {
    expect(await ask(port, 'SET', 'greeting', 'grüße')).toBe('OK\n')
    expect(await ask(port, 'INCR', 'n')).toBe('1\n')
    const many = new Program('redis-cli', ['-p', `${port}`, '--pipe'])
    for (let n = 0; n < 500; n++) many.stdin.write(`RPUSH list ${n}\r\n`)
    many.stdin.end()
    expect(await many.exit()).toBe(0)
    expect(many.stdout).toContain('errors: 0, replies: 500')
    expect((await ask(port, 'LRANGE', 'list', '0', '-1')).split('\n')).toHaveLength(501)
  }
  /** At its end --pipe has 20 random bytes sent back, to know that all has been answered. */
  const echoed = [
    ...['--capture', String.raw`tag=/ECHO\r\n\$20\r\n([^]{20})/`],
    ...['--set', String.raw`/\$20\r\n([^]{20})\r\n/={tag}`],
    ...['--mask', String.raw`/ECHO\r\n\$20\r\n[^]{20}/`],
  ]

  test('recorded through a proxy, played against a fresh server and for the live client; another value is found', async () => {
    let file: string
    {
      await using server = await redis()
      file = await recordedBetween('redis.swb', server.port, count)
    }
    await using fresh = await redis()
    await using same = asClient(file, fresh.port)
    expect(await same.exit(), same.stdout).toBe(0)
    expect(same.lines.at(-1)).toBe('All 4 are equal.')

    expect(await asServer(file, count, ...echoed)).toEqual({ code: 0, last: 'All 4 are equal.' })

    // It has counted already.
    await using changed = asClient(file, fresh.port, '--connection', 'C4', '--json')
    expect(await changed.exit()).toBe(1)
    expect(divergenceOf(changed)).toMatchObject({ connection: 'C4', direction: 'in', offset: ':'.length })
  })
})

describeWith(['socat'], 'socat', () => {
  test('as server and as client', async () => {
    const port = await freePort()
    await using server = new Program('socat', [
      `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`,
      'EXEC:cat',
    ])
    await answers(port, server)
    const file = await recordedBetween('socat.swb', port, talk)
    await using same = asClient(file, port)
    expect(await same.exit(), same.stdout).toBe(0)
    expect(await asServer(file, talk)).toEqual({ code: 0, last: 'Equal.' })
    await server[Symbol.asyncDispose]()
    await using refused = asClient(file, port, '--json')
    expect(await refused.exit()).toBe(1)
    expect(divergenceOf(refused)).toMatchObject({ offset: 0 })
  })

  async function talk(port: number): Promise<void> {
    await using caller = new Program('socat', ['-t5', '-', `TCP:127.0.0.1:${port}`])
    caller.stdin.write('hello\n')
    await caller.prints(/hello\n/)
    caller.stdin.end('and good-bye\n')
    expect(await caller.exit()).toBe(0)
    expect(caller.stdout).toBe('hello\nand good-bye\n')
  }
})
