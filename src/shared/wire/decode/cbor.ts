import { hexOf, textOf, type Scribe } from './scribe'

const SIMPLE: Readonly<Record<number, string>> = { 20: 'false', 21: 'true', 22: 'null', 23: 'undefined' }
const TAGS: Readonly<Record<number, string>> = {
  0: 'date and time',
  1: 'seconds since 1970',
  2: 'big number',
  3: 'negative big number',
  24: 'CBOR in bytes',
  32: 'URI',
  37: 'UUID',
  55799: 'this is CBOR',
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Infinity
          : NaN
        : (1024 + fraction) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -size : size
}
const float = (value: number): string =>
  Object.is(value, -0) ? '-0.0' : Number.isInteger(value) ? `${value}.0` : String(value)

/** The number in a head; null where the length is left open. */
function argument(s: Scribe, info: number): bigint | null {
  if (info < 24) return BigInt(info)
  if (info === 24) return BigInt(s.u8())
  if (info === 25) return BigInt(s.u16())
  if (info === 26) return BigInt(s.u32())
  if (info === 27) return s.view(8).getBigUint64(0)
  if (info === 31) return null
  return s.fail(`The reserved length ${info} is used.`)
}
/** As many bytes or items as memory could hold. */
function count(s: Scribe, length: bigint): number {
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) s.fail(`The length ${length} is beyond reason.`)
  return Number(length)
}

/** One CBOR item (RFC 8949); `from` is where its key begins, if it has one. Returns its value. */
function readItem(s: Scribe, name: string, from = s.at): string {
  const head = s.peek()
  if (head === -1) s.short()
  if (isNest(head)) return s.group(name, () => readNest(s), from)
  const value = readScalar(s)
  s.note(name, value, from)
  return value
}
/** Arrays, maps, tags, and what comes in pieces. */
function isNest(head: number): boolean {
  const major = head >> 5
  return (major >= 4 && major <= 6) || ((major === 2 || major === 3) && (head & 31) === 31)
}

function readScalar(s: Scribe): string {
  const head = s.u8()
  const major = head >> 5
  const info = head & 31
  if (major === 7) {
    if (info === 25) return float(half(s.u16()))
    if (info === 26) return float(s.view(4).getFloat32(0))
    if (info === 27) return float(s.view(8).getFloat64(0))
    if (info === 31) s.fail('A break stands where an item is expected.')
  }
  const value = argument(s, info) ?? s.fail('A number has no open length.')
  if (major === 0) return String(value)
  if (major === 1) return String(-1n - value)
  if (major === 2) return `h'${hexOf(s.take(count(s, value)))}'`
  if (major === 3) return `"${textOf(s.take(count(s, value)))}"`
  return SIMPLE[Number(value)] ?? `simple(${value})`
}

function readNest(s: Scribe): string {
  const head = s.u8()
  const major = head >> 5
  const info = head & 31
  const length = argument(s, info)
  if (major === 6) {
    if (length === null) return s.fail('A tag has no open length.')
    const tag = TAGS[Number(length)]
    return `tag ${length}${tag === undefined ? '' : ` (${tag})`} ${readItem(s, 'content')}`
  }
  const isOpen = length === null
  const wanted = length === null ? Infinity : count(s, length)
  let items = 0
  for (; items < wanted; items++) {
    if (isOpen && s.peek() === 0xff) {
      s.skip(1)
      break
    }
    if (major === 5) readPair(s)
    else if (major === 4) readItem(s, `[${items}]`)
    else {
      if (s.peek() >> 5 !== major && s.peek() !== -1)
        s.fail('A piece of another kind stands in a text of pieces.')
      readItem(s, `piece ${items}`)
    }
  }
  return major === 5 ? `{${items}}` : major === 4 ? `[${items}]` : `${items} pieces`
}

function readPair(s: Scribe): void {
  const head = s.peek()
  if (head === -1) s.short()
  if (isNest(head)) {
    readItem(s, 'key')
    readItem(s, 'value')
    return
  }
  const from = s.at
  const key = readScalar(s)
  readItem(s, key.replace(/^"(.*)"$/s, '$1'), from)
}

/** CBOR items after each other (RFC 8742). */
export function readCbor(s: Scribe): void {
  readItem(s, 'CBOR')
}
