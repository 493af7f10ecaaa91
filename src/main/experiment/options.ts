import { type DialOptions, type ListenOptions, type UdpOptions } from '../../shared/model/options'
import { type Field, type Fields } from './fields'

export type Kind = 'flag' | 'text' | readonly [least: number, most: number]
export type Kinds = Readonly<Record<string, Kind>>
type Values = Readonly<Record<string, boolean | number | string>>

const MAX_BUFFER_BYTES = 2 ** 30
const ttl = [1, 255] as const
const bufferBytes = [1, MAX_BUFFER_BYTES] as const

export const stream: Kinds = {
  noDelay: 'flag',
  keepAlive: 'flag',
  keepAliveDelayMs: [0, 2_147_483_647],
  ttl,
  receiveBufferBytes: bufferBytes,
  sendBufferBytes: bufferBytes,
}

export const dial: Kinds = { ...stream, localHost: 'text', localPort: [0, 65_535] }

export const listen: Kinds = { backlog: [0, 65_535], ipv6Only: 'flag', reuseAddress: 'flag' }

export const udp: Kinds = {
  broadcast: 'flag',
  ttl,
  multicastTtl: [0, 255],
  multicastLoopback: 'flag',
  receiveBufferBytes: bufferBytes,
  sendBufferBytes: bufferBytes,
  reuseAddress: 'flag',
}

export const readDialOptions = (fields: Fields, field: Field): DialOptions => readFlat(fields, field, dial)

export const readUdpOptions = (fields: Fields, field: Field): UdpOptions => readFlat(fields, field, udp)

export function readListenOptions(fields: Fields, field: Field): ListenOptions {
  const given = fields.map(field, EXPECTED, [...Object.keys(listen), 'accepted'])
  if (given === undefined) return {}
  const { reuseAddress, ...options } = read(fields, given, listen)
  const reuse = given.get('reuseAddress')
  if (reuseAddress === false && reuse !== undefined) {
    fields.complain(reuse, 'cannot be false: every TCP listener is bound with SO_REUSEADDR.')
  }
  const accepted = given.get('accepted')
  return accepted === undefined ? options : { ...options, accepted: readFlat(fields, accepted, stream) }
}

const EXPECTED = 'options with their values'

function readFlat(fields: Fields, field: Field, kinds: Kinds): Values {
  const given = fields.map(field, EXPECTED, Object.keys(kinds))
  return given === undefined ? {} : read(fields, given, kinds)
}

function read(fields: Fields, given: ReadonlyMap<string, Field>, kinds: Kinds): Values {
  const options: Record<string, boolean | number | string> = {}
  for (const [name, kind] of Object.entries(kinds)) {
    const field = given.get(name)
    if (field === undefined) continue
    const value =
      kind === 'flag'
        ? fields.flag(field)
        : kind === 'text'
          ? fields.text(field)
          : fields.whole(field, kind[0], kind[1])
    if (value !== undefined) options[name] = value
  }
  return options
}
