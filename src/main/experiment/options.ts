import {
  acceptModes,
  type DialOptions,
  type KernelOptions,
  type ListenOptions,
  type UdpOptions,
} from '../../shared/model/options'
import {
  type OptionName,
  optionNames,
  type OptionValue,
  socketOptions,
} from '../../shared/model/socketOptions'
import { parseOptionValue } from '../../shared/model/socketOptions/optionText'
import { type Field, type Fields } from './fields'

/** `kernel`: options by their names in the manual. A list: one of these words. */
export type Kind =
  'flag' | 'text' | 'kernel' | readonly [least: number, most: number] | { readonly words: readonly string[] }
export type Kinds = Readonly<Record<string, Kind>>
type Values = Readonly<Record<string, boolean | number | string | KernelOptions>>

const MAX_BUFFER_BYTES = 2 ** 30
const bufferBytes = [1, MAX_BUFFER_BYTES] as const
const milliseconds = [0, 2_147_483_647] as const
const sixteenBits = [0, 65_535] as const
const byte = [0, 255] as const

const any: Kinds = {
  ttl: [1, 255],
  tos: byte,
  receiveBufferBytes: bufferBytes,
  sendBufferBytes: bufferBytes,
  timestamps: 'flag',
  kernel: 'kernel',
}
const bind: Kinds = { reuseAddress: 'flag', reusePort: 'flag', device: 'text' }

export const stream: Kinds = {
  noDelay: 'flag',
  keepAlive: 'flag',
  keepAliveDelayMs: milliseconds,
  keepAliveIntervalMs: milliseconds,
  keepAliveProbes: [1, 127],
  lingerSeconds: sixteenBits,
  userTimeoutMs: milliseconds,
  maxSegmentBytes: sixteenBits,
  ...any,
}

export const dial: Kinds = {
  ...stream,
  ...bind,
  localHost: 'text',
  localPort: sixteenBits,
  fastOpen: 'flag',
}

export const listen: Kinds = {
  backlog: sixteenBits,
  accept: { words: acceptModes },
  ipv6Only: 'flag',
  ...bind,
  fastOpenQueue: sixteenBits,
  ...stream,
}

export const udp: Kinds = {
  broadcast: 'flag',
  ipv6Only: 'flag',
  multicastTtl: byte,
  multicastLoopback: 'flag',
  multicastInterface: 'text',
  countDrops: 'flag',
  ...any,
  ...bind,
}

export const readDialOptions = (fields: Fields, field: Field): DialOptions => readFlat(fields, field, dial)

export const readUdpOptions = (fields: Fields, field: Field): UdpOptions => readFlat(fields, field, udp)

export function readListenOptions(fields: Fields, field: Field): ListenOptions {
  const given = fields.map(field, EXPECTED, [...Object.keys(listen), 'accepted'])
  if (given === undefined) return {}
  const options = read(fields, given, listen)
  const accepted = given.get('accepted')
  return accepted === undefined ? options : { ...options, accepted: readFlat(fields, accepted, stream) }
}

const EXPECTED = 'options with their values'

function readFlat(fields: Fields, field: Field, kinds: Kinds): Values {
  const given = fields.map(field, EXPECTED, Object.keys(kinds))
  return given === undefined ? {} : read(fields, given, kinds)
}

function read(fields: Fields, given: ReadonlyMap<string, Field>, kinds: Kinds): Values {
  const options: Record<string, boolean | number | string | KernelOptions> = {}
  // In the order in which they are written: so they are set.
  for (const [name, field] of given) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) continue
    const value = readValue(fields, field, kind)
    if (value !== undefined) options[name] = value
  }
  return options
}

function readValue(
  fields: Fields,
  field: Field,
  kind: Kind,
): boolean | number | string | KernelOptions | undefined {
  if (kind === 'flag') return fields.flag(field)
  if (kind === 'text') return fields.text(field)
  if (kind === 'kernel') return readKernelOptions(fields, field)
  return 'words' in kind ? fields.choice(field, kind.words) : fields.whole(field, kind[0], kind[1])
}

/** Those that can be set. */
export const settable: readonly OptionName[] = optionNames.filter(
  (name) => socketOptions[name].when !== 'never',
)

function readKernelOptions(fields: Fields, field: Field): KernelOptions | undefined {
  const given = fields.map(field, 'names of options as in socket(7) and tcp(7), with their values', settable)
  if (given === undefined) return undefined
  const options: Partial<Record<OptionName, OptionValue>> = {}
  for (const [name, each] of given) {
    if (!settable.includes(name as OptionName)) continue // complained of already
    const written = fields.scalar(each)
    if (written === undefined) continue
    const parsed = parseOptionValue(name as OptionName, String(written))
    if (parsed.ok) options[name as OptionName] = parsed.value
    else fields.complain(each, parsed.fault.summary)
  }
  return options
}
