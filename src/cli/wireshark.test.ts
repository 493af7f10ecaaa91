import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { link, pcap, stamped } from '../main/capture/import/testing/packets'
import { transfer } from '../main/capture/import/testing/transfer'
import { indexFileOf } from '../main/capture/indexPath'
import { resumeCapture } from '../main/capture/resume'
import { bundle } from '../main/capture/testing/bundle'
import { value } from '../main/capture/testing/folder'
import { type ServiceOptions } from '../main/service/api'
import { createService, type LocalService } from '../main/service/service'
import { dials, type Peer } from '../main/service/testing/peer'
import { Session } from '../main/service/testing/session'
import { formatEndpoint } from '../shared/model/endpoint'
import { type ConnectionId } from '../shared/model/ids'
import { commandLine, portOf } from './testing/commandLine'
import { describeWith } from './testing/needs'

const cli = commandLine()
const payload = (length: number): Uint8Array => Uint8Array.from({ length }, (_, n) => (n * 7) % 251)

async function begin(file: string, mode: NonNullable<ServiceOptions['mode']> = 'new') {
  const service: LocalService = value(await createService({ file, application: 'Switchboard test', mode }))
  return { service, session: new Session(service) }
}

async function portOfListener(session: Session, at: string, behaviour: string): Promise<number> {
  const { state } = await session.call('listener.open', { at, behaviour })
  return state.phase === 'listening' && state.at.kind === 'tcp' ? state.at.port : 0
}

/** TCP of both families: short and long chunks, every way to end, a refused dial, a dial of ours to a listener of ours. */
async function overTcp(session: Session): Promise<void> {
  const port = await portOfListener(session, 'tcp://127.0.0.1:0', 'upper')
  const port6 = await portOfListener(session, 'tcp://[::1]:0', 'echo')
  let callers = (await session.call('socket.list', {})).sockets.filter(
    ({ kind }) => kind === 'connection',
  ).length
  const next = (): ConnectionId => `C${++callers}`
  const called = async (use: (peer: Peer) => void): Promise<void> => {
    const id = next()
    await using peer = await dials(port)
    peer.socket.write('hello\n')
    await peer.receives(6)
    use(peer)
    await session.phase(id, 'closed')
  }
  await called((peer) => peer.socket.end('the last words'))
  await called((peer) => peer.socket.resetAndDestroy())
  // Both ends in one file, and more than a packet's 65,535 bytes at once.
  const [dialled] = [next(), next()]
  await session.call('connection.dial', { to: `tcp://[::1]:${port6}` })
  await session.phase(dialled, 'open')
  await session.call('connection.send', { id: dialled, bytes: payload(300_000) })
  await session.call('connection.pause', { id: dialled })
  await session.call('connection.resume', { id: dialled })
  await session.call('connection.halfClose', { id: dialled })
  await session.phase(dialled, 'closed')
  const refused = next()
  await session.call('connection.dial', { to: 'tcp://127.0.0.1:1' })
  await session.phase(refused, 'failed')
}

async function overUdp(session: Session): Promise<void> {
  for (const host of ['127.0.0.1', '[::1]']) {
    const bound = [await session.call('udp.bind', { at: `udp://${host}:0` })]
    bound.push(await session.call('udp.bind', { at: `udp://${host}:0` }))
    const [one, other] = bound
    if (one?.state.phase !== 'bound' || other?.state.phase !== 'bound') throw new Error('not bound')
    for (const length of [0, 1, 1400, 60_000]) {
      const to = formatEndpoint(other.state.at)
      await session.call('udp.send', { id: one.id, to, bytes: payload(length) })
    }
    await session.call('udp.connect', { id: other.id, to: formatEndpoint(one.state.at) })
    await session.call('udp.send', { id: other.id, bytes: payload(9) })
    const received = async (): Promise<number> =>
      new Map((await session.call('socket.list', {})).counters).get(other.id)?.inChunks ?? 0
    while ((await received()) < 4) await new Promise((resolve) => setImmediate(resolve))
    await session.call('udp.close', { id: one.id })
  }
}

async function overUnix(session: Session): Promise<void> {
  const path = cli.recording('socket')
  const { id } = await session.call('listener.open', { at: `unix:${path}`, behaviour: 'upper' })
  const dialled = await session.call('connection.dial', { to: `unix:${path}` })
  await session.phase(dialled.id, 'open')
  await session.call('connection.send', { id: dialled.id, bytes: payload(70_000) })
  await session.call('connection.close', { id: dialled.id })
  await session.phase(dialled.id, 'closed')
  await session.call('listener.close', { id })
}

async function notes(session: Session): Promise<void> {
  await session.call('marks.set', { id: 'C1', row: 1, note: 'grün – \u{1f4de}', colour: 'amber' })
  await session.call('marks.set', { id: 'C1', row: 0, note: 'x'.repeat(500), colour: 'blue' })
  await session.call('marks.remove', { id: 'C1', row: 0 })
  const { run } = await session.call('session.arrangement', {})
  const states = { C1: { note: 'the first caller', text: 'ü'.repeat(9000) } }
  const arrangement = JSON.stringify({ version: 1, layout: null, states, open: ['L1'] })
  await session.call('session.arrange', { arrangement, run })
}

type Kinds = Record<string, string>

