import { hexOf, textOf, type Scribe } from './scribe'

/** Extension -1: seconds since 1970, with nanoseconds in the longer forms. */
function timestamp(s: Scribe, length: number): string {
  const view = s.view(length)
  let seconds = length === 4 ? BigInt(view.getUint32(0)) : 0n
  let nanos = 0
  if (length === 8) {
    const both = view.getBigUint64(0)
    nanos = Number(both >> 34n)
    seconds = both & 0x3ffffffffn
  } else if (length === 12) {
    nanos = view.getUint32(0)
    seconds = view.getBigInt64(4)
  }
  const ms = Number(seconds) * 1000
  const day = Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().slice(0, 19) : `${seconds} s since 1970`
  return `${day}${nanos > 0 ? `.${String(nanos).padStart(9, '0')}` : ''}${Math.abs(ms) <= 8.64e15 ? 'Z' : ''}`
}

const float = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

interface Nest {
  readonly kind: 'array' | 'map'
  readonly length: number
}

/** The format's first byte decides; an array or a map is left to the caller, with its items unread. */
function readHead(s: Scribe): string | Nest {
  const head = s.u8()
  if (head < 0x80) return String(head)
  if (head < 0x90) return { kind: 'map', length: head & 15 }
  if (head < 0xa0) return { kind: 'array', length: head & 15 }
  if (head < 0xc0) return text(s, head & 31)
  if (head >= 0xe0) return String(head - 256)
  const read = heads[head]
  return read === undefined ? s.fail('The byte c1 is never used in MessagePack.') : read(s)
}
const text = (s: Scribe, length: number): string => `"${textOf(s.take(length))}"`
const binary = (s: Scribe, length: number): string => `bin ${hexOf(s.take(length))}`
function extension(s: Scribe, length: number): string {
  const kind = s.view(1).getInt8(0)
  if (kind === -1 && (length === 4 || length === 8 || length === 12)) return timestamp(s, length)
  return `ext ${kind} ${hexOf(s.take(length))}`
}
const heads: Readonly<Record<number, (s: Scribe) => string | Nest>> = {
  0xc0: () => 'nil',
  0xc2: () => 'false',
  0xc3: () => 'true',
  0xc4: (s) => binary(s, s.u8()),
  0xc5: (s) => binary(s, s.u16()),
  0xc6: (s) => binary(s, s.u32()),
  0xc7: (s) => extension(s, s.u8()),
  0xc8: (s) => extension(s, s.u16()),
  0xc9: (s) => extension(s, s.u32()),
  0xca: (s) => float(s.view(4).getFloat32(0)),
  0xcb: (s) => float(s.view(8).getFloat64(0)),
  0xcc: (s) => String(s.u8()),
  0xcd: (s) => String(s.u16()),
  0xce: (s) => String(s.u32()),
  0xcf: (s) => String(s.view(8).getBigUint64(0)),
  0xd0: (s) => String(s.view(1).getInt8(0)),
  0xd1: (s) => String(s.view(2).getInt16(0)),
  0xd2: (s) => String(s.view(4).getInt32(0)),
  0xd3: (s) => String(s.view(8).getBigInt64(0)),
  0xd4: (s) => extension(s, 1),
  0xd5: (s) => extension(s, 2),
  0xd6: (s) => extension(s, 4),
  0xd7: (s) => extension(s, 8),
  0xd8: (s) => extension(s, 16),
  0xd9: (s) => text(s, s.u8()),
  0xda: (s) => text(s, s.u16()),
  0xdb: (s) => text(s, s.u32()),
  0xdc: (s) => ({ kind: 'array', length: s.u16() }),
  0xdd: (s) => ({ kind: 'array', length: s.u32() }),
  0xde: (s) => ({ kind: 'map', length: s.u16() }),
  0xdf: (s) => ({ kind: 'map', length: s.u32() }),
}

function readItem(s: Scribe, name: string, from = s.at): void {
  const value = readHead(s)
  if (typeof value === 'string') s.note(name, value, from)
  else s.group(name, () => readNest(s, value), from)
}

function readNest(s: Scribe, { kind, length }: Nest): string {
  for (let at = 0; at < length; at++) {
    if (kind === 'array') {
      readItem(s, `[${at}]`)
      continue
    }
    const from = s.at
    const key = readHead(s)
    if (typeof key === 'string') readItem(s, key.replace(/^"(.*)"$/s, '$1'), from)
    else {
      s.group('key', () => readNest(s, key), from)
      readItem(s, 'value')
    }
  }
  return kind === 'map' ? `{${length}}` : `[${length}]`
}

/** MessagePack values after each other (the specification at msgpack/msgpack, spec.md). */
export function readMessagePack(s: Scribe): void {
  readItem(s, 'MessagePack')
}
