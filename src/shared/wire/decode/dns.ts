import { hexOf, named, textOf, type Scribe } from './scribe'

const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  13: 'HINFO',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  29: 'LOC',
  33: 'SRV',
  35: 'NAPTR',
  39: 'DNAME',
  41: 'OPT',
  43: 'DS',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  50: 'NSEC3',
  52: 'TLSA',
  64: 'SVCB',
  65: 'HTTPS',
  251: 'IXFR',
  252: 'AXFR',
  255: 'ANY',
  257: 'CAA',
}
const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' }
const OPCODES: Readonly<Record<number, string>> = {
  0: 'query',
  1: 'inverse query',
  2: 'status',
  4: 'notify',
  5: 'update',
}
const RCODES: Readonly<Record<number, string>> = {
  0: 'no error',
  1: 'format error',
  2: 'server failure',
  3: 'no such name',
  4: 'not implemented',
  5: 'refused',
}
const MAX_JUMPS = 64

/** A domain name (RFC 1035, 4.1.4): labels, or a pointer to labels before it. `base` is where the message begins. */
function readName(s: Scribe, base: number): string {
  const labels: string[] = []
  let total = 0
  let jumps = 0
  /** Where reading goes on in a part of the message that is already read. */
  let away = -1
  for (;;) {
    const length = away === -1 ? s.u8() : (s.bytes[away++] ?? s.fail('The name points past the end.'))
    if (length === 0) break
    if (length >= 0xc0) {
      const low = away === -1 ? s.u8() : (s.bytes[away] ?? 0)
      const target = base + (length & 0x3f) * 256 + low
      if (++jumps > MAX_JUMPS) s.fail('The name points round in a loop.')
      if (target >= s.at) s.fail('The name points ahead, not to what came before.')
      away = target
      continue
    }
    if (length > 63) s.fail(`A label begins with the reserved bits 0x${length.toString(16)}.`)
    total += length + 1
    if (total > 255) s.fail('The name is longer than 255 bytes.')
    if (away === -1) labels.push(textOf(s.take(length)))
    else {
      if (away + length > s.bytes.length) s.fail('The name points past the end.')
      labels.push(textOf(s.bytes.subarray(away, away + length)))
      away += length
    }
  }
  return labels.length === 0 ? '.' : labels.join('.')
}

/** An IPv6 address in the shortest form (RFC 5952). */
function ipv6(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  const runs = [...words.join(':').matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length)
  const [run] = runs
  if (run === undefined) return words.join(':')
  const text = words.join(':')
  return `${text.slice(0, run.index).replace(/:$/, '')}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`
}

function readData(s: Scribe, base: number, type: number, length: number): string {
  const end = s.at + length
  switch (type) {
    case 1:
      return s.field('address', () => s.take(4).join('.'))
    case 28:
      return s.field('address', () => ipv6(s.take(16)))
    case 2:
    case 5:
    case 12:
    case 39:
      return s.field('name', () => readName(s, base))
    case 15: {
      const preference = s.field('preference', () => s.u16())
      return `${preference} ${s.field('exchange', () => readName(s, base))}`
    }
    case 33: {
      const numbers = ['priority', 'weight', 'port'].map((name) => s.field(name, () => s.u16()))
      return `${numbers.join(' ')} ${s.field('target', () => readName(s, base))}`
    }
    case 6: {
      const names = ['primary server', 'mailbox'].map((name) => s.field(name, () => readName(s, base)))
      const numbers = ['serial', 'refresh', 'retry', 'expire', 'minimum'].map((name) =>
        s.field(name, () => s.u32()),
      )
      return [...names, ...numbers].join(' ')
    }
    case 16: {
      const parts: string[] = []
      while (s.at < end) parts.push(s.field('text', () => textOf(s.take(s.u8()))))
      return parts
        .slice(0, 8)
        .map((part) => `"${part}"`)
        .join(' ')
    }
    default: {
      const data = s.bytes.subarray(s.at, end)
      s.rest('data', length)
      return hexOf(data)
    }
  }
}

function readRecord(s: Scribe, base: number, section: string): string {
  return s.group(section, (draft) => {
    const name = s.field('name', () => readName(s, base))
    const type = s.field(
      'type',
      () => s.u16(),
      (value) => named(TYPES, value),
    )
    const typeName = Object.hasOwn(TYPES, type) ? TYPES[type] : `type ${type}`
    draft.value = `${name} ${typeName}`
    if (section === 'question') {
      s.field(
        'class',
        () => s.u16() & 0x7fff,
        (value) => named(CLASSES, value),
      )
      return draft.value
    }
    if (type === 41) {
      s.field('UDP payload size', () => s.u16())
      s.field(
        'flags',
        () => s.u32(),
        (value) => `0x${value.toString(16).padStart(8, '0')}`,
      )
    } else {
      s.field(
        'class',
        () => s.u16() & 0x7fff,
        (value) => named(CLASSES, value),
      )
      s.field(
        'time to live',
        () => s.u32(),
        (value) => `${value} s`,
      )
    }
    const length = s.field('data length', () => s.u16())
    const data =
      length === 0 ? '' : s.within('data', length, () => readData(s, base, type, Math.min(length, s.left)))
    return `${name} ${typeName} ${data}`.trimEnd()
  })
}

function readMessage(s: Scribe): string {
  const base = s.at
  s.field(
    'id',
    () => s.u16(),
    (id) => `0x${id.toString(16).padStart(4, '0')}`,
  )
  let flags = 0
  s.group('flags', () => {
    flags = s.u16()
    const from = s.at - 2
    const bit = (name: string, mask: number, at: number): void => {
      s.note(name, flags & mask ? 'yes' : 'no', from + at, from + at + 1)
    }
    s.note('response', flags & 0x8000 ? 'yes' : 'no', from, from + 1)
    s.note('operation', named(OPCODES, (flags >> 11) & 15), from, from + 1)
    bit('authoritative', 0x400, 0)
    bit('truncated', 0x200, 0)
    bit('recursion desired', 0x100, 0)
    bit('recursion available', 0x80, 1)
    bit('authentic data', 0x20, 1)
    bit('checking disabled', 0x10, 1)
    s.note('result', named(RCODES, flags & 15), from + 1, from + 2)
    return `0x${flags.toString(16).padStart(4, '0')}`
  })
  const sections = ['question', 'answer', 'authority', 'additional'] as const
  const counts = sections.map((each) => s.field(`${each} records`, () => s.u16()))
  let asked = ''
  sections.forEach((section, at) => {
    for (let left = counts[at] ?? 0; left > 0; left--) {
      const record = readRecord(s, base, section)
      if (section === 'question' && asked === '') asked = ` ${record}`
    }
  })
  const result = flags & 0x8000 ? `response, ${named(RCODES, flags & 15)}, ${counts[1]} answers` : 'query'
  return `${result}${asked}`
}

/** A DNS message (RFC 1035). In a stream each has its length in two bytes before it (RFC 7766). */
export function readDns(s: Scribe, isStream: boolean): void {
  if (!isStream) {
    s.group('DNS', () => readMessage(s))
    if (s.left > 0) s.rest('left over', s.left)
    return
  }
  s.group('DNS', () => {
    const length = s.field('length', () => s.u16())
    return s.within('message', length, () => readMessage(s))
  })
}