/** What a session of ours goes through: recorded, saved elsewhere while it goes on, copied, gone on with twice, its index lost. */
async function livedThrough(): Promise<Kinds> {
  const [file, moved, copy] = [
    cli.recording('first.swb'),
    cli.recording('moved.swb'),
    cli.recording('copy.swb'),
  ]
  const first = await begin(file)
  await overTcp(first.session)
  await notes(first.session)
  await first.session.call('session.saveAs', { grant: first.service.grantTarget(moved) })
  await overUdp(first.session)
  await first.session.call('session.saveCopy', { grant: first.service.grantTarget(copy) })
  await overUnix(first.session)
  await first.session[Symbol.asyncDispose]()
  const twice = cli.recording('twice.swb')
  fs.copyFileSync(moved, twice)
  for (const use of [overTcp, overUdp]) {
    const { session } = await begin(twice, 'resume')
    await use(session)
    await notes(session)
    await session[Symbol.asyncDispose]()
    fs.rmSync(indexFileOf(twice))
  }
  return { 'left by save as': file, moved, copy, 'gone on with twice': twice }
}

/** Killed while it records at full speed, and gone on with. */
async function recovered(): Promise<string> {
  const file = cli.recording('killed.swb')
  const recorder = await bundle(
    new URL('../main/capture/testing/recorder.ts', import.meta.url),
    cli.recording('.'),
  )
  const child = spawn(process.execPath, [recorder, file, 'full'], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) if (line.startsWith('wrote')) child.kill('SIGKILL')
  if (child.signalCode === null) await once(child, 'exit')
  const { capture } = value(await resumeCapture({ file, application: 'Switchboard test' }))
  capture.track('C9', 'unix', 'after all').chunk('in', payload(50))
  await capture.close()
  return file
}

/** By the commands, each for itself. */
async function byCommands(): Promise<Kinds> {
  const run = async (...words: string[]): Promise<void> => {
    await using program = cli.start(...words)
    program.stdin.end('what is typed\n')
    expect([words, await program.exit(), program.stderr]).toEqual([words, 0, expect.anything()])
  }
  const at = (name: string): string => cli.recording(`${name}.swb`)
  await run('demo', '--port', '0', '--record', at('demo'))
  await run('replay', at('demo'), '--as', 'both', '--speed', 'max', '--record', at('replayed'))
  await run('run', 'examples/half-close.yaml', '--record', at('experiment'))
  await run('run', 'examples/datagrams.yaml', '--record', at('datagrams'))
  const { packets } = transfer(7, 300_000, { lost: 5, repeated: 5, swapped: 5 })
  fs.writeFileSync(cli.recording('a.pcap'), pcap(stamped(packets.map(link.ethernet))))
  await run('import', cli.recording('a.pcap'), '--output', at('imported'))
  await using listener = cli.start(
    'listen',
    'tcp://127.0.0.1:0',
    '--behaviour',
    'echo',
    '--once',
    '--record',
    at('listened'),
  )
  await run('dial', `tcp://127.0.0.1:${await portOf(listener)}`, '--record', at('dialled'))
  expect(await listener.exit()).toBe(0)
  const names = ['demo', 'replayed', 'experiment', 'datagrams', 'imported', 'listened', 'dialled']
  return Object.fromEntries(names.map((name) => [name, at(name)]))
}

/** What a program says of a file: all of it on stdout, and nothing on stderr. */
function told(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    maxBuffer: 256 * 1024 * 1024,
    encoding: 'utf8',
  })
  // Said to root at every start.
  const complaints = stderr.replace(/^Running as user "root" and group "root"\..*\n/m, '')
  expect([program, args, status, complaints]).toEqual([program, args, 0, ''])
  return stdout
}

/** What lies behind a port is bytes: it is the file that is judged, and not what was said. */
const PLAINLY = ['-d', 'tcp.port==80,data', '-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE']
const FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'frame.interface_name',
  '_ws.malformed',
  '_ws.short',
  'ip.checksum.status',
  'udp.checksum.status',
  '_ws.expert.group',
].flatMap((name) => ['-e', name])

describeWith(['tshark', 'capinfos', 'editcap'], 'every kind of session', () => {
  test('is read by tshark, capinfos and editcap without a word against the file', async () => {
    const kinds: Kinds = { ...(await livedThrough()), recovered: await recovered(), ...(await byCommands()) }
    for (const [kind, file] of Object.entries(kinds)) {
      const about = told('capinfos', '-M', file)
      expect(about, kind).toMatch(/File type: +pcapng\n/)
      // Custom blocks are records without a time to it.
      expect(about, kind).toMatch(/Strict time order: +(True|Unknown)/)
      const packets = Number(/Number of packets: +(\d+)/.exec(about)?.[1])
      const frames = told('tshark', '-n', '-r', file, ...PLAINLY, '-T', 'fields', ...FIELDS)
      const rows = frames
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split('\t'))
      const timed = rows.filter(([, time]) => time !== '')
      expect(timed.length, kind).toBe(packets)
      expect(packets, kind).toBeGreaterThan(1)
      for (const [, , name] of timed) expect(name, kind).toMatch(/^[CU]\d+$/)
      const times = timed.map(([, time = '']) => BigInt(time.replace('.', '')))
      expect(times, kind).toEqual(times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
      for (const [number, , , malformed, short, ipv4, udp, groups = ''] of rows) {
        const at = `${kind}, frame ${number}`
        expect([malformed, short], at).toEqual(['', ''])
        // 1 is good, 2 unverified, 3 not present.
        expect([ipv4, udp], at).not.toContain('0')
        expect(groups.split(',').map(Number), at).not.toContain(0x07000000)
      }
      told('editcap', file, cli.recording('again.pcapng'))
    }
  }, 180_000)
})
