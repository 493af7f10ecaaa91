import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { constants, release } from 'node:os'
import { describe, expect, test } from 'vitest'
import { calls } from '../main/engine/posix/calls'
import { formatTook, parseDuration } from '../shared/wire/duration'
import { commandLine } from './testing/commandLine'

const cli = commandLine()

interface Told {
  readonly outcome: string
  readonly tookMs: number
  /** What is wrong with the file; then there are no steps. */
  readonly problems?: readonly { readonly message: string }[]
  readonly steps: readonly {
    readonly tookMs: number
    readonly phase: string
    readonly note: string
    readonly values?: Record<string, string>
  }[]
}

/** Runs steps, and answers with what is told of each, and all that was measured. */
async function run(
  name: string,
  steps: string,
  endpoints = '{}',
): Promise<Told & { readonly values: Record<string, string>; readonly code: number | string | null }> {
  const file = cli.recording(join(name, 'experiment.yaml'))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `switchboard: 1\nendpoints: ${endpoints}\nsteps:\n${steps}`)
  await using started = cli.start('run', file, '--json')
  const code = await started.exit()
  const told = { steps: [], ...(JSON.parse(started.stdout) as Partial<Told>) } as unknown as Told
  const values: Record<string, string> = Object.assign({}, ...told.steps.map((step) => step.values ?? {}))
  return { ...told, values, code }
}

const LISTENING = `  - call: 'phone = socket(AF_INET, SOCK_STREAM)'
  - call: 'phone.bind(("127.0.0.1", 0))'
  - call: 'phone.listen(5)'
`
const CONNECTED = `${LISTENING}  - call: 'alice = socket(AF_INET, SOCK_STREAM)'
  - call: 'alice.connect(phone.getsockname())'
  - call: 'line, peer = phone.accept()'
`

