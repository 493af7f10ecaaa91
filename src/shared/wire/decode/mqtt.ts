import { hexOf, named, textOf, type DecodingState, type Scribe } from './scribe'

const PACKETS: Readonly<Record<number, string>> = {
  1: 'CONNECT',
  2: 'CONNACK',
  3: 'PUBLISH',
  4: 'PUBACK',
  5: 'PUBREC',
  6: 'PUBREL',
  7: 'PUBCOMP',
  8: 'SUBSCRIBE',
  9: 'SUBACK',
  10: 'UNSUBSCRIBE',
  11: 'UNSUBACK',
  12: 'PINGREQ',
  13: 'PINGRESP',
  14: 'DISCONNECT',
  15: 'AUTH',
}
const RETURNS: Readonly<Record<number, string>> = {
  0: 'accepted',
  1: 'unacceptable protocol version',
  2: 'identifier rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
}
const REASONS: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'granted QoS 1',
  2: 'granted QoS 2',
  4: 'disconnect with will',
  16: 'no matching subscribers',
  17: 'no subscription existed',
  24: 'continue authentication',
  25: 're-authenticate',
  128: 'unspecified error',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'implementation specific error',
  132: 'unsupported protocol version',
  133: 'client identifier not valid',
  134: 'bad user name or password',
  135: 'not authorized',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shutting down',
  140: 'bad authentication method',
  141: 'keep alive timeout',
  142: 'session taken over',
  143: 'topic filter invalid',
  144: 'topic name invalid',
  145: 'packet identifier in use',
  146: 'packet identifier not found',
  147: 'receive maximum exceeded',
  148: 'topic alias invalid',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  153: 'payload format invalid',
  154: 'retain not supported',
  155: 'QoS not supported',
  156: 'use another server',
  157: 'server moved',
  158: 'shared subscriptions not supported',
  159: 'connection rate exceeded',
  160: 'maximum connect time',
  161: 'subscription identifiers not supported',
  162: 'wildcard subscriptions not supported',
}
type PropertyKind = 'byte' | 'two' | 'four' | 'varint' | 'text' | 'binary' | 'pair'
const PROPERTIES: Readonly<Record<number, readonly [name: string, kind: PropertyKind]>> = {
  1: ['payload format', 'byte'],
  2: ['message expiry', 'four'],
  3: ['content type', 'text'],
  8: ['response topic', 'text'],
  9: ['correlation data', 'binary'],
  11: ['subscription identifier', 'varint'],
  17: ['session expiry', 'four'],
  18: ['assigned client identifier', 'text'],
  19: ['server keep alive', 'two'],
  21: ['authentication method', 'text'],
  22: ['authentication data', 'binary'],
  23: ['request problem information', 'byte'],
  24: ['will delay', 'four'],
  25: ['request response information', 'byte'],
  26: ['response information', 'text'],
  28: ['server reference', 'text'],
  31: ['reason', 'text'],
  33: ['receive maximum', 'two'],
  34: ['topic alias maximum', 'two'],
  35: ['topic alias', 'two'],
  36: ['maximum QoS', 'byte'],
  37: ['retain available', 'byte'],
  38: ['user property', 'pair'],
  39: ['maximum packet size', 'four'],
  40: ['wildcard subscriptions', 'byte'],
  41: ['subscription identifiers', 'byte'],
  42: ['shared subscriptions', 'byte'],
}

function varint(s: Scribe): number {
  let value = 0
  for (let place = 0; place < 4; place++) {
    const byte = s.u8()
    value += (byte & 0x7f) * 128 ** place
    if (byte < 0x80) return value
  }
  return s.fail('A length is longer than four bytes.')
}
const text = (s: Scribe): string => textOf(s.take(s.u16()))
const binary = (s: Scribe): string => hexOf(s.take(s.u16()))
const readers: Readonly<Record<PropertyKind, (s: Scribe) => string>> = {
  byte: (s) => String(s.u8()),
  two: (s) => String(s.u16()),
  four: (s) => String(s.u32()),
  varint: (s) => String(varint(s)),
  text,
  binary,
  pair: (s) => `${text(s)}: ${text(s)}`,
}

function readProperties(s: Scribe, name = 'properties'): void {
  s.group(name, () => {
    const length = varint(s)
    let count = 0
    const from = s.at
    s.need(Math.min(length, s.left + 1))
    for (; s.at < from + length; count++) {
      const at = s.at
      const id = s.u8()
      const property = Object.hasOwn(PROPERTIES, id) ? PROPERTIES[id] : undefined
      if (property === undefined) {
        s.at = at
        s.fail(`The property ${id} is not known.`)
      } else {
        const value = readers[property[1]](s)
        s.note(property[0], value, at)
      }
    }
    return String(count)
  })
}

function connect(s: Scribe, state: DecodingState): string {
  s.field('protocol name', () => text(s))
  const version = s.field(
    'version',
    () => s.u8(),
    (value) => named({ 3: '3.1', 4: '3.1.1', 5: '5.0' }, value),
  )
  state.mqttVersion = version
  const flagsAt = s.at
  let flags = 0
  s.group('flags', () => {
    flags = s.u8()
    const bit = (name: string, mask: number): void => void s.note(name, flags & mask ? 'yes' : 'no', flagsAt)
    bit('user name', 0x80)
    bit('password', 0x40)
    bit('will retained', 0x20)
    s.note('will QoS', String((flags >> 3) & 3), flagsAt)
    bit('will', 0x04)
    bit(version === 5 ? 'clean start' : 'clean session', 0x02)
    return `0x${flags.toString(16).padStart(2, '0')}`
  })
  s.field(
    'keep alive',
    () => s.u16(),
    (value) => `${value} s`,
  )
  if (version === 5) readProperties(s)
  const client = s.field('client identifier', () => text(s))
  if (flags & 0x04) {
    if (version === 5) readProperties(s, 'will properties')
    s.field('will topic', () => text(s))
    s.field('will message', () => text(s))
  }
  if (flags & 0x80) s.field('user name', () => text(s))
  if (flags & 0x40) s.field('password', () => text(s))
  return client
}

