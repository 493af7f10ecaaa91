import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, unlinkSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandLine } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { Program } from './testing/program'

const cli = commandLine()

async function experiment(name: string, text: string): Promise<string> {
  const file = cli.recording(join(name, 'experiment.yaml'))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `switchboard: 1\nname: ${name}\n${text}`)
  return file
}

/** A Python program that prints its port as its first line. */
async function python(program: string): Promise<Program & { readonly port: number }> {
  const head =
    'import socket, struct, sys\nserver = socket.create_server(("127.0.0.1", 0))\nprint(server.getsockname()[1], flush=True)\n'
  const started = new Program('python3', ['-c', head + program])
  const port = Number((await started.prints(/^(\d+)\n/))[1])
  return Object.assign(started, { port })
}

const upperServer = 'c, _ = server.accept()\nwhile data := c.recv(4096): c.sendall(data.upper())\n'

const talk = (port: number, expected: string): string => `endpoints:
  alice: { dial: "tcp://127.0.0.1:${port}" }
steps:
  - open: alice
  - send: alice
    text: "hello, is anybody there?\\n"
  - expect: alice
    text: "${expected}"
    within: 5s
  - shutdown: alice
  - expect: alice
    closed: fin
`

describeWith(['python3'], 'an experiment with a server in Python', () => {
  test('passes, prints a line a step, and keeps the recording that is asked for', async () => {
    await using server = await python(upperServer)
    const file = await experiment('upper', talk(server.port, 'HELLO, IS ANYBODY THERE?\\n'))
    const kept = cli.recording('upper.swb')
    await using run = cli.start('run', file, '--record', kept)
    expect(await run.exit(), run.stdout + run.stderr).toBe(0)
    const told = run.lines.map((line) => line.replace(/ +[\d.]+ (µs|m?s)\b/, '').replace(/:\d+/g, ':PORT'))
    expect(told).toEqual([
      'upper',
      'ok     1  open     alice  C1 connected to tcp://127.0.0.1:PORT from tcp://127.0.0.1:PORT',
      'ok     2  send     alice "hello, is anybody there?\\n"  25 B',
      'ok     3  expect   alice "HELLO, IS ANYBODY THERE?\\n"  25 B',
      'ok     4  shutdown alice  half-closed by us',
      'ok     5  expect   alice closed (fin)',
      expect.stringMatching(/^passed: 5 steps in/),
    ])
    await using info = cli.start('info', kept)
    expect(await info.exit()).toBe(0)
    expect(info.stdout).toMatch(/C1 .*closed \(fin\) +25 B \(\d+\) +25 B/)
  })

  test('recorded, and the recording as an experiment: the same server passes, a changed one does not', async () => {
    await using server = await python(upperServer)
    const session = cli.recording('again.swb')
    await using run = cli.start(
      'run',
      await experiment('again', talk(server.port, 'HELLO, IS ANYBODY THERE?\\n')),
      '--record',
      session,
    )
    expect(await run.exit(), run.stdout).toBe(0)
    const file = cli.recording('again.yaml')
    await using written = cli.start('export', session, '--format', 'experiment', '--output', file)
    expect(await written.exit(), written.stderr).toBe(0)
    const made = readFileSync(file, 'utf8')
    expect(made).toContain('  - send: C1\n    text: "hello, is anybody there?\\n"\n')
    const at = async (port: number): Promise<string> => {
      const moved = cli.recording(`again-${port}.yaml`)
      await writeFile(moved, made.replace(`127.0.0.1:${server.port}`, `127.0.0.1:${port}`))
      return moved
    }
    await using same = await python(upperServer)
    await using green = cli.start('run', await at(same.port))
    expect(await green.exit(), green.stdout).toBe(0)
    await using changed = await python(upperServer.replace('upper()', 'upper().replace(b"IS", b"was")'))
    await using red = cli.start('run', await at(changed.port))
    expect(await red.exit()).toBe(1)
    expect(red.stdout).toContain('Byte 7 is another than expected.')
  })

  test('that answers otherwise fails at the byte that differs: exit code 1, the rest is not run', async () => {
    await using server = await python(upperServer)
    const file = await experiment('differs', talk(server.port, 'HELLO, IS anybody THERE?\\n'))
    const report = cli.recording('differs.xml')
    await using run = cli.start('run', file, '--junit', report)
    expect(await run.exit()).toBe(1)
    expect(run.stdout).toMatch(/FAIL +3 .*expect +alice/)
    expect(run.stdout).toContain('Byte 10 is another than expected.')
    expect(run.stdout).toContain('|HELLO, IS anybod|')
    expect(run.stdout).toContain('|HELLO, IS ANYBOD|')
    expect(run.lines.at(-1)).toMatch(/^failed at step 3 of 5 \(line 9\)/)
    expect(readJunit(report)).toEqual({
      counts: ['5', '1', '0', '2'],
      outcomes: [null, null, 'failure', 'skipped', 'skipped'],
    })
  })

  test('that sends less than expected, and ends, fails without waiting any longer', async () => {
    await using server = await python(
      'c, _ = server.accept()\nc.sendall(c.recv(100)[:5].upper())\nc.close()\n',
    )
    const file = await experiment('less', talk(server.port, 'HELLO, IS ANYBODY THERE?\\n'))
    await using run = cli.start('run', file)
    expect(await run.exit()).toBe(1)
    expect(run.stdout).toMatch(
      /5 of 25 bytes came, and then its end: (half-closed by peer|closed \((fin|reset)\))\./,
    )
  })

  test('that resets is told from one that closes', async () => {
    const reset =
      'c, _ = server.accept()\nc.recv(100)\nc.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))\nc.close()\n'
    const steps = (port: number, end: string): string =>
      `endpoints:\n  a: { dial: "tcp://127.0.0.1:${port}" }\nsteps:\n  - open: a\n  - send: a\n    text: x\n  - expect: a\n    closed: ${end}\n`
    await using first = await python(reset)
    await using expected = cli.start('run', await experiment('reset', steps(first.port, 'reset')))
    expect(await expected.exit(), expected.stdout).toBe(0)
    await using second = await python(reset)
    await using other = cli.start('run', await experiment('fin', steps(second.port, 'fin')))
    expect(await other.exit()).toBe(1)
    expect(other.stdout).toContain('Its end was closed (reset), expected fin.')
  })

  test('that says more than the steps expect does not pass for one that closes', async () => {
    await using server = await python(
      'c, _ = server.accept()\nc.sendall(b"220 hi\\r\\nand more")\nc.close()\n',
    )
    const file = await experiment(
      'more',
      `endpoints:\n  a: { dial: "tcp://127.0.0.1:${server.port}" }\nsteps:\n  - open: a\n  - expect: a\n    regex: "^220 .*\\r\\n"\n  - expect: a\n    closed: fin\n`,
    )
    await using run = cli.start('run', file)
    expect(await run.exit()).toBe(1)
    expect(run.stdout).toContain('8 more bytes came before its end than the steps expect.')
    expect(run.stdout).toContain('|and more|')
  })

  test('a file of its folder is sent; one to which a link leads out of it is not', async () => {
    const collect =
      'c, _ = server.accept()\nn = 0\nwhile data := c.recv(65536): n += len(data)\nc.sendall(str(n).encode())\nc.close()\n'
    const steps = (port: number): string =>
      `endpoints:\n  a: { dial: "tcp://127.0.0.1:${port}" }\nsteps:\n  - open: a\n  - send: a\n    file: data.bin\n  - shutdown: a\n  - expect: a\n    text: "3000000"\n`
    await using server = await python(collect)
    const file = await experiment('file', steps(server.port))
    const data = join(dirname(file), 'data.bin')
    await writeFile(data, new Uint8Array(3_000_000))
    await using run = cli.start('run', file)
    expect(await run.exit(), run.stdout).toBe(0)
    unlinkSync(data)
    symlinkSync('/etc/passwd', data)
    await using another = await python(collect)
    await using refused = cli.start('run', await experiment('file', steps(another.port)))
    expect(await refused.exit()).toBe(1)
    expect(refused.stdout).toContain("data.bin does not lie in the experiment's folder.")
  })

  test('it can be piped in; a pipe that nobody writes to is refused at once', async () => {
    await using server = await python(upperServer)
    await using run = cli.start('run', '-')
    run.stdin.end(`switchboard: 1\n${talk(server.port, 'HELLO, IS ANYBODY THERE?\\n')}`)
    expect(await run.exit(), run.stderr).toBe(0)
    await using faulty = cli.start('run', '-')
    faulty.stdin.end('switchboard: 2\n')
    expect(await faulty.exit()).toBe(2)
    expect(faulty.stderr).toMatch(/^switchboard: stdin:1:1: lacks endpoints/)
    const pipe = cli.recording('pipe.yaml')
    execFileSync('mkfifo', [pipe])
    await using refused = cli.start('run', pipe)
    expect(await refused.exit()).toBe(2)
    expect(refused.stderr).toContain('is no regular file')
  })

  test('an expression that goes round in circles is given up', async () => {
    await using server = await python('c, _ = server.accept()\nc.sendall(b"a" * 40 + b"b")\nc.recv(1)\n')
    const file = await experiment(
      'circles',
      `endpoints:\n  a: { dial: "tcp://127.0.0.1:${server.port}" }\nsteps:\n  - open: a\n  - expect: a\n    length: 0\n  - expect: a\n    regex: "^(a+)+$"\n`,
    )
    await using run = cli.start('run', file)
    expect(await run.exit()).toBe(1)
    expect(run.stdout).toContain('takes too long')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s stops it where it waits, and keeps the recording',
    async (signal) => {
      await using server = await python(
        'c, _ = server.accept()\nprint(c.recv(100), flush=True)\nc.recv(100)\n',
      )
      const file = await experiment(signal, talk(server.port, 'HELLO').replace('within: 5s', 'within: 1h'))
      const kept = cli.recording(`${signal}.swb`)
      await using run = cli.start('run', file, '--record', kept)
      await server.prints(/hello/)
      run.kill(signal)
      expect(await run.exit()).toBe(1)
      expect(run.lines.at(-1)).toMatch(/^stopped before step 3 of 5/)
      await using info = cli.start('info', kept)
      await info.exit()
      expect(info.stdout).toMatch(/C1 .*25 B \(1\)/)
      expect(info.stdout).not.toContain('torn')
    },
  )
})

test('a reader that has seen enough ends the run, and the recording is whole', async () => {
  const file = await experiment(
    'head',
    `endpoints:\n  s: { listen: "tcp://127.0.0.1:0" }\nsteps:\n  - open: s\n${'  - wait: 5ms\n'.repeat(2000)}`,
  )
  const kept = cli.recording('head.swb')
  await using run = cli.startUnder(['sh', '-c', '"$@" | head -2', 'sh'], 'run', file, '--record', kept)
  expect(await run.exit()).toBe(0)
  expect(run.lines).toHaveLength(2)
  expect(run.stderr).toBe('')
  await using info = cli.start('info', kept)
  expect(await info.exit(), info.stderr).toBe(0)
  expect(info.stdout).toContain('L1')
})

describeWith(['python3'], 'the JUnit report', () => {
  test('is well-formed whatever was sent and received', async () => {
    const file = await experiment(
      'hostile <&">',
      'endpoints:\n  s: { listen: "tcp://127.0.0.1:0", behaviour: echo }\n  a: { dial: "tcp://127.0.0.1:{s.port}" }\nsteps:\n  - open: s\n  - open: a\n  - send: a\n    hex: "00 01 0b 1b 3c 26 22 5d 5d 3e ff fe ed a0 80 ef bf be"\n  - expect: a\n    text: "\\x00\\x01]]>&<\\"\\uFFFE"\n',
    )
    const report = cli.recording('hostile.xml')
    await using run = cli.start('run', file, '--junit', report, '--json')
    expect(await run.exit()).toBe(1)
    expect(readJunit(report).outcomes).toEqual([null, null, null, 'failure'])
    const told = JSON.parse(run.stdout) as {
      outcome: string
      steps: { phase: string; difference?: object }[]
    }
    expect(told.outcome).toBe('failed')
    expect(told.steps.map(({ phase }) => phase)).toEqual(['passed', 'passed', 'passed', 'failed'])
    expect(told.steps[3]?.difference).toMatchObject({ offset: 2, expectedBytes: 11, actualBytes: 18 })
  })
})

describe('what cannot run ends with exit code 2 and says why', () => {
  test('a file with faults: each with its line, column and key', async () => {
    const file = await experiment(
      'bad',
      'endpoints:\n  a: { dail: "tcp://127.0.0.1:1" }\nsteps:\n  - open: b\n',
    )
    const report = cli.recording('bad.xml')
    await using run = cli.start('run', file, '--junit', report)
    expect(await run.exit()).toBe(2)
    expect(run.stderr).toContain(
      `switchboard: ${file}:4:8: endpoints.a.dail: there is no such key; did you mean dial?\n`,
    )
    expect(run.stderr).toContain(`switchboard: ${file}:6:11: steps[1].open: there is no endpoint b`)
    expect(run.stdout).toBe('')
    expect(readFileSync(report, 'utf8')).toContain('<error message=')
  })

  test('a file that is not there, a folder, and one that is no text', async () => {
    await using missing = cli.start('run', 'nowhere.yaml')
    expect(await missing.exit()).toBe(2)
    expect(missing.stderr).toMatch(/^switchboard: open ENOENT: [^\n]*nowhere\.yaml[^\n]*\n$/)
    await using folder = cli.start('run', 'src')
    expect(await folder.exit()).toBe(2)
    expect(folder.stderr).toMatch(/^switchboard: src is no lesson: [^\n]*\n$/)
    const picture = cli.recording('picture.yaml')
    await writeFile(picture, Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]))
    await using binary = cli.start('run', picture)
    expect(await binary.exit()).toBe(2)
    expect(binary.stderr).toContain('picture.yaml:1:1: The file is no text')
  })

  test.each([
    [
      'UTF-16',
      Buffer.from('\ufeffswitchboard: 1\n', 'utf16le'),
      ':1:1: The file is in UTF-16: save it as UTF-8.',
    ],
    [
      'ten megabytes',
      Buffer.alloc(10_000_000, '#'),
      ' has 10000000 bytes; an experiment has at most 1000000.',
    ],
    ['a NUL', Buffer.from('switchboard: 1\nname: "a\0"\n'), ':2:9: The file is no text: '],
    [
      'an alias too many',
      Buffer.from(`a: &a x\nb: [${'*a,'.repeat(200)}]`),
      ' aliases (*name), which no experiment needs.',
    ],
    ['brackets', Buffer.alloc(900_000, '['), ':1:1: The file is nested more deeply than any experiment is.'],
  ])('%s', async (name, bytes, told) => {
    const file = cli.recording(`bad ${name}.yaml`)
    await writeFile(file, bytes)
    await using run = cli.start('run', file)
    expect(await run.exit()).toBe(2)
    expect(run.stdout).toBe('')
    expect(run.stderr).toMatch(/^switchboard: [^\n]+\n$/)
    expect(run.stderr).toContain(told)
  })

  test('a port that is in use', async () => {
    await using holder = cli.start('listen', 'tcp://127.0.0.1:0')
    const port = (await holder.prints(/:(\d+)\n/))[1]
    const file = await experiment(
      'in-use',
      `endpoints:\n  s: { listen: "tcp://127.0.0.1:${port}" }\nsteps:\n  - open: s\n`,
    )
    await using run = cli.start('run', file)
    expect(await run.exit()).toBe(2)
    expect(run.stderr).toMatch(/^switchboard: listen EADDRINUSE: [^\n]+\n$/)
    expect(existsSync(file)).toBe(true)
  })
})

/** What Python's own parser makes of a report. */
function readJunit(file: string): { counts: string[]; outcomes: (string | null)[] } {
  const program = `import json, sys, xml.etree.ElementTree as tree
suite = tree.parse(sys.argv[1]).getroot().find('testsuite')
print(json.dumps({
  'counts': [suite.get(each) for each in ('tests', 'failures', 'errors', 'skipped')],
  'outcomes': [None if len(each) == 0 else each[0].tag for each in suite.findall('testcase')],
}))`
  return JSON.parse(execFileSync('python3', ['-c', program, file], { encoding: 'utf8' })) as ReturnType<
    typeof readJunit
  >
}
