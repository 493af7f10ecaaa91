import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createService } from '../main/service/service'
import { dials } from '../main/service/testing/peer'
import { Session } from '../main/service/testing/session'
import { formatEndpoint } from '../shared/model/endpoint'
import { commandLine } from './testing/commandLine'
import { describeWith } from './testing/needs'
import { Program } from './testing/program'
import { fields } from './testing/tshark'

const cli = commandLine()

async function run(...words: readonly string[]): Promise<{ code: unknown; text: string; stderr: string }> {
  await using program = cli.start('export', ...words)
  const code = await program.exit()
  return { code, text: String(program.bytes), stderr: program.stderr }
}

/** The arrows of a Mermaid sequence diagram: who, the stroke, to whom, and what is said. */
function arrowsOf(diagram: string): { from: string; stroke: string; to: string; text: string }[] {
  return diagram.split('\n').flatMap((line) => {
    const found = /^ {2}(\w+?)(-->>|->>|--\)|-x)(\w+): [\d.]+ (.*)$/.exec(line)
    if (found === null) return []
    const [, from = '', stroke = '', to = '', text = ''] = found
    return [{ from, stroke, to, text }]
  })
}

/**
 * A recording of calls of every kind: both ends here, with large writes; one that ends by FIN and one by RST of a peer from elsewhere; one that is
 * refused; datagrams. What is said is hostile to whoever shows it.
 */
async function recorded(name: string): Promise<string> {
  const file = cli.recording(name)
  const service = await createService({ file, application: 'Switchboard test' })
  if (!service.ok) throw new Error(service.fault.summary)
  await using session = new Session(service.value)
  const { state } = await session.call('listener.open', { at: 'tcp://127.0.0.1:0', behaviour: 'echo' })
  if (state.phase !== 'listening' || state.at.kind !== 'tcp') throw new Error('not listening')
  const dialled = await session.call('connection.dial', { to: formatEndpoint(state.at) })
  await session.phase('C2', 'open')
  await session.phase(dialled.id, 'open')
  await session.call('connection.send', { id: dialled.id, bytes: new Uint8Array(300_000).fill(120) })
  await session.until('counters.ticked', (moved) => (new Map(moved).get(dialled.id)?.inBytes ?? 0) >= 300_000)
  await session.call('connection.close', { id: dialled.id })
  await session.phase(dialled.id, 'closed')
  const hostile = '<script>alert(1)</script> %%{init: {"theme":"dark"}}%% ;end\n"&amp;]]>'
  {
    await using peer = await dials(state.at.port)
    peer.socket.write(hostile)
    await peer.receives(hostile.length)
    peer.socket.end()
    await session.phase('C3', 'closed')
  }
  {
    await using peer = await dials(state.at.port)
    peer.socket.write('cut off')
    await peer.receives(7)
    peer.socket.resetAndDestroy()
    await session.phase('C4', 'closed')
  }
  const refused = await session.call('connection.dial', { to: 'tcp://127.0.0.1:1' })
  await session.phase(refused.id, 'failed')
  const one = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
  const other = await session.call('udp.bind', { at: 'udp://127.0.0.1:0' })
  if (other.state.phase !== 'bound') throw new Error('not bound')
  await session.call('udp.send', { id: one.id, to: formatEndpoint(other.state.at), bytes: new Uint8Array(9) })
  await session.until('counters.ticked', (moved) => (new Map(moved).get(other.id)?.inBytes ?? 0) >= 9)
  return file
}