/**
 * Without a CONNECT at hand the version is not told by a packet. As 5 the properties' length follows; where it cannot, this is 3.1.1.
 * A 3.1.1 payload that happens to read as properties is taken for such.
 */
function hasProperties(s: Scribe, state: DecodingState): boolean {
  if (state.mqttVersion !== undefined) return state.mqttVersion === 5
  let at = 0
  const length = s.peek()
  if (length === -1 || length >= 0x80 || length + 1 > s.left) return false
  if (length === 0) return true
  for (at = 1; at < length + 1;) {
    const property = PROPERTIES[s.peek(at)]
    if (property === undefined) return false
    const two = (where: number): number => 2 + Math.max(0, s.peek(where) * 256 + s.peek(where + 1))
    const kind = property[1]
    const first = at + 1
    if (kind === 'byte' || kind === 'varint') at = first + 1
    else if (kind === 'two') at = first + 2
    else if (kind === 'four') at = first + 4
    else if (kind === 'pair') at = first + two(first) + two(first + two(first))
    else at = first + two(first)
  }
  return at === length + 1
}

function reasons(s: Scribe, name = 'reason'): string {
  return s.field(name, () => named(REASONS, s.u8()))
}
const identifier = (s: Scribe): string => `packet ${s.field('packet identifier', () => s.u16())}`

function publish(s: Scribe, flags: number, state: DecodingState): string {
  const topic = s.field('topic', () => text(s))
  if ((flags & 6) !== 0) identifier(s)
  if (hasProperties(s, state)) readProperties(s)
  const payload = s.bytes.subarray(s.at, s.end)
  s.rest('payload', s.left, textOf)
  return `${topic} = ${textOf(payload).slice(0, 60)}`
}

function acknowledge(s: Scribe): string {
  const id = identifier(s)
  if (s.left > 0) reasons(s)
  if (s.left > 0) readProperties(s)
  return id
}

function subscribe(s: Scribe, state: DecodingState, isSubscribing: boolean): string {
  identifier(s)
  if (state.mqttVersion === 5 || (state.mqttVersion === undefined && s.peek() !== 0)) readProperties(s)
  else if (state.mqttVersion === undefined && s.peek() === 0 && !fitsFilters(s, 0, isSubscribing))
    readProperties(s)
  const filters: string[] = []
  while (s.left > 0) {
    filters.push(s.field('topic filter', () => text(s)))
    if (isSubscribing)
      s.field(
        'options',
        () => s.u8(),
        (value) => `QoS ${value & 3}${value & 4 ? ', no local' : ''}`,
      )
  }
  return filters.slice(0, 4).join(', ')
}
/** Whether what is left is topic filters to its end. */
function fitsFilters(s: Scribe, start: number, isSubscribing: boolean): boolean {
  let at = start
  while (at < s.left) at += 2 + s.peek(at) * 256 + Math.max(0, s.peek(at + 1)) + (isSubscribing ? 1 : 0)
  return at === s.left
}

function readPacket(s: Scribe, kind: number, flags: number, state: DecodingState): string {
  switch (kind) {
    case 1:
      return connect(s, state)
    case 2: {
      s.field(
        'session present',
        () => s.u8(),
        (value) => (value & 1 ? 'yes' : 'no'),
      )
      // Only a version 5 packet has anything after the code.
      if (s.left > 1) state.mqttVersion = 5
      const isFive = state.mqttVersion === 5
      const told = s.field('code', () => named(isFive ? REASONS : RETURNS, s.u8()))
      if (s.left > 0) readProperties(s)
      return told
    }
    case 3:
      return publish(s, flags, state)
    case 4:
    case 5:
    case 6:
    case 7:
      return acknowledge(s)
    case 8:
      return subscribe(s, state, true)
    case 10:
      return subscribe(s, state, false)
    case 9:
    case 11: {
      const id = identifier(s)
      if (s.left > 1 && hasProperties(s, state)) readProperties(s)
      while (s.left > 0) reasons(s)
      return id
    }
    case 12:
    case 13:
      return ''
    case 14:
    case 15: {
      const told = s.left > 0 ? reasons(s) : ''
      if (s.left > 0) readProperties(s)
      return told
    }
    default:
      return s.fail('The packet type 0 is reserved.')
  }
}

/** One MQTT control packet (OASIS MQTT 3.1.1 and 5.0). */
export function readMqtt(s: Scribe, state: DecodingState): void {
  const kind = s.peek() >> 4
  s.group(`MQTT ${PACKETS[kind] ?? 'packet'}`, () => {
    const first = s.at
    const flags =
      s.field(
        'packet type',
        () => s.u8(),
        (value) => named(PACKETS, value >> 4),
      ) & 15
    if (kind === 3) {
      s.note('duplicate', flags & 8 ? 'yes' : 'no', first, first + 1)
      s.note('QoS', String((flags >> 1) & 3), first, first + 1)
      s.note('retain', flags & 1 ? 'yes' : 'no', first, first + 1)
    }
    const length = s.field('remaining length', () => varint(s))
    return length === 0 && kind !== 0 ? '' : s.within('body', length, () => readPacket(s, kind, flags, state))
  })
}
