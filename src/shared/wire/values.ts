/** What the first bytes of a range are, read as one number. Big integers as text: they exceed 2^53. */
export interface Value {
  /** `u8`, `i16`, `f64`, `time ms`, `NTP` … */
  readonly name: string
  /** Null where the range is too short. */
  readonly little: string | null
  readonly big: string | null
}

type Read = (view: DataView, isLittle: boolean) => string

const forms: readonly (readonly [name: string, lengthBytes: number, read: Read])[] = [
  ['u8', 1, (view) => String(view.getUint8(0))],
  ['i8', 1, (view) => String(view.getInt8(0))],
  ['u16', 2, (view, isLittle) => String(view.getUint16(0, isLittle))],
  ['i16', 2, (view, isLittle) => String(view.getInt16(0, isLittle))],
  ['u32', 4, (view, isLittle) => String(view.getUint32(0, isLittle))],
  ['i32', 4, (view, isLittle) => String(view.getInt32(0, isLittle))],
  ['u64', 8, (view, isLittle) => String(view.getBigUint64(0, isLittle))],
  ['i64', 8, (view, isLittle) => String(view.getBigInt64(0, isLittle))],
  ['f32', 4, (view, isLittle) => float(view.getFloat32(0, isLittle), true)],
  ['f64', 8, (view, isLittle) => float(view.getFloat64(0, isLittle), false)],
  // Seconds, unsigned as in most protocols (pcap, RFC 868's kin), until 2106.
  ['time s', 4, (view, isLittle) => time(BigInt(view.getUint32(0, isLittle)) * NANOS_A_SECOND, 0)],
  ['time ms', 8, (view, isLittle) => time(view.getBigInt64(0, isLittle) * 1_000_000n, 3)],
  ['time µs', 8, (view, isLittle) => time(view.getBigInt64(0, isLittle) * 1000n, 6)],
  ['time ns', 8, (view, isLittle) => time(view.getBigInt64(0, isLittle), 9)],
  ['NTP', 8, (view, isLittle) => time(ntpNanos(view.getBigUint64(0, isLittle)), 9)],
  ['FILETIME', 8, (view, isLittle) => time(fileTimeNanos(view.getBigUint64(0, isLittle)), 7)],
]

const NANOS_A_SECOND = 1_000_000_000n
const FORM_LENGTHS: ReadonlySet<number> = new Set([1, 2, 4, 8])
/** Longer integers nobody reads. */
const MAX_INTEGER_BYTES = 16

/**
 * Reads the beginning of a range in every form there is, in both byte orders. Never throws.
 * @param length of the whole range: where that is no machine word (3 bytes, 6 …) and `bytes` holds it all, it is read as one integer too
 */
export function valuesOf(bytes: Uint8Array, length = 0): readonly Value[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = forms.map(([name, lengthBytes, read]): Value => {
    if (bytes.length < lengthBytes) return { name, little: null, big: null }
    return { name, little: read(view, true), big: read(view, false) }
  })
  if (length !== bytes.length || length === 0 || length > MAX_INTEGER_BYTES || FORM_LENGTHS.has(length))
    return values
  const big = integer(bytes)
  const little = integer(bytes.toReversed())
  const bits = length * 8
  const whole = (prefix: string, of: (value: bigint) => bigint): Value => ({
    name: `${prefix}${bits}`,
    little: String(of(little)),
    big: String(of(big)),
  })
  return [...values, whole('u', (value) => value), whole('i', (value) => BigInt.asIntN(bits, value))]
}

function integer(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** A 32-bit float has nine digits at most that tell it from its neighbours (IEEE 754, 5.12.2): the shortest that reads back is shown. */
function float(value: number, isSingle: boolean): string {
  if (!isSingle || !Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return Object.is(value, -0) ? '-0' : String(short)
  }
  return String(Number(value.toPrecision(9)))
}

/** Seconds since 1900 and their fraction, 32 bits each; the era by the first bit: 1968 to 2036, or from there to 2104 (RFC 4330, 3). */
function ntpNanos(stamp: bigint): bigint {
  const since1900 = (stamp >> 32n) + (stamp >> 63n === 1n ? 0n : 1n << 32n)
  return (since1900 - 2_208_988_800n) * NANOS_A_SECOND + (((stamp & 0xffff_ffffn) * NANOS_A_SECOND) >> 32n)
}

/** Steps of 100 ns since 1601 (Windows, SMB). */
function fileTimeNanos(stamp: bigint): bigint {
  return (stamp - 116_444_736_000_000_000n) * 100n
}

/** UTC, with as many digits as the form has; a dash for what no calendar has (ECMA-262 ends in the year 275760). */
function time(nanos: bigint, digits: number): string {
  const fraction = ((nanos % NANOS_A_SECOND) + NANOS_A_SECOND) % NANOS_A_SECOND
  const date = new Date(Number((nanos - fraction) / 1_000_000n))
  if (Number.isNaN(date.getTime())) return '–'
  const whole = date.toISOString().slice(0, -5)
  return digits === 0 ? `${whole}Z` : `${whole}.${String(fraction).padStart(9, '0').slice(0, digits)}Z`
}
