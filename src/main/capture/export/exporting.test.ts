import fc from 'fast-check'
import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../../shared/model/endpoint'
import { type ExportScope } from '../../../shared/model/export'
import { type StreamName } from '../../../shared/model/record'
import { Folder, has, output, pattern } from '../testing/folder'
import { Twin } from '../testing/twin'
import { type CaptureReader } from '../types'
import { exported } from './exporting'
import { type RowFormat } from './formats'

const ALL: ExportScope = { id: null, stream: 'both' }
const client: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 50_123 }
const server: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 8060 }

async function exportOf(reader: CaptureReader, format: RowFormat, scope: ExportScope): Promise<Buffer> {
  const pieces: Buffer[] = []
  const { signal } = new AbortController()
  for await (const piece of exported({ reader, scope, format, application: 'Switchboard test', signal })) {
    pieces.push(Buffer.from(piece))
  }
  return Buffer.concat(pieces)
}

/** Runs a Python script on a file, and answers the JSON that it prints. */
async function python(script: string, file: string): Promise<unknown> {
  return JSON.parse(await output('python3', ['-c', script, file]))
}

/** A call with text, bytes that are no text, a character cut in two, and everything that a separator could be. */
async function record(
  folder: Folder,
): Promise<{ capture: CaptureReader & { close(): Promise<void> }; twin: Twin }> {
  const capture = await folder.record()
  const twin = new Twin(capture, 'C1', 'tcp')
  twin.opened(client, server, 'local')
  twin.chunk('out', Buffer.from('say "hi", then\r\nbye\\\n'))
  twin.chunk('in', Buffer.from([0xff, 0x00, 0x31, 0xe2, 0x82]))
  twin.chunk('in', Buffer.from([0xac]))
  twin.chunk('out', pattern(1, 0, 200_000))
  twin.event({ what: 'closed', how: 'reset', by: 'remote', unsentBytes: 3 })
  const udp = new Twin(capture, 'U1', 'udp')
  const own: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 5000 }
  const peer: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 6000 }
  udp.datagram('in', Buffer.from('=1+1'), own, peer, 'udp://127.0.0.1:6000')
  udp.datagram('out', Buffer.alloc(0), own, peer, 'udp://127.0.0.1:6000')
  await capture.flush()
  return { capture, twin }
}

describe('raw', () => {
  test('is the stream, any part of it, however it was cut into chunks', async () => {
    await using folder = await Folder.make()
    const chunk = fc.record({
      direction: fc.constantFrom('in' as const, 'out' as const),
      size: fc.oneof(fc.nat(9), fc.nat(2000), fc.integer({ min: 60_000, max: 200_000 })),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { maxLength: 40 }),
        fc.constantFrom<StreamName>('in', 'out', 'both'),
        fc.nat(1_000_000),
        fc.nat(1_000_000),
        async (chunks, stream, one, other) => {
          const capture = await folder.record()
          const twin = new Twin(capture, 'C1', 'tcp')
          const noise = new Twin(capture, 'C2', 'tcp')
          twin.opened(client, server, 'local')
          for (const [n, { direction, size }] of chunks.entries()) {
            twin.chunk(direction, pattern(n, 0, size))
            noise.chunk(direction, pattern(n + 99, 0, size % 700))
          }
          const whole = twin.stream(stream)
          expect((await exportOf(capture, 'raw', { id: 'C1', stream })).equals(whole)).toBe(true)
          const from = one % (whole.length + 2)
          const to = from + (other % (whole.length + 2))
          const part = await exportOf(capture, 'raw', { id: 'C1', stream, bytes: { from, to } })
          expect(part.equals(whole.subarray(from, to))).toBe(true)
          const rows = { from: one % (chunks.length + 2), to: other % (chunks.length + 2) }
          const some = await exportOf(capture, 'raw', { id: 'C1', stream, rows })
          const kept = twin.rows.slice(rows.from, Math.max(rows.from, rows.to))
          const wanted = kept.flatMap((row) =>
            row.kind === 'data' && (stream === 'both' || row.direction === stream) ? [row.bytes] : [],
          )
          expect(some.equals(Buffer.concat(wanted))).toBe(true)
          await capture.close()
        },
      ),
      { numRuns: 40 },
    )
  })

  test('of several sockets is refused, with their names', async () => {
    await using folder = await Folder.make()
    const { capture } = await record(folder)
    await expect(exportOf(capture, 'raw', ALL)).rejects.toMatchObject({
      fault: { code: 'SB_INPUT', hint: 'Choose one of C1, U1.' },
    })
    await expect(exportOf(capture, 'raw', { id: 'C7', stream: 'both' })).rejects.toMatchObject({
      fault: { code: 'SB_UNKNOWN', hint: 'There are C1, U1.' },
    })
    await capture.close()
  })
})