describe.skipIf(calls() === null)('socket calls as steps', () => {
  test('block, and return once there is something', async () => {
    const { values, code, steps } = await run(
      'blocks',
      `${LISTENING}  - { call: 'line, peer = phone.accept()', blocks: true }
  - open: alice
  - { returns: phone, took: answered }
  - { call: 'data = line.recv(1024)', blocks: true, within: 100ms }
  - { send: alice, text: hello }
  - { returns: line, gives: "b'hello'", took: heard }
`,
      `{ alice: { dial: 'tcp://127.0.0.1:{phone.port}' } }`,
    )
    expect(code).toBe(0)
    expect(steps[3]?.note).toMatch(/^blocks in accept4?\(.*: no caller has come$/)
    expect(values).toMatchObject({
      data: "b'hello'",
      'alice.peer': `tcp://127.0.0.1:${values['phone.port']}`,
      peer: `('127.0.0.1', ${values['alice.port']})`,
      'line.peer': `tcp://127.0.0.1:${values['alice.port']}`,
    })
    expect(Number(values['phone.fd'])).toBeGreaterThan(2)
    expect(values.answered).toMatch(/^\d+\.\d+ m?s$/)
    // Since it was made: it had blocked for that long when that was looked at.
    expect(parseDuration(values.heard ?? '')).toBeGreaterThanOrEqual(100)
  })

  test('are made again and again until they fail, and what they gave is summed up', async () => {
    const { values, code } = await run(
      'until',
      `${CONNECTED}  - call: 'alice.setblocking(False)'
  - { call: 'fitted = alice.send(b"x" * 1000)', until: EAGAIN, within: 20s }
  - { look: line, kernel: Recv-Q, as: waits }
  - { expect: alice, kernel: { Send-Q: '> 0', unacked: '>= 0' } }
`,
    )
    expect(code).toBe(0)
    const [fitted = 0, waits = 0] = [values.fitted, values.waits].map((text) =>
      Number(text?.replaceAll(',', '')),
    )
    expect(fitted).toBeGreaterThan(waits)
    expect(waits).toBeGreaterThan(0)
    expect(values['alice.errno']).toBe(String(constants.errno.EAGAIN))
  })

  // libuv has no name for this errno: it came out as 0, and a connect with a timeout failed by it.
  test('that would wait for a connection say EINPROGRESS, or wait as long as they may', async () => {
    const { values, code } = await run(
      'progress',
      `${LISTENING}  - call: 'alice = socket(AF_INET, SOCK_STREAM)'
  - call: 'alice.setblocking(False)'
  - { call: 'alice.connect(phone.getsockname())', raises: EINPROGRESS }
  - call: 'bob = socket(AF_INET, SOCK_STREAM)'
  - call: 'bob.settimeout(10)'
  - call: 'bob.connect(phone.getsockname())'
  - call: 'peer = bob.getpeername()'
`,
    )
    expect(code).toBe(0)
    expect(values['alice.errno']).toBe(String(constants.errno.EINPROGRESS))
    expect(values.peer).toBe(`('127.0.0.1', ${values['phone.port']})`)
  })

  test('are timed by themselves: what it takes to ask for them does not count', async () => {
    const { values, steps, tookMs } = await run(
      'timed',
      `${LISTENING}  - { call: 'where = phone.getsockname()', took: alone }\n`,
    )
    expect(values.alone).toBe(formatTook(steps.at(-1)?.tookMs ?? 0))
    expect(steps.reduce((sum, step) => sum + step.tookMs, 0)).toBeLessThan(tookMs)
  })

  test('fail where another value, another errno, or no return comes', async () => {
    const wrong = [
      [
        `{ call: 'n = phone.getsockopt(SOL_SOCKET, SO_ERROR)', raises: TimeoutError }`,
        /^It gave 0, expected TimeoutError\.$/,
      ],
      [`{ call: 'phone.listen(1)', gives: 7 }`, /^It gave None, expected 7\.$/],
      [
        `{ call: 'phone.getpeername()', raises: EPIPE }`,
        /^It raised OSError: \[Errno \d+\] .*, expected EPIPE\.$/,
      ],
      [`{ call: 'phone.getpeername()' }`, /^It raised OSError/],
      [`{ call: 'phone.accept()', within: 100ms }`, /makes a socket that has no name/],
      [
        `{ call: 'line, peer = phone.accept()', within: 100ms }`,
        /^It has not returned within 100ms: no caller/,
      ],
      [`{ call: 'phone.listen(2)', blocks: true }`, /^It gave None, expected it to block\.$/],
      [`{ returns: phone }`, /^No call blocks on phone\.$/],
    ] as const
    for (const [at, [step, message]] of wrong.entries()) {
      const { steps, code, problems = [] } = await run(`wrong-${at}`, `${LISTENING}  - ${step}\n`)
      expect(code).toBe(problems.length > 0 ? 2 : 1)
      expect(problems.at(-1)?.message ?? steps.at(-1)?.note).toMatch(message)
    }
  })

  test('of a Unix socket have a folder of their own, which is gone afterwards', async () => {
    const { values, code } = await run(
      'temp',
      `  - call: 'phone = socket(AF_UNIX, SOCK_STREAM)'
  - call: 'phone.bind("{temp.path}/phone")'
  - call: 'phone.listen(1)'
  - open: alice
`,
      `{ alice: { dial: 'unix:{temp.path}/phone' } }`,
    )
    expect(code).toBe(0)
    expect(values['phone.path']).toMatch(/\/phone$/)
    expect(existsSync(dirname(values['phone.path'] ?? '/'))).toBe(false)
  })
})

test.skipIf(process.platform === 'win32' || calls() === null)(
  'a socket file keeps its name when its socket is closed; its mode is told and set, and it can be removed',
  async () => {
    const { values, code, steps } = await run(
      'file',
      `  - call: 'phone = socket(AF_UNIX, SOCK_STREAM)'
  - call: 'phone.bind("{temp.path}/phone")'
  - call: 'phone.listen(1)'
  - { chmod: '{temp.path}/phone', mode: '000', as: locked }
  - { open: stranger, where: not superuser }
  - { expect: stranger, error: EACCES, where: not superuser }
  - { open: root, where: superuser }
  - call: 'phone.close()'
  - { open: late }
  - { expect: late, error: ECONNREFUSED, where: superuser }
  - { expect: late, error: EACCES, where: not superuser }
  - { unlink: '{temp.path}/phone' }
  - { open: nowhere }
  - { expect: nowhere, error: ENOENT }
  - { unlink: '{temp.path}/phone' }
`,
      `
  stranger: { dial: 'unix:{phone.path}' }
  root: { dial: 'unix:{phone.path}' }
  late: { dial: 'unix:{phone.path}' }
  nowhere: { dial: 'unix:{phone.path}' }`,
    )
    expect(values['phone.mode']).toMatch(/^s(rwx|rw-)[rwx-]{6}$/)
    expect(values['locked']).toBe('s---------')
    expect(values['nowhere.error']).toBe('ENOENT')
    // The last step fails: there is nothing to remove any more.
    expect(code).toBe(1)
    expect(steps.at(-1)).toMatchObject({ phase: 'failed', note: expect.stringContaining('ENOENT') as string })
  },
)

test('files outside of the run’s folder are refused before anything is done', async () => {
  const { problems, code } = await run(
    'outside',
    `  - { unlink: '/etc/hostname' }
  - { unlink: '{temp.path}/../x' }
  - { chmod: '{temp.path}/a/b', mode: '600' }
  - { chmod: '{temp.path}/a', mode: '999' }
  - { chmod: '{temp.path}/a' }
`,
  )
  expect(code).toBe(2)
  expect(problems?.map(({ message }) => message)).toEqual([
    '"/etc/hostname" is no file in {temp.path}: write {temp.path}/ and its name, as {temp.path}/phone.',
    '"{temp.path}/../x" is no file in {temp.path}: write {temp.path}/ and its name, as {temp.path}/phone.',
    '"{temp.path}/a/b" is no file in {temp.path}: write {temp.path}/ and its name, as {temp.path}/phone.',
    'found "999", expected three digits from 0 to 7, as 600.',
    "lacks mode: who may do what, as digits in quotes: '600'.",
  ])
})

test.skipIf(process.platform !== 'linux' || calls() === null)(
  'what was sent to an unplugged peer arrives once it is plugged in again',
  async () => {
    const { code, steps } = await run(
      'plug',
      `  - open: server
  - open: alice
  - unplug: server
  - { send: alice, text: 'anybody?' }
  - { expect: server, nothing: true, within: 100ms }
  - plug: server
  - { expect: server, text: 'anybody?' }
  - { expect: alice, kernel: { unacked: 0 } }
`,
      `{ server: { listen: 'tcp://127.0.0.1:0' }, alice: { dial: 'tcp://127.0.0.1:{server.port}' } }`,
    )
    expect(code).toBe(0)
    expect(steps[5]?.note).toMatch(/hears again$/)
  },
)

test('a step of another kind of machine is left out, and the run passes', async () => {
  const { steps, code, values } = await run(
    'where',
    `  - { open: server, where: ${process.platform === 'linux' ? 'linux' : 'not linux'} }
  - { open: server, where: [linux, not linux] }
  - wait: 1ms
`,
    `{ server: { listen: 'tcp://127.0.0.1:0' } }`,
  )
  expect(code).toBe(0)
  expect(steps.map(({ phase }) => phase)).toEqual(['passed', 'skipped', 'passed'])
  expect(steps[1]?.note).toMatch(/^left out: here (not )?linux$/)
  expect(Number(values['server.port'])).toBeGreaterThan(0)
  expect(release()).not.toBe('')
})

test.skipIf(process.platform !== 'linux' || calls() === null)(
  'an unplugged peer acknowledges nothing: who sends gives up after the time it was told',
  async () => {
    const { values, code } = await run(
      'unplug',
      `  - open: server
  - open: alice
  - unplug: server
  - { send: alice, text: 'anybody?' }
  - { expect: alice, kernel: { unacked: 1, backoff: '>= 1' } }
  - { expect: server, nothing: true, within: 100ms }
  - { expect: alice, error: ETIMEDOUT, within: 20s }
`,
      `
  server: { listen: 'tcp://127.0.0.1:0' }
  alice: { dial: 'tcp://127.0.0.1:{server.port}', options: { userTimeoutMs: 1000 } }`,
    )
    expect(code).toBe(0)
    expect(values['alice.error']).toBe('ETIMEDOUT')
    expect(values['alice.errno']).toBe(String(constants.errno.ETIMEDOUT))
  },
)

test.skipIf(calls() === null)(
  'what is sent is recorded at the beginning of its call: before the other side tells that it came',
  async () => {
    const session = cli.recording('order.swb')
    await using run = cli.start('run', 'lessons/01-phone-call/experiment.yaml', '--record', session)
    expect(await run.exit(), run.stderr).toBe(0)
    await using told = cli.start('export', session, '--format', 'json')
    expect(await told.exit()).toBe(0)
    const { rows } = JSON.parse(told.stdout) as {
      rows: { id: string; atNanos: number; kind: string; direction?: string }[]
    }
    const at = (id: string, direction: string): number =>
      rows.find((row) => row.id === id && row.kind === 'data' && row.direction === direction)?.atNanos ?? NaN
    expect(at('S2', 'out')).toBeLessThan(at('C1', 'in'))
    expect(at('C1', 'out')).toBeLessThan(at('S2', 'in'))
    for (const id of ['S1', 'S2', 'C1']) {
      const times = rows.filter((row) => row.id === id).map(({ atNanos }) => atNanos)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }
  },
)

test.skipIf(process.platform !== 'linux' || calls() === null)(
  'what is left of a connection is told when its descriptor is gone: TIME_WAIT of who closed first, nothing after SO_LINGER 0',
  async () => {
    const { values, code } = await run(
      'afterlife',
      `${CONNECTED}  - { expect: line, kernel: { timer: 0 }, as: before }
  - call: 'line.close()'
  - call: 'alice.close()'
  - { expect: line, kernel: { state: 6, expires: '> 0' }, as: first }
  - { expect: alice, kernel: { state: 7 }, as: second }
  - call: 'bob = socket(AF_INET, SOCK_STREAM)'
  - call: 'bob.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))'
  - call: 'bob.connect(phone.getsockname())'
  - call: 'his, peer = phone.accept()'
  - call: 'bob.close()'
  - { call: 'his.recv(1)', raises: ECONNRESET }
  - { expect: bob, kernel: { state: 7 } }
`,
    )
    expect(code).toBe(0)
    expect(values).toMatchObject({ before: 'none', first: 'TIME_WAIT', second: 'CLOSE' })
  },
)

test.skipIf(process.platform !== 'linux' || calls() === null)(
  'a dial with options of its own is asked for its numbers before anybody answers',
  async () => {
    const { values, code } = await run(
      'syn-sent',
      `  - call: 'phone = socket(AF_INET, SOCK_STREAM)'
  - call: 'phone.bind(("127.0.0.1", 0))'
  - call: 'phone.listen(0)'
  - open: alice
  - { open: bob, within: 100ms }
  - { expect: bob, dialling: true, within: 100ms }
  - { expect: bob, kernel: { state: 2 }, as: state }
`,
      `
  alice: { dial: 'tcp://127.0.0.1:{phone.port}' }
  bob: { dial: 'tcp://127.0.0.1:{phone.port}', options: { kernel: { TCP_SYNCNT: 4 } } }`,
    )
    expect(code).toBe(0)
    expect(values.state).toBe('SYN_SENT')
  },
)
