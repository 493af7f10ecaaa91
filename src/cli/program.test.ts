import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { version } from '../../package.json'
import { commandLine } from './testing/commandLine'
import { Program } from './testing/program'

const cli = commandLine()

test.each([
  [[], /say what to do: listen, dial, run, lessons, program, .* replay or demo/],
  [['bogus'], /no command 'bogus'/],
  [['run', 'x.yaml'], /ENOENT/],
  [['listen'], /missing required argument 'url'/],
  [['listen', 'tcp://127.0.0.1:0', 'more'], /too many arguments/],
  [['listen', '--bogus', 'tcp://127.0.0.1:0'], /unknown option '--bogus'/],
  [['listen', 'tcp://127.0.0.1:70000'], /Port 70000/],
  [['listen', 'tcp://127.0.0.1:-1'], /Port -1/],
  [['listen', 'ftp://127.0.0.1:1'], /ftp/],
  [['listen', ''], /empty/],
  [['listen', 'unix:/'], /EADDRINUSE|EISDIR|EACCES/],
  [['listen', `unix:/tmp/${'x'.repeat(120)}`], /107/],
  [['listen', 'tcp://127.0.0.1:0', '--behaviour', 'shout'], /shout.*upper/],
  [['listen', 'tcp://192.0.2.1:0'], /EADDRNOTAVAIL/],
  [['listen', 'tcp://127.0.0.1:0', '--record', '/'], /EISDIR.*folder/],
  [['dial', 'tcp://127.0.0.1:70000'], /Port 70000/],
  [['dial', 'tcp://127.0.0.1:1'], /ECONNREFUSED/],
  [['dial', 'tcp://no-such-host.invalid:80'], /ENOTFOUND|EAI_AGAIN/],
  [['dial', 'unix:/nowhere/at/all'], /ENOENT/],
  [['dial', 'tcp://127.0.0.1:1', '--hex', '--json'], /--hex.*--json|--json.*--hex/],
  [['dial', 'udp://127.0.0.1:1', '--idle', 'long'], /idle/],
  [['info'], /missing required argument/],
  [['info', '/nowhere/at/all.swb'], /ENOENT/],
  [['demo', '--port', '65536'], /0 to 65535/],
])('%j ends with 2 and one line that says why', async (words, why) => {
  await using program = cli.start(...words)
  program.stdin.end()
  expect(await program.exit()).toBe(2)
  expect(program.stdout).toBe('')
  expect(program.stderr).toMatch(why)
  expect(program.stderr).toMatch(/^switchboard: [^\n]+\n$/)
})

test.each([
  ['there is no folder for temporary files', 'export TMPDIR=/nowhere/at/all', /ENOENT .*TMPDIR/],
  [
    'the folder that it runs in is gone',
    'mkdir "$TMPDIR/gone" && cd "$TMPDIR/gone" && rmdir "$TMPDIR/gone"',
    /getcwd ENOENT/,
  ],
])('where %s it ends with 2 and one line that says so', async (_what, before, why) => {
  await using program = cli.startUnder(
    ['sh', '-c', `${before} && exec "$0" "$@"`],
    ...['listen', 'tcp://127.0.0.1:0', ...(before.includes('rmdir') ? ['--record', 'here.swb'] : [])],
  )
  expect(await program.exit()).toBe(2)
  expect(program.stderr).toMatch(why)
  expect(program.stderr).toMatch(/^switchboard: [^\n]+\n$/)
})

test('--version and --help answer on stdout with 0', async () => {
  await using asked = cli.start('--version')
  expect(await asked.exit()).toBe(0)
  expect(asked.stdout).toBe(`${version}\n`)
  for (const words of [
    ['--help'],
    ['help'],
    ['listen', '--help'],
    ['dial', '--help'],
    ['info', '--help'],
    ['demo', '--help'],
  ]) {
    await using helped = cli.start(...words)
    expect(await helped.exit()).toBe(0)
    expect(helped.stdout).toMatch(/^Usage: switchboard/)
    expect(helped.stderr).toBe('')
  }
})

test('out of a clone it is bin/switchboard.mjs', async () => {
  const entry = fileURLToPath(new URL('../../bin/switchboard.mjs', import.meta.url))
  await using program = new Program(process.execPath, [entry, '--version'])
  expect(await program.exit()).toBe(0)
  expect(program.stdout).toBe(`${version}\n`)
}, 120_000)

/** What of our own a command loads, as V8 tells it. */
async function loadedBy(...words: string[]): Promise<string> {
  const folder = cli.recording(`loaded by ${words[0] ?? ''}`)
  await using program = cli.startUnder(['env', `NODE_V8_COVERAGE=${folder}`], ...words)
  expect(await program.exit()).toBe(0)
  const [report = ''] = readdirSync(folder)
  const { result } = JSON.parse(readFileSync(join(folder, report), 'utf8')) as { result: { url: string }[] }
  const files = result.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []))
  return files.map((file) => readFileSync(file, 'utf8')).join('\n')
}

test('a command loads what it needs, and no more: it starts soon', async () => {
  const session = cli.recording('small.swb')
  await using demo = cli.start('demo', '--port', '0', '--record', session)
  expect(await demo.exit()).toBe(0)
  const [version, info, demoed] = [
    await loadedBy('--version'),
    await loadedBy('info', session),
    await loadedBy('demo', '--port', '0'),
  ]
  expect(version.length).toBeLessThan(300_000)
  expect(info.length).toBeLessThan(400_000)
  for (const loaded of [version, info]) expect(loaded).not.toMatch(/createEngine|FileCapture/)
  expect(demoed).toMatch(/createEngine/)
})
