import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { link, pcap, stamped } from '../main/capture/import/testing/packets'
import { transfer } from '../main/capture/import/testing/transfer'
import { commandLine } from './testing/commandLine'
import { type Program } from './testing/program'

const cli = commandLine()

async function recorded(): Promise<string> {
  const file = cli.recording('call.swb')
  if (fs.existsSync(file)) return file
  await using demo = cli.start('demo', '--port', '0', '--record', file)
  expect(await demo.exit()).toBe(0)
  return file
}

async function fed(
  program: Program,
  bytes: Uint8Array,
): Promise<{ code: unknown; stdout: Buffer; stderr: string }> {
  await using it = program
  it.stdin.end(bytes)
  const code = await it.exit()
  return { code, stdout: it.bytes, stderr: it.stderr }
}

test('a session that is piped in is told of, exported and played like its file', async () => {
  const file = await recorded()
  const bytes = await readFile(file)
  for (const words of [
    ['info', '--json'],
    ['export', '--format', 'json'],
    ['export', '--format', 'csv', '--connection', 'C1', '--direction', 'out', '--output', '-'],
    ['export', '--format', 'pcapng'],
  ]) {
    const [command = '', ...options] = words
    const piped = await fed(cli.start(command, '-', ...options), bytes)
    const named = await fed(cli.start(command, file, ...options), Buffer.alloc(0))
    expect([words, piped.code, piped.stderr]).toEqual([words, 0, ''])
    const same = String(named.stdout).replace(JSON.stringify(file), '"stdin"')
    expect(String(piped.stdout)).toBe(same)
  }
  const played = await fed(cli.start('replay', '-', '--as', 'both', '--speed', 'max'), bytes)
  expect([played.code, played.stderr]).toEqual([0, ''])
  expect(cli.temporaryRecordings()).toEqual([])
}, 60_000)

test('a capture that is piped in is imported', async () => {
  const { packets } = transfer(3, 20_000)
  const made = cli.recording('piped.swb')
  const capture = pcap(stamped(packets.map(link.ethernet)))
  const { code, stdout, stderr } = await fed(cli.start('import', '-', '--output', made), capture)
  expect([code, stderr]).toEqual([0, ''])
  expect(String(stdout)).toMatch(/^stdin: pcap, .*\n1 TCP connection/)
  const cut = await fed(
    cli.start('import', '-', '--output', cli.recording('cut.swb')),
    capture.subarray(0, 10),
  )
  expect(cut.code).toBe(2)
  expect(cut.stderr).toMatch(/^switchboard: [^\n]*no capture[^\n]*\n$/)
})

test('nothing that is piped in is told as that, and Ctrl-C ends the wait', async () => {
  for (const words of [
    ['info', '-'],
    ['export', '-', '--format', 'text'],
    ['replay', '-', '--as', 'both'],
  ]) {
    const { code, stdout, stderr } = await fed(cli.start(...words), Buffer.alloc(0))
    expect([code, stdout.length]).toEqual([2, 0])
    expect(stderr).toMatch(/^switchboard: stdin is empty\.[^\n]*\n$/)
  }
  await using waiting = cli.start('info', '-')
  while (cli.temporaryRecordings().length === 0) await new Promise((resolve) => setImmediate(resolve))
  waiting.kill('SIGINT')
  expect(await waiting.exit()).toBe(2)
  expect(waiting.stderr).toMatch(/^switchboard: [^\n]*cancelled\.\n$/)
  expect(cli.temporaryRecordings()).toEqual([])
})

test('a reader that has seen enough ends a command quietly: … | head -1', async () => {
  const file = await recorded()
  const large = cli.recording('large.swb')
  await writeFile(
    cli.recording('large.pcap'),
    pcap(stamped(transfer(5, 2_000_000).packets.map(link.ethernet))),
  )
  await using imported = cli.start('import', cli.recording('large.pcap'), '--output', large)
  expect(await imported.exit()).toBe(0)
  for (const words of [
    ['export', large, '--format', 'hex'],
    ['export', large, '--format', 'csv'],
    ['info', file],
    ['--help'],
  ]) {
    const pipe = ['sh', '-c', '{ "$@"; echo "code $?" >&2; } | head -1', 'sh']
    const { code, stdout, stderr } = await fed(cli.startUnder(pipe, ...words), Buffer.alloc(0))
    expect([words[0], code, stderr]).toEqual([words[0], 0, 'code 0\n'])
    expect(String(stdout).split('\n')).toHaveLength(2)
  }
}, 60_000)

test('what cannot be printed is told with 2: a full disk behind stdout', async () => {
  const file = await recorded()
  const full = ['sh', '-c', '"$@" > /dev/full', 'sh']
  for (const words of [
    ['info', file],
    ['export', file, '--format', 'csv'],
    ['demo', '--port', '0', '--json'],
  ]) {
    const { code, stderr } = await fed(cli.startUnder(full, ...words), Buffer.alloc(0))
    expect([words[0], code]).toEqual([words[0], 2])
    expect(stderr).toMatch(/^switchboard: [^\n]*ENOSPC[^\n]*\n$/)
  }
})

test('what info and export print for programs is one document', async () => {
  const file = await recorded()
  const told = await fed(cli.start('info', file, '--json'), Buffer.alloc(0))
  const found = JSON.parse(String(told.stdout)) as Record<string, unknown>
  expect(Object.keys(found).toSorted()).toEqual(
    [
      'beganAtUtc',
      'durationNanos',
      'file',
      'fileBytes',
      'goodBytes',
      'sockets',
      'tornBytes',
      'warnings',
    ].toSorted(),
  )
  const read = 'import csv,sys; print(sum(int(r["length"] or 0) for r in csv.DictReader(sys.stdin)))'
  const csv = await fed(cli.start('export', file, '--format', 'csv', '--connection', 'C1'), Buffer.alloc(0))
  expect(execFileSync('python3', ['-c', read], { input: csv.stdout }).toString()).toBe('80\n')
})
