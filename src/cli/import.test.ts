import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openRecording } from '../main/capture/index/opened'
import { overview } from '../main/capture/overview'
import { has } from '../main/capture/testing/folder'
import { importCapture } from '../main/capture/import/importCapture'
import { link, pcap, stamped } from '../main/capture/import/testing/packets'
import { transfer } from '../main/capture/import/testing/transfer'
import { type Direction } from '../shared/model/record'
import { type ImportReport } from '../shared/model/imported'
import { must } from './must'
import { commandLine } from './testing/commandLine'
import { Program } from './testing/program'

const cli = commandLine()

async function captured(name: string, lengthBytes = 20_000): Promise<string> {
  const file = cli.recording(name)
  const { packets } = transfer(3, lengthBytes, { lost: 10 })
  await writeFile(file, pcap(stamped(packets.map(link.ethernet))))
  return file
}

test('a capture becomes a recording that info tells of', async () => {
  const [file, made] = [await captured('a.pcap'), cli.recording('a.swb')]
  await using imported = cli.start('import', file, '--output', made)
  expect(await imported.exit()).toBe(0)
  expect(imported.lines).toEqual([
    expect.stringMatching(/a\.pcap: pcap, [\d.]+ kB, \d+ packets in 0\.\d{6} s$/),
    expect.stringMatching(/^1 TCP connection, [\d,]+ bytes$/),
    '0 UDP conversations, 0 datagrams, 0 bytes',
    expect.stringMatching(/^\d+ gaps?: [\d,]+ bytes were not captured$/),
    `recorded in ${made}`,
  ])
  // No terminal, no progress.
  expect(imported.stderr).toBe('')
  await using told = cli.start('info', made)
  expect(await told.exit()).toBe(0)
  expect(told.stdout).toMatch(/\nC1 +imported tcp 10\.0\.0\.1:40000 → 10\.0\.0\.2:80 +closed \(fin\)/)
})

test('--json tells the report as one object', async () => {
  const [file, made] = [await captured('b.pcap'), cli.recording('b.swb')]
  await using imported = cli.start('import', file, '--output', made, '--json')
  expect(await imported.exit()).toBe(0)
  const report = JSON.parse(imported.stdout) as ImportReport
  expect(report).toMatchObject({ format: 'pcap', isGzip: false, connections: 1, output: made, warnings: [] })
  expect(report.gaps).toBeGreaterThan(0)
})

test('what cannot be imported ends it with 2 and one line: an output that is there, a file that is not', async () => {
  const [file, made] = [await captured('c.pcap'), cli.recording('c.swb')]
  await writeFile(made, 'mine')
  for (const words of [
    ['import', file, '--output', made],
    ['import', cli.recording('nowhere.pcap'), '--output', cli.recording('d.swb')],
    ['import', file],
  ]) {
    await using imported = cli.start(...words)
    expect(await imported.exit()).toBe(2)
    expect(imported.stdout).toBe('')
    expect(imported.stderr).toMatch(/^switchboard: [^\n]+\n$/)
  }
  expect(await readFile(made, 'utf8')).toBe('mine')
  expect(existsSync(cli.recording('d.swb'))).toBe(false)
})

const TALKERS = `
import hashlib, os, socket, sys, threading
server = socket.create_server(('127.0.0.1', 0))
print(server.getsockname()[1], flush=True)
sys.stdin.readline()
def serve():
    peer, _ = server.accept()
    while peer.recv(65536): pass
    peer.sendall(answer)
    peer.close()
asked, answer = os.urandom(1500000), os.urandom(700000)
thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection(server.getsockname()) as client:
    client.sendall(asked)
    client.shutdown(socket.SHUT_WR)
    while client.recv(65536): pass
thread.join()
print(hashlib.sha256(asked).hexdigest(), hashlib.sha256(answer).hexdigest(), flush=True)
`

// Capturing needs root, or dumpcap with its capabilities.
const mayCapture = has('dumpcap') && process.getuid?.() === 0

test.skipIf(!mayCapture)('what dumpcap captured of two programs is what they said, to the bit', async () => {
  await using talkers = new Program('python3', ['-c', TALKERS])
  const [, port = ''] = await talkers.prints(/^(\d+)\n/)
  const file = cli.recording('live.pcapng')
  const words = ['-q', '-i', 'lo', '-B', '64', '-f', `tcp port ${port}`, '-w', file]
  await using dumpcap = new Program('dumpcap', words)
  await dumpcap.says(/File: /)
  talkers.stdin.end('\n')
  const [, asked, answer] = await talkers.prints(/\n(\w{64}) (\w{64})\n/)
  // It writes when it likes: whole once both FINs are in the file.
  let state = ''
  let made = ''
  for (let n = 0; state !== 'closed (fin)'; n++) {
    made = cli.recording(`live${n}.swb`)
    const reply = await importCapture(file, made, { application: 'test' })
    if (reply.ok && reply.value.connections > 0) state = must(await overview(made)).sockets[0]?.state ?? ''
  }
  const capture = must(await openRecording(made))
  const shaOf = async (direction: Direction, end: number): Promise<string> => {
    const hash = createHash('sha256')
    for (let at = 0; at < end; at += 65_536) {
      hash.update(must(await capture.bytes('C1', direction, at, Math.min(end, at + 65_536))).bytes)
    }
    return hash.digest('hex')
  }
  const { inBytes, outBytes } = capture.size('C1')
  expect({ inBytes, outBytes }).toEqual({ inBytes: 700_000, outBytes: 1_500_000 })
  expect(await shaOf('out', outBytes)).toBe(asked)
  expect(await shaOf('in', inBytes)).toBe(answer)
  await capture.close()
})
