/** What the first bytes of a range are, read as one number. Big integers as text: they exceed 2^53. */
export interface Value {
  /** `u8`, `i16`, `f64`, `time32` … */
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
  ['time s', 4, (view, isLittle) => time(view.getUint32(0, isLittle) * 1000)],
  ['time ms', 8, (view, isLittle) => time(Number(view.getBigInt64(0, isLittle)))],
]

/** Reads the beginning of a range in every form there is, in both byte orders. Never throws. */
export function valuesOf(bytes: Uint8Array): readonly Value[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return forms.map(([name, lengthBytes, read]) => {
    if (bytes.length < lengthBytes) return { name, little: null, big: null }
    return { name, little: read(view, true), big: read(view, false) }
  })
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

/** Unix time in UTC; a dash for what no calendar has (ECMA-262 ends in the year 275760). */
function time(atMs: number): string {
  const date = new Date(atMs)
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString()
}