describe.skipIf(!has('python3'))('Python reads', () => {
  test('CSV, and has every byte again', async () => {
    await using folder = await Folder.make()
    const { capture, twin } = await record(folder)
    const file = folder.file('record.csv')
    await writeFile(file, await exportOf(capture, 'csv', ALL))
    const rows = (await python(
      'import csv,json,sys\nprint(json.dumps(list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8"), strict=True))))',
      file,
    )) as Record<string, string>[]
    expect(Object.keys(rows[0] ?? {}).join(',')).toBe(
      'id,row,time_s,utc,kind,direction,offset,length,peer,text,hex',
    )
    // A long chunk takes several lines, so that none of its fields is more than a cell of a spreadsheet holds.
    const firstParts = rows.filter((row, n) => row['row'] !== rows[n - 1]?.['row'])
    expect(rows.length - firstParts.length).toBe(24)
    expect(
      Math.max(...rows.map(({ text, hex }) => Math.max(text?.length ?? 0, hex?.length ?? 0))),
    ).toBeLessThan(32_768)
    expect(firstParts.map(({ id, row, kind, direction }) => [id, row, kind, direction].join(' '))).toEqual([
      'C1 0 event ',
      'C1 1 data out',
      'C1 2 data in',
      'C1 3 data in',
      'C1 4 data out',
      'C1 5 event ',
      'U1 0 data in',
      'U1 1 data out',
    ])
    expect(firstParts.map(({ text }) => text?.slice(0, 40))).toMatchObject([
      'connected to tcp://127.0.0.1:8060 from t',
      'say "hi", then\\r\\nbye\\\\\\n',
      '\\xff\\x001⋯',
      '€',
      expect.any(String),
      'closed (reset) by the peer, 3 B never se',
      '=1+1',
      '',
    ])
    expect(firstParts[6]).toMatchObject({
      peer: 'udp://127.0.0.1:6000',
      offset: '0',
      length: '4',
      hex: '3d312b31',
    })
    for (const row of rows) {
      expect(row['time_s']).toMatch(/^\d+\.\d{9}$/)
      expect(row['utc']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
    }
    const out = rows.filter(({ id, direction }) => id === 'C1' && direction === 'out')
    expect(Buffer.from(out.map(({ hex }) => hex).join(''), 'hex').equals(twin.stream('out'))).toBe(true)
    await capture.close()
  })

  test('JSON, and has every byte and every event again', async () => {
    await using folder = await Folder.make()
    const { capture, twin } = await record(folder)
    const file = folder.file('record.json')
    await writeFile(file, await exportOf(capture, 'json', ALL))
    const found = (await python(
      'import json,sys\nprint(json.dumps(json.load(open(sys.argv[1]))))',
      file,
    )) as {
      rows: { id: string; direction?: string; base64?: string; text?: string; event?: object }[]
    }
    expect(found).toMatchObject({
      application: 'Switchboard test',
      sockets: [
        { id: 'C1', about: 'twin C1' },
        { id: 'U1', about: 'twin U1' },
      ],
    })
    expect(found.rows.map(({ event }) => event).filter(Boolean)).toEqual(
      twin.rows.flatMap((row) => (row.kind === 'event' ? [row.event] : [])),
    )
    expect(found.rows.map(({ text }) => text)).toMatchObject([
      undefined,
      'say "hi", then\r\nbye\\\n',
      undefined,
      undefined,
      undefined,
      undefined,
      '=1+1',
      '',
    ])
    for (const direction of ['in', 'out'] as const) {
      const chunks = found.rows.filter((row) => row.id === 'C1' && row.direction === direction)
      const bytes = Buffer.concat(chunks.map(({ base64 }) => Buffer.from(base64 ?? '', 'base64')))
      expect(bytes.equals(twin.stream(direction))).toBe(true)
    }
    await capture.close()
  })

  test('JSON of nothing', async () => {
    await using folder = await Folder.make()
    const capture = await folder.record()
    const file = folder.file('nothing.json')
    await writeFile(file, await exportOf(capture, 'json', ALL))
    expect(
      await python('import json,sys\nprint(json.dumps(json.load(open(sys.argv[1]))["rows"]))', file),
    ).toEqual([])
    await capture.close()
  })
})

describe('for people', () => {
  test('a transcript, broken after each line feed', async () => {
    await using folder = await Folder.make()
    const { capture } = await record(folder)
    const text = String(
      await exportOf(capture, 'text', { id: 'C1', stream: 'both', rows: { from: 0, to: 4 } }),
    )
    const lines = text.split('\n')
    expect(lines[0]).toMatch(/^Began \d{4}-.*Z; times are in seconds since then\.$/)
    expect(lines[1]).toBe('C1    twin C1')
    expect(lines.slice(3).map((line) => line.replace(/^ *\d+\.\d{9} {2}/, '> '))).toEqual([
      '> C1    connected to tcp://127.0.0.1:8060 from tcp://127.0.0.1:50123',
      '> C1    out 21 B  say "hi", then\\r\\n',
      `${' '.repeat(34)}bye\\\\\\n`,
      '> C1    in  5 B  \\xff\\x001⋯',
      '> C1    in  1 B  €',
      '',
    ])
    await capture.close()
  })

  test('a hex dump with the offsets of the stream', async () => {
    await using folder = await Folder.make()
    const { capture } = await record(folder)
    const text = String(await exportOf(capture, 'hex', { id: 'C1', stream: 'in', bytes: { from: 2, to: 6 } }))
    expect(text.replace(/\d+\.\d{9} s/g, 'T s')).toBe(
      `# C1 in 3 B at offset 2, T s\n00000002  31 e2 82${' '.repeat(40)}  |1..|\n\n` +
        `# C1 in 1 B at offset 5, T s\n00000005  ac${' '.repeat(46)}  |.|\n\n`,
    )
    await capture.close()
  })
})

test('one direction comes without events, rows of many sockets in the order of time', async () => {
  await using folder = await Folder.make()
  const capture = await folder.record()
  const twins = Array.from({ length: 70 }, (_, n) => new Twin(capture, `C${n + 1}`, 'tcp'))
  let number = 0
  for (let round = 0; round < 30; round++) {
    for (let n = 0; n < twins.length; n++) {
      const twin = twins[(n * 31 + round * 7) % twins.length]
      twin?.chunk('in', Buffer.from(`${number++}\n`))
      twin?.chunk('out', Buffer.from('x'))
      twin?.event({ what: 'noted', text: 'x' })
    }
  }
  const found = JSON.parse(String(await exportOf(capture, 'json', { id: null, stream: 'in' }))) as {
    rows: { kind: string; text: string }[]
  }
  expect(found.rows.map(({ text }) => Number(text))).toEqual(Array.from({ length: number }, (_, n) => n))
  await capture.close()
})
