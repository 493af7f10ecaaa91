import fs from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { badFiles, contentsOf, type BadFile } from '../main/service/testing/badFiles'
import { Folder, output } from '../main/capture/testing/folder'
import { smallSession } from '../main/service/testing/sessionFile'
import { commandLine } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { type Program } from './testing/program'

const cli = commandLine()
const ONE_LINE = /^switchboard: [^\n]+\n$/

let folder: string
let bad: readonly BadFile[]
let good: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-bad-'))
  bad = badFiles(folder)
  const made = await Folder.make()
  good = join(folder, 'good.swb')
  fs.copyFileSync((await smallSession(made)).file, good)
  await made[Symbol.asyncDispose]()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ended(program: Program): Promise<{ code: unknown; stdout: string; stderr: string }> {
  await using it = program
  it.stdin.end()
  const code = await it.exit()
  return { code, stdout: it.stdout, stderr: it.stderr }
}

const run = (...words: string[]) => ended(cli.start(...words))

describe('what is no session', () => {
  test('is refused by whoever reads it, with 2 and a line that says what it is, and stays as it is', async () => {
    const before = contentsOf(folder)
    for (const [n, { kind, file, told }] of bad.entries()) {
      // They read in one way: each is asked, but not of each file.
      const others = [
        ['export', file, '--format', 'text'],
        ['replay', file, '--as', 'both'],
      ]
      const words = [['info', file], others[n % 2] ?? []]
      const all = await Promise.all(words.map((each) => run(...each)))
      for (const { code, stdout, stderr } of all) {
        expect([kind, code, stdout]).toEqual([kind, 2, ''])
        expect(stderr).toMatch(ONE_LINE)
        expect(stderr).toMatch(told)
      }
    }
    expect(contentsOf(folder)).toEqual(before)
  }, 120_000)

  test('is not imported, and neither recorded nor imported onto', async () => {
    const before = contentsOf(folder)
    // One that is not there yet, or is empty, may be recorded onto.
    const others = bad.filter(({ kind }) => !['empty', 'missing'].includes(kind))
    const experiment = cli.recording('one.yaml')
    fs.writeFileSync(
      experiment,
      'switchboard: 1\nendpoints:\n  a: { listen: "tcp://127.0.0.1:0" }\nsteps:\n  - open: a\n',
    )
    for (const [n, { kind, file }] of others.entries()) {
      const onto = [
        ['import', good, '--output', file],
        ['run', experiment, '--record', file],
      ]
      const words = [['import', file, '--output', cli.recording(`${kind}.swb`)], onto[n % 2] ?? []]
      const all = await Promise.all(words.map((each) => run(...each)))
      // An empty capture is one.
      for (const { code, stdout, stderr } of kind === 'pcap' ? all.slice(1) : all) {
        expect([kind, code, stdout]).toEqual([kind, 2, ''])
        expect(stderr).toMatch(ONE_LINE)
      }
    }
    expect(contentsOf(folder)).toEqual(before)
    expect((await run('run', experiment, '--record', good)).stderr).toMatch(/EEXIST: .*never overwritten/)
    expect(contentsOf(folder)).toEqual(before)
  }, 120_000)

  test('where it may not be read, or its folder not be written, that is told with errno', async () => {
    const closed = join(folder, 'closed.swb')
    fs.copyFileSync(good, closed)
    fs.chmodSync(closed, 0o000)
    const place = join(folder, 'place')
    fs.mkdirSync(place, 0o555)
    // Root passes over permissions, unless it is without that capability (capabilities(7)).
    const isRoot = process.getuid?.() === 0
    const without = '-dac_override,-dac_read_search'
    const under = isRoot ? ['setpriv', `--bounding-set=${without}`, `--inh-caps=${without}`] : ['env']
    for (const words of [
      ['info', closed],
      ['export', closed, '--format', 'csv'],
      ['replay', closed, '--as', 'both'],
      ['import', closed, '--output', cli.recording('c.swb')],
      ['demo', '--port', '0', '--record', join(place, 'new.swb')],
      ['export', good, '--format', 'csv', '--output', join(place, 'new.csv')],
    ]) {
      const { code, stdout, stderr } = await ended(cli.startUnder(under, ...words))
      expect([words[0], code, stdout]).toEqual([words[0], 2, ''])
      expect(stderr).toMatch(ONE_LINE)
      expect(stderr).toMatch(/EACCES.*permission/)
    }
    expect(fs.readdirSync(place)).toEqual([])
    expect(fs.readFileSync(closed).equals(fs.readFileSync(good))).toBe(true)
    fs.rmSync(closed)
    fs.rmdirSync(place)
  }, 60_000)
})

test('what a file says of itself acts on no terminal', async () => {
  await using made = await Folder.make()
  const capture = await made.record()
  const track = capture.track('C1', 'tcp', 'dialled \u001b]0;title\u0007\u001b[31mred\u202e')
  track.event({ what: 'failed', fault: { code: '\u001b[2J', summary: 'gone\r\nswitchboard: all is well' } })
  track.chunk('in', Buffer.from('\u001b[31m'))
  await capture.close()
  for (const words of [
    ['info'],
    ['export', '--format', 'text'],
    ['export', '--format', 'hex'],
    ['export', '--format', 'csv'],
  ]) {
    const { code, stdout, stderr } = await run(...words, capture.file)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/C1/)
    // Lines of CSV end so (RFC 4180).
    expect(stdout.replaceAll('\r\n', '\n')).not.toMatch(/[^\P{C}\n]/u)
    expect(stdout).not.toMatch(/^switchboard: all is well/m)
  }
})

