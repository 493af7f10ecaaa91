import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decode } from './decode'
import type { Field } from './field'
import { flatten } from './tree'

// What Wireshark makes of the same bytes.

const run = promisify(execFile)
const isHere = spawnSync('tshark', ['-v']).status === 0
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decode-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
/** A capture of one packet: IPv4, from port 40000. */
async function dissected(
  bytes: Buffer,
  transport: 'tcp' | 'udp',
  port: number,
  ...names: readonly string[]
): Promise<readonly string[]> {
  const head = Buffer.alloc(transport === 'tcp' ? 20 : 8)
  head.writeUInt16BE(40000, 0)
  head.writeUInt16BE(port, 2)
  if (transport === 'tcp') head.writeUInt16BE(0x5018, 12)
  else head.writeUInt16BE(8 + bytes.length, 4)
  const ip = hex(`4500 0000 0000 0000 40 ${transport === 'tcp' ? '06' : '11'} 0000 7f000001 7f000001`)
  ip.writeUInt16BE(ip.length + head.length + bytes.length, 2)
  const packet = Buffer.concat([ip, head, bytes])
  const record = Buffer.alloc(16)
  record.writeUInt32LE(packet.length, 8)
  record.writeUInt32LE(packet.length, 12)
  const file = join(folder, `${port}.pcap`)
  const begin = hex('d4c3b2a1 0200 0400 00000000 00000000 00000400 65000000')
  await writeFile(file, Buffer.concat([begin, record, packet]))
  const wanted = names.flatMap((name) => ['-e', name])
  const { stdout } = await run('tshark', ['-n', '-r', file, '-T', 'fields', ...wanted])
  return stdout.trimEnd().split('\t')
}
const all = (found: readonly Field[]): readonly Field[] => flatten(found).map(({ field }) => field)
const valuesOf = (found: readonly Field[], name: string): string =>
  all(found)
    .filter((each) => each.name === name)
    .map((each) => each.value)
    .join(',')

test.skipIf(!isHere)(
  'the hello of a real TLS client has the fields that Wireshark finds in it',
  async () => {
    const program = `
import ssl
context = ssl.create_default_context()
context.set_alpn_protocols(['h2', 'http/1.1'])
into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
try: context.wrap_bio(into, out, server_hostname='example.com').do_handshake()
except ssl.SSLWantReadError: print(out.read().hex())
`
    const { stdout } = await run('python3', ['-c', program])
    const bytes = hex(stdout.trim())
    const [name, protocols, suites, kinds] = await dissected(
      bytes,
      'tcp',
      443,
      'tls.handshake.extensions_server_name',
      'tls.handshake.extensions_alpn_str',
      'tls.handshake.ciphersuite',
      'tls.handshake.extension.type',
    )
    const found = decode('tls', bytes).fields
    expect(all(found).filter(({ problem }) => problem !== undefined)).toEqual([])
    expect(valuesOf(found, 'name')).toBe(name)
    expect(valuesOf(found, 'protocol')).toBe(protocols)
    const list = all(found).find((each) => each.name === 'cipher suites')?.children ?? []
    expect(list.map(({ value }) => /0x\w{4}/.exec(value)?.[0]).join(',')).toBe(suites)
    expect(all(found).filter((each) => each.name.startsWith('extension '))).toHaveLength(
      kinds?.split(',').length ?? 0,
    )
  },
  30_000,
)

test.skipIf(!isHere)(
  'a DNS answer with compressed names reads as Wireshark reads it',
  async () => {
    const bytes = hex(
      '1234818000010002000000000377777707 6578616d706c6503636f6d0000010001' +
        'c00c000500010000003c000603637365c010 c02d000100010000003c00045db8d822',
    )
    const [asked, names, alias, address] = await dissected(
      bytes,
      'udp',
      53,
      'dns.qry.name',
      'dns.resp.name',
      'dns.cname',
      'dns.a',
    )
    const found = decode('dns', bytes).fields
    expect(valuesOf(found, 'name')).toBe([asked, names?.replace(',', `,${alias},`)].join(','))
    expect(valuesOf(found, 'address')).toBe(address)
  },
  30_000,
)

test.skipIf(!isHere)(
  'MQTT packets and a Modbus request read as Wireshark reads them',
  async () => {
    const mqtt = hex('10130004 4d515454 05 02 003c 03 210014 0003616263 30080003612f62006869 c000')
    const told = await dissected(
      mqtt,
      'tcp',
      1883,
      'mqtt.msgtype',
      'mqtt.clientid',
      'mqtt.topic',
      'mqtt.msg',
      'mqtt.kalive',
    )
    const found = decode('mqtt', mqtt).fields
    const kinds = valuesOf(found, 'packet type').replaceAll(/[^\d,]/g, '')
    const payload = Buffer.from(valuesOf(found, 'payload')).toString('hex')
    const alive = valuesOf(found, 'keep alive').replace(' s', '')
    const [client, topic] = ['client identifier', 'topic'].map((name) => valuesOf(found, name))
    expect([kinds, client, topic, payload, alive]).toEqual(told)

    const modbus = hex('0001 0000 0006 11 03 006b 0003')
    const request = decode('modbus', modbus).fields
    expect(['transaction', 'address', 'quantity'].map((name) => valuesOf(request, name))).toEqual(
      await dissected(modbus, 'tcp', 502, 'mbtcp.trans_id', 'modbus.reference_num', 'modbus.word_cnt'),
    )
  },
  30_000,
)
