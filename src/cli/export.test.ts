import { existsSync, readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { commandLine } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { fields, followTcp } from './testing/tshark'

const cli = commandLine()

async function recorded(name: string): Promise<string> {
  const file = cli.recording(name)
  if (existsSync(file)) return file
  await using demo = cli.start('demo', '--port', '0', '--record', file)
  expect(await demo.exit()).toBe(0)
  return file
}

async function run(...words: readonly string[]): Promise<{ code: unknown; bytes: Buffer; stderr: string }> {
  await using program = cli.start('export', ...words)
  const code = await program.exit()
  return { code, bytes: program.bytes, stderr: program.stderr }
}

describeWith(['tshark'], 'export to Wireshark', () => {
  test('writes a file that tshark reads: one stream for each call, and no other blocks', async () => {
    const session = await recorded('call.swb')
    const file = cli.recording('call.pcapng')
    const { code, stderr, bytes } = await run(session, '--format', 'pcapng', '--output', file)
    expect([code, stderr, bytes.length]).toEqual([0, '', 0])
    for (const [stream, id] of ['C1', 'C3'].entries()) {
      const found = await followTcp(file, stream)
      const sent = await run(session, '--format', 'raw', '--connection', id, '--direction', 'out')
      const came = await run(session, '--format', 'raw', '--connection', id, '--direction', 'in')
      expect([found.first, found.second]).toEqual([String(sent.bytes), String(came.bytes)])
      expect(found.first.length).toBeGreaterThan(10)
    }
    expect(new Set((await fields(file, 'tcp', 'tcp.stream')).flat())).toEqual(new Set(['0', '1']))
    expect(await fields(file, 'tcp.analysis.flags || _ws.malformed', 'frame.number')).toEqual([])
  })

  test('raw gives the bytes of one connection and direction, the same that JSON and the pcapng hold', async () => {
    const session = await recorded('call.swb')
    const one = ['--connection', 'C1', '--direction', 'out']
    const raw = await run(session, '--format', 'raw', ...one)
    expect(raw.code).toBe(0)
    expect(raw.bytes.length).toBe(40)
    const json = await run(session, '--format', 'json', '--json', ...one)
    const { rows } = JSON.parse(String(json.bytes)) as { rows: { base64: string }[] }
    expect(Buffer.concat(rows.map(({ base64 }) => Buffer.from(base64, 'base64'))).equals(raw.bytes)).toBe(
      true,
    )
    const file = cli.recording('one.pcapng')
    expect((await run(session, '--format', 'pcapng', '--connection', 'C1', '--output', file)).code).toBe(0)
    expect((await followTcp(file, 0)).first).toBe(String(raw.bytes))
  })
})

describe('export', () => {
  test.each(['json', 'csv', 'text', 'hex'])('%s goes to stdout, and the same to a file', async (format) => {
    const session = await recorded('call.swb')
    const printed = await run(session, '--format', format)
    expect(printed).toMatchObject({ code: 0, stderr: '' })
    const file = cli.recording(`call.${format}`)
    const told = await run(session, '--format', format, '--output', file, '--json')
    expect(JSON.parse(String(told.bytes))).toEqual({ file, writtenBytes: printed.bytes.length, format })
    expect((await readFile(file)).equals(printed.bytes)).toBe(true)
  })

  test('of a session that was cut short what is whole, with a warning', async () => {
    const whole = await readFile(await recorded('call.swb'))
    const torn = cli.recording('torn.swb')
    await writeFile(torn, whole.subarray(0, whole.length - 10))
    const { code, bytes, stderr } = await run(torn, '--format', 'json')
    expect(code).toBe(0)
    expect((JSON.parse(String(bytes)) as { rows: unknown[] }).rows.length).toBeGreaterThan(10)
    expect(stderr).toMatch(/^switchboard: warning: [^\n]+\n$/)
  })

  test('what cannot be done ends with 2 and one line', async () => {
    const session = await recorded('call.swb')
    const empty = cli.recording('empty.swb')
    await writeFile(empty, '')
    const refusals: [string[], RegExp][] = [
      [[session, '--format', 'experiment', '--direction', 'in'], /whole connections/],
      [[session, '--format', 'xml'], /pcapng, json, csv, text, hex, raw, experiment/],
      [[session], /--format/],
      [[session, '--format', 'raw'], /Choose one of C1, C2, C3, C4\./],
      [[session, '--format', 'csv', '--connection', 'C9'], /of C9\. There are L1, C1, C2, C3, C4\./],
      [[session, '--format', 'csv', '--connection', 'x'], /"x" is no id/],
      [[session, '--format', 'csv', '--json'], /--output/],
      [[session, '--format', 'csv', '--output', session], /recording itself/],
      [[session, '--format', 'csv', '--output', '/dev/full'], /write ENOSPC/],
      [[session, '--format', 'csv', '--output', cli.recording('none/x.csv')], /open ENOENT/],
      [[empty, '--format', 'csv'], /empty\.swb/],
      [[cli.recording('missing.swb'), '--format', 'csv'], /ENOENT/],
    ]
    for (const [words, expected] of refusals) {
      const { code, bytes, stderr } = await run(...words)
      expect([words.slice(1), code, bytes.length]).toEqual([words.slice(1), 2, 0])
      expect(stderr).toMatch(/^switchboard: [^\n]+\n$/)
      expect(stderr).toMatch(expected)
    }
    expect((await readFile(session)).length).toBeGreaterThan(1000)
  })

  test('a reader that goes away ends it quietly; an interrupt leaves no file', async () => {
    const session = cli.recording('long.swb')
    await using listener = cli.start('listen', 'tcp://127.0.0.1:0', '--record', session, '--once')
    const url = (await listener.prints(/listening on (\S+)/))[1] ?? ''
    await using dialler = cli.start('dial', url)
    for (let n = 0; n < 24; n++) dialler.stdin.write(Buffer.alloc(1024 * 1024, n))
    dialler.stdin.end()
    expect(await dialler.exit()).toBe(0)
    expect(await listener.exit()).toBe(0)

    await using broken = cli.start('export', session, '--format', 'hex')
    await broken.prints(/C1 in/)
    broken.closeStdout()
    expect(await broken.exit()).toBe(0)
    expect(broken.stderr).toBe('')

    const file = cli.recording('long.hex')
    const folder = cli.recording('.')
    const parts = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.part'))
    await using stopped = cli.start('export', session, '--format', 'hex', '--output', file)
    while (parts().length === 0) await new Promise((resolve) => setImmediate(resolve))
    stopped.kill('SIGINT')
    expect(await stopped.exit()).toBe(2)
    expect(stopped.stderr).toMatch(/^switchboard: The export was cancelled\.\n$/)
    expect([existsSync(file), parts()]).toEqual([false, []])
    await rm(session)
  })
})