/** Many words are sent to a server. A recording's header and its index fit a small file; such a conversation does not. */
const talking = (behaviour: string, andThen: string): string => `
switchboard: 1
endpoints:
  server: { listen: "tcp://127.0.0.1:0", behaviour: ${behaviour} }
  caller: { dial: "tcp://127.0.0.1:{server.port}" }
steps:
  - open: server
  - open: caller
  - send: caller
    file: words.txt
${andThen}
`
const answer = (lengthBytes: number, within: string): string => `
  - expect: caller
    length: ${lengthBytes}
    within: ${within}`
const TALK = talking('echo', answer(240_000, '20s'))
/** As much in one direction, of which no step asks what it was. */
const SPEECH = talking(
  'none',
  `
  - close: caller
  - expect: server
    closed: fin`,
)

function talk(steps = TALK): string {
  const file = cli.recording('talk.yaml')
  fs.writeFileSync(file, steps)
  fs.writeFileSync(cli.recording('words.txt'), 'many words, '.repeat(20_000))
  return file
}

describeWith(['prlimit'], 'a file that may not grow any more', () => {
  const tooLarge = (...words: string[]) => ended(cli.startUnder(['prlimit', '--fsize=100000'], ...words))

  test('is told once with errno and what to do, with 2, and what was kept is whole', async () => {
    const kept = cli.recording('kept.swb')
    const { code, stdout, stderr } = await tooLarge('run', talk(SPEECH), '--record', kept)
    expect(stderr).toMatch(/^switchboard: .*EFBIG[^\n]*ulimit -f[^\n]*\n$/)
    // The sockets went on.
    expect([code, stdout.split('\n').at(-2)]).toEqual([2, expect.stringMatching(/^passed/)])
    const told = await run('info', kept)
    expect(told.code).toBe(0)
    expect(told.stdout).not.toMatch(/damaged/)
    for (const words of [
      ['export', cli.recording('words.swb'), '--format', 'text', '--output', cli.recording('words.out')],
      ['import', cli.recording('words.pcapng'), '--output', cli.recording('imported.swb')],
    ]) {
      if (!fs.existsSync(String(words[1]))) {
        expect((await run('run', talk(), '--record', cli.recording('words.swb'))).code).toBe(0)
        const to = ['--format', 'pcapng', '--output', cli.recording('words.pcapng')]
        expect((await run('export', cli.recording('words.swb'), ...to)).code).toBe(0)
      }
      const refused = await tooLarge(...words)
      expect([words[0], refused.code, refused.stdout]).toEqual([words[0], 2, ''])
      expect(refused.stderr).toMatch(ONE_LINE)
      expect(refused.stderr).toMatch(/EFBIG/)
      expect(fs.existsSync(String(words.at(-1)))).toBe(false)
    }
  }, 60_000)

  test('ends a step at once that waits for what is not recorded any more', async () => {
    const more = talking('echo', answer(240_001, '10m'))
    const { code, stdout, stderr } = await tooLarge('run', talk(more), '--record', cli.recording('less.swb'))
    expect(stderr).toMatch(/^switchboard: .*EFBIG[^\n]*\n$/)
    const [step, verdict] = stdout.trimEnd().split('\n').slice(-2)
    expect(step).toMatch(/What came since is not recorded, and cannot be looked at: write EFBIG: /)
    expect([code, verdict]).toEqual([2, expect.stringMatching(/^failed at step 4 of 4/)])
  }, 60_000)
})

const canMount = process.platform === 'linux' && process.getuid?.() === 0

test.skipIf(!canMount)(
  'a full disk is told of by each that writes, and what was there stays (needs root, to mount one)',
  async () => {
    const disk = join(folder, 'disk')
    fs.mkdirSync(disk)
    await output('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', disk])
    try {
      const there = join(disk, 'there.csv')
      fs.writeFileSync(there, 'what was there')
      const experiment = talk()
      const kept = await run('run', experiment, '--record', join(disk, 'kept.swb'))
      expect(kept.code).toBe(2)
      expect(kept.stderr).toMatch(/^switchboard: .*ENOSPC[^\n]*Free some room[^\n]*\n$/)
      expect((await run('info', join(disk, 'kept.swb'))).code).toBe(0)
      const session = cli.recording('all.swb')
      expect((await run('run', experiment, '--record', session)).code).toBe(0)
      const exported = await run('export', session, '--format', 'csv', '--output', there)
      expect([exported.code, exported.stdout]).toEqual([2, ''])
      expect(exported.stderr).toMatch(/^switchboard: .*ENOSPC[^\n]*\n$/)
      expect(fs.readFileSync(there, 'utf8')).toBe('what was there')
      expect(fs.readdirSync(disk).toSorted()).toEqual(['kept.swb', 'kept.swb.idx', 'there.csv'])
    } finally {
      await output('umount', [disk])
      fs.rmdirSync(disk)
    }
  },
  60_000,
)