describeWith(['tshark', 'python3'], 'a ladder from the command line', () => {
  let made: Promise<string> | undefined
  const session = (): Promise<string> => (made ??= recorded('ladder.swb'))

  test.each(['C3', 'C4'])(
    '%s, one end of which is here, has the arrows that tshark sees in its packets',
    async (id) => {
      const file = await session()
      const packets = cli.recording(`${id}.pcapng`)
      await run(file, '--format', 'pcapng', '--connection', id, '--output', packets)
      const seen = await fields(
        packets,
        'tcp.len > 0 || tcp.flags.fin == 1 || tcp.flags.reset == 1',
        'tcp.srcport',
        'tcp.len',
        'tcp.flags.fin',
        'tcp.flags.reset',
      )
      const [[own] = []] = await fields(packets, 'tcp.flags.syn == 1 && tcp.flags.ack == 1', 'tcp.srcport')
      const { code, text } = await run(file, '--format', 'mermaid', '--connection', id)
      expect(code).toBe(0)
      const arrows = arrowsOf(text).filter((each) => each.text !== 'connect')
      // tshark writes flags as 1 or True, by its version.
      const isSet = (flag: string | undefined): boolean => flag === '1' || flag === 'True'
      expect(
        arrows.map(({ from, to, text: said }) => [from, to, /^\d+ B|^FIN|^RST/.exec(said)?.[0]]),
      ).toEqual(
        seen.flatMap(([port, length, fin, reset]) => {
          const ends = port === own ? [id, `${id}peer`] : [`${id}peer`, id]
          return [
            ...(Number(length) > 0 ? [[...ends, `${length} B`]] : []),
            ...(isSet(fin) ? [[...ends, 'FIN']] : []),
            ...(isSet(reset) ? [[...ends, 'RST']] : []),
          ]
        }),
      )
    },
  )

  test('with both ends here, every byte that tshark counts is on an arrow from the one to the other, and each side has one FIN', async () => {
    const file = await session()
    const packets = cli.recording('both.pcapng')
    await run(file, '--format', 'pcapng', '--connection', 'C1', '--output', packets)
    const lengths = await fields(packets, 'tcp.len > 0', 'tcp.srcport', 'tcp.len')
    const [[client] = []] = await fields(packets, 'tcp.flags.syn == 1 && tcp.flags.ack == 0', 'tcp.srcport')
    const bytesOf = (isClient: boolean): number =>
      lengths
        .filter(([port]) => (port === client) === isClient)
        .reduce((sum, [, length]) => sum + Number(length), 0)
    const { text } = await run(file, '--format', 'svg', '--connection', 'C1')
    expect([bytesOf(true), bytesOf(false)]).toEqual([300_000, 300_000])
    const mermaid = (await run(file, '--format', 'mermaid', '--connection', 'C1')).text
    expect(mermaid).toMatch(/participant C1 as C1 from [\s\S]*participant C2 as C2 at /)
    const arrows = arrowsOf(mermaid)
    expect(arrows.every(({ stroke }) => stroke === '->>')).toBe(true)
    expect(arrows.filter(({ text: said }) => said.startsWith('connect'))).toMatchObject([
      { from: 'C1', to: 'C2' },
    ])
    expect(
      arrows
        .filter(({ text: said }) => said.startsWith('FIN'))
        .map(({ from }) => from)
        .toSorted(),
    ).toEqual(['C1', 'C2'])
    // Each is some bytes of one write and one read; rounded, they are as many as there were.
    const told = (from: string): number =>
      arrows
        .flatMap((each) => (each.from === from ? [/^([\d.]+) (k?)B /.exec(each.text)] : []))
        .reduce((sum, found) => sum + Number(found?.[1] ?? 0) * (found?.[2] === 'k' ? 1000 : 1), 0)
    for (const from of ['C1', 'C2']) {
      expect(told(from)).toBeGreaterThan(299_000)
      expect(told(from)).toBeLessThan(301_000)
    }
    expect(text).toMatch(/<svg[\s\S]*<title>Ladder of C1, C2<\/title>/)
  })

  test('a capture from elsewhere has its packets as arrows', async () => {
    const file = await session()
    const [packets, imported] = [cli.recording('elsewhere.pcapng'), cli.recording('imported.swb')]
    await run(file, '--format', 'pcapng', '--connection', 'C3', '--output', packets)
    await using importing = cli.start('import', packets, '--output', imported)
    expect(await importing.exit()).toBe(0)
    const seen = await fields(packets, 'tcp.len > 0', 'tcp.len')
    const arrows = arrowsOf((await run(imported, '--format', 'mermaid')).text)
    expect(arrows.flatMap(({ text: said }) => /^(\d+) B/.exec(said)?.[1] ?? [])).toEqual(seen.flat())
    expect(
      arrows.filter(({ text: said }) => said.startsWith('FIN')).map(({ from, to }) => [from, to].toSorted()),
    ).toEqual([
      ['C1', 'C1peer'],
      ['C1', 'C1peer'],
    ])
  })

  test('a dial that was refused ends in a cross; a datagram goes from socket to socket', async () => {
    const file = await session()
    expect(arrowsOf((await run(file, '--format', 'mermaid', '--connection', 'C5')).text)).toMatchObject([
      { from: 'C5', stroke: '-x', to: 'C5peer', text: 'connect' },
    ])
    expect(arrowsOf((await run(file, '--format', 'mermaid', '--connection', 'U2')).text)).toMatchObject([
      { from: 'U1', stroke: '->>', to: 'U2' },
    ])
  })

  test('what was said is no markup: the picture is sound XML without a script, and no directive gets into the diagram', async () => {
    const file = await session()
    const picture = cli.recording('all.svg')
    const { code, stderr } = await run(file, '--format', 'svg', '--output', picture)
    expect([code, stderr]).toEqual([0, ''])
    const svg = await readFile(picture, 'utf8')
    expect(svg).toContain('&#60;script&#62;')
    expect(svg).not.toMatch(/<script|javascript:|\son\w+=|<foreignObject|href/i)
    // Another program's parser, and all that it finds.
    const script =
      'import sys,xml.etree.ElementTree as e\nprint(*sorted({n.tag.split("}")[1] for n in e.parse(sys.argv[1]).iter()}))'
    await using parser = new Program('python3', ['-c', script, picture])
    expect([await parser.exit(), parser.stdout.trim()]).toEqual([
      0,
      'circle defs line marker path rect style svg text title',
    ])
    const { text } = await run(file, '--format', 'mermaid')
    expect(text.split('\n').slice(1).join('\n')).not.toMatch(/%%|<|;end|"/)
  })

  test('a ladder is of whole connections', async () => {
    const file = await session()
    const refused = await run(file, '--format', 'svg', '--direction', 'in')
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('both directions')])
    expect((await run(file, '--format', 'mermaid', '--connection', 'C99')).code).toBe(2)
  })
})
