import { type OptionName, socketOptions, type OptionValue } from '../../../shared/model/socketOptions'
import { calls, errnoName } from './calls'
import { numbersOf } from './optionNumbers'

/** The longest name that an option has: IFNAMSIZ and TCP_CA_NAME_MAX are 16. */
const scratch = new Uint8Array(64)
const isDarwin = process.platform === 'darwin'

/** Why an option has no value: the errno's name. ENOPROTOOPT, too, where this system has no such option. */
export interface OptionRefusal {
  readonly errno: string
}

/** getsockopt(2) by the option's name. Null where the C library cannot be called. */
export function readOption(fd: number, option: OptionName): OptionValue | OptionRefusal | null {
  const posix = calls()
  if (posix === null) return null
  const numbers = numbersOf(option)
  if (numbers === null) return { errno: 'ENOPROTOOPT' }
  scratch.fill(0)
  const returned = posix.getsockopt(fd, ...numbers, scratch)
  return returned < 0 ? { errno: errnoName(returned) } : decodeOption(option, scratch.subarray(0, returned))
}

/** setsockopt(2) by the option's name. @returns null when done, else the errno's name; ENOSYS where the C library cannot be called */
export function writeOption(fd: number, option: OptionName, value: OptionValue): string | null {
  const posix = calls()
  if (posix === null) return 'ENOSYS'
  const numbers = numbersOf(option)
  if (numbers === null) return 'ENOPROTOOPT'
  const returned = posix.setsockopt(fd, ...numbers, encodeOption(option, value))
  return returned < 0 ? errnoName(returned) : null
}

/** The bytes of a value, as this system's setsockopt(2) takes them. Throws a RangeError for a value of another form. */
export function encodeOption(option: OptionName, value: OptionValue): Uint8Array {
  const { form } = socketOptions[option]
  switch (form) {
    case 'flag':
    case 'integer':
    case 'unsigned':
      if (typeof value !== 'number' && typeof value !== 'boolean') break
      return number(Number(value), form === 'unsigned' && Number(value) > 0xffff_ffff)
    case 'linger':
      if (typeof value !== 'object' || !('isOn' in value)) break
      return new Uint8Array(Int32Array.of(Number(value.isOn), value.seconds).buffer)
    case 'timeval': {
      if (typeof value !== 'number') break
      const seconds = Math.floor(value)
      const micros = Math.round((value - seconds) * 1e6)
      // tv_usec has 32 bits on macOS, and four bytes behind it.
      return new Uint8Array(BigInt64Array.of(BigInt(seconds), BigInt(micros)).buffer)
    }
    case 'text':
      if (typeof value !== 'string') break
      return Buffer.from(`${value}\0`)
    case 'ipv4':
      if (typeof value !== 'string') break
      return Uint8Array.from(value.split('.').map(Number))
    case 'credentials':
      break
  }
  throw new RangeError(`${JSON.stringify(value)} is no value of ${option}.`)
}

function number(value: number, isLong: boolean): Uint8Array {
  const bytes = Buffer.alloc(isLong ? 8 : 4)
  if (isLong) bytes.writeBigUInt64LE(value >= 2 ** 64 ? 0xffff_ffff_ffff_ffffn : BigInt(value))
  else bytes.writeInt32LE(value | 0)
  return bytes
}

/** What getsockopt(2) has answered. */
export function decodeOption(option: OptionName, bytes: Uint8Array): OptionValue {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (socketOptions[option].form) {
    case 'flag':
      return integer(view) !== 0
    case 'integer':
      return integer(view)
    case 'unsigned':
      // Beyond 2^53 a number is near enough: all ones is how the kernel says that there is no limit.
      return view.length >= 8 ? Number(view.readBigUInt64LE()) : view.length >= 4 ? view.readUInt32LE() : 0
    case 'linger':
      return { isOn: view.readInt32LE() !== 0, seconds: view.readInt32LE(4) }
    case 'timeval':
      return (
        Number(view.readBigInt64LE()) +
        (isDarwin ? view.readInt32LE(8) : Number(view.readBigInt64LE(8))) / 1e6
      )
    case 'text': {
      const end = view.indexOf(0)
      return view.toString('latin1', 0, end < 0 ? view.length : end)
    }
    case 'ipv4':
      return [...view.subarray(0, 4)].join('.')
    case 'credentials':
      return { pid: view.readInt32LE(), uid: view.readUInt32LE(4), gid: view.readUInt32LE(8) }
  }
}

/** macOS answers one byte for IP_MULTICAST_TTL and IP_MULTICAST_LOOP. */
function integer(view: Buffer): number {
  return view.length >= 4 ? view.readInt32LE() : (view[0] ?? 0)
}
