import { decodeUtf8 } from '../utf8'
import { hexOf, textOf, type Scribe } from './scribe'

/** A number of up to 64 bits, seven to a byte, the lowest first. */
function varint(s: Scribe): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = s.u8()
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
  return s.fail('A number is longer than ten bytes.')
}

function showVarint(value: bigint): string {
  const signed = BigInt.asIntN(64, value)
  return signed < 0n ? `${signed} (unsigned ${value})` : String(value)
}

/** Whether bytes read as fields from end to end: then they are shown as a message. Looks at the outermost level only. */
function isMessage(bytes: Uint8Array): boolean {
  let at = 0
  const number = (): number => {
    let value = 0
    for (let place = 0; place < 10 && at < bytes.length; place++) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * 2 ** (7 * place)
      if (byte < 0x80) return value
    }
    return -1
  }
  let groups = 0
  while (at < bytes.length) {
    const key = number()
    if (key < 8 || key > 0xffffffff) return false
    const kind = key % 8
    if (kind === 0) {
      if (number() === -1) return false
    } else if (kind === 2) {
      const length = number()
      if (length === -1) return false
      at += length
    } else if (kind === 1) at += 8
    else if (kind === 5) at += 4
    else if (kind === 3) groups++
    else if (kind !== 4 || --groups < 0) return false
  }
  return bytes.length > 0 && at === bytes.length && groups === 0
}

const isText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13) &&
  !decodeUtf8(bytes.subarray(0, 4096), { isWhole: bytes.length <= 4096, mode: 'lines' }).includes('\\x')

/** Fields to the end of the scope, or to the end of group `closing`. */
function readFields(s: Scribe, closing: number | null): string {
  let count = 0
  for (; s.left > 0; count++) {
    const from = s.at
    const key = varint(s)
    const number = Number(key >> 3n)
    const kind = Number(key & 7n)
    if (number === 0 || number > 0x1fffffff) {
      s.at = from
      s.fail(`The field number ${number} is not allowed.`)
    }
    if (kind === 4) {
      if (number === closing) return `${count} fields`
      s.at = from
      s.fail(`Group ${number} ends, which was not open.`)
    }
    readField(s, number, kind, from)
  }
  return closing === null ? `${count} fields` : s.short()
}

function readField(s: Scribe, number: number, kind: number, from: number): void {
  const name = `field ${number}`
  if (kind === 0) s.note(name, showVarint(varint(s)), from)
  else if (kind === 1) {
    const view = s.view(8)
    s.note(name, `${view.getBigUint64(0, true)} (float ${view.getFloat64(0, true)})`, from)
  } else if (kind === 5) {
    const view = s.view(4)
    s.note(name, `${view.getUint32(0, true)} (float ${view.getFloat32(0, true)})`, from)
  } else if (kind === 3) s.group(name, () => readFields(s, number), from)
  else if (kind === 2) {
    const length = varint(s)
    if (length > 0x7fffffffn) s.fail(`The length ${length} is beyond 2 GiB.`)
    const size = Number(length)
    const bytes = s.bytes.subarray(s.at, Math.min(s.end, s.at + size))
    if (bytes.length < size) s.group(name, () => s.short(), from)
    if (isText(bytes)) {
      s.skip(size)
      s.note(name, `"${textOf(bytes)}"`, from)
    } else if (isMessage(bytes)) {
      s.group(name, () => s.within('message', size, () => readFields(s, null)), from)
    } else {
      s.skip(size)
      s.note(name, hexOf(bytes), from)
    }
  } else {
    s.at = from
    s.fail(`The wire type ${kind} is not known.`)
  }
}

/** One protobuf message without its schema (the encoding at protobuf.dev): numbers, texts, and what reads as a message inside. */
export function readProtobuf(s: Scribe): void {
  s.group('protobuf', () => readFields(s, null))
}

/** Whether these bytes could be one whole message. */
export const looksLikeProtobuf = isMessage
