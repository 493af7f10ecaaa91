import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net'
import { type Family, hasLengthByte, numbers } from './numbers'

/** An address as the socket calls take and give it. */
export type Address =
  | { readonly family: 'AF_INET'; readonly host: string; readonly port: number }
  /** `scope`: the interface's index of a link-local address (ipv6(7)). */
  | {
      readonly family: 'AF_INET6'
      readonly host: string
      readonly port: number
      readonly flow?: number | undefined
      readonly scope?: number | undefined
    }
  /** `path` empty: unnamed. A leading `@` stands for the NUL of an abstract name (unix(7)); other bytes are UTF-8. */
  | { readonly family: 'AF_UNIX'; readonly path: string }

/** sockaddr_storage of <bits/socket.h>: every address fits. */
export const MAX_ADDRESS_BYTES = 128
/** sun_path of unix(7): 108 on Linux, 104 on macOS. */
const SUN_PATH_BYTES = process.platform === 'darwin' ? 104 : 108

/**
 * The bytes of a struct sockaddr_in (ip(7)), sockaddr_in6 (ipv6(7)) or sockaddr_un (unix(7)).
 * Throws a RangeError for what no such structure can hold: a host that is no address, a port beyond 16 bits, a path that is too long.
 */
export function encodeAddress(address: Address): Buffer {
  switch (address.family) {
    case 'AF_INET': {
      if (!isIPv4(address.host)) throw new RangeError(`"${address.host}" is not an IPv4 address.`)
      const bytes = begin('AF_INET', 16)
      bytes.writeUInt16BE(portOf(address.port), 2)
      bytes.set(address.host.split('.').map(Number), 4)
      return bytes
    }
    case 'AF_INET6': {
      const bytes = begin('AF_INET6', 28)
      bytes.writeUInt16BE(portOf(address.port), 2)
      bytes.writeUInt32BE((address.flow ?? 0) >>> 0, 4)
      bytes.set(ipv6Bytes(address.host), 8)
      // sin6_scope_id is in the machine's order; all that Node runs on here are little-endian.
      bytes.writeUInt32LE((address.scope ?? 0) >>> 0, 24)
      return bytes
    }
    case 'AF_UNIX': {
      const isAbstract = address.path.startsWith('@')
      const name = Buffer.from(isAbstract ? `\0${address.path.slice(1)}` : address.path)
      if (!isAbstract && name.includes(0)) throw new RangeError('A path cannot contain a NUL byte.')
      if (name.length > SUN_PATH_BYTES - (isAbstract ? 0 : 1)) {
        throw new RangeError(
          `The path is ${name.length} bytes long; sun_path holds ${SUN_PATH_BYTES - (isAbstract ? 0 : 1)}.`,
        )
      }
      // An abstract name ends where the address does; a path ends with a NUL; an unnamed address is the family alone.
      const isPath = !isAbstract && name.length > 0
      const bytes = begin('AF_UNIX', 2 + name.length + (isPath ? 1 : 0))
      bytes.set(name, 2)
      return bytes
    }
  }
}

function begin(family: Family, lengthBytes: number): Buffer {
  const number = numbers?.families[family] ?? 0
  const bytes = Buffer.alloc(lengthBytes)
  if (hasLengthByte) bytes.set([lengthBytes, number])
  else bytes.writeUInt16LE(number)
  return bytes
}

function portOf(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new RangeError(`Port ${port} is not a whole number from 0 to 65535.`)
}

/** What a kernel wrote into a buffer of `MAX_ADDRESS_BYTES`. Null for a family that is not among ours, and for no address at all. */
export function decodeAddress(bytes: Uint8Array, lengthBytes: number): Address | null {
  const length = Math.min(lengthBytes, bytes.length)
  if (length < 2) return null
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, length)
  const number = hasLengthByte ? view[1] : view.readUInt16LE()
  if (number === numbers?.families.AF_INET && length >= 8) {
    return { family: 'AF_INET', host: view.subarray(4, 8).join('.'), port: view.readUInt16BE(2) }
  }
  if (number === numbers?.families.AF_INET6 && length >= 24) {
    const flow = view.readUInt32BE(4)
    const scope = length >= 28 ? view.readUInt32LE(24) : 0
    return {
      family: 'AF_INET6',
      host: ipv6Text(view.subarray(8, 24)),
      port: view.readUInt16BE(2),
      ...(flow === 0 ? {} : { flow }),
      ...(scope === 0 ? {} : { scope }),
    }
  }
  if (number === numbers?.families.AF_UNIX) return { family: 'AF_UNIX', path: pathOf(view.subarray(2)) }
  return null
}

function pathOf(name: Buffer): string {
  if (name.length === 0) return ''
  if (name[0] === 0) return name.length === 1 ? '' : `@${name.toString('utf8', 1)}`
  const end = name.indexOf(0)
  return name.toString('utf8', 0, end < 0 ? name.length : end)
}

/** RFC 4291 section 2.2, with `::` and a dotted tail. */
function ipv6Bytes(host: string): Uint8Array {
  if (!isIPv6(host) || host.includes('%')) throw new RangeError(`"${host}" is not an IPv6 address.`)
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)
  const text =
    dotted === null ? host : `${dotted[1]}${hextet(dotted[2], dotted[3])}:${hextet(dotted[4], dotted[5])}`
  const [head = '', tail] = text.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const bytes = Buffer.alloc(16)
  front.forEach((group, n) => bytes.writeUInt16BE(parseInt(group, 16), n * 2))
  back.forEach((group, n) => bytes.writeUInt16BE(parseInt(group, 16), 16 - (back.length - n) * 2))
  return bytes
}

function hextet(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16)
}

/** The spelling of RFC 5952, which Node's own address class writes. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, n) =>
    ((bytes[n * 2] ?? 0) * 256 + (bytes[n * 2 + 1] ?? 0)).toString(16),
  )
  const { address } = new SocketAddress({ family: 'ipv6', address: groups.join(':') })
  return address
}

const ownMachine = new BlockList()
ownMachine.addSubnet('127.0.0.0', 8)
ownMachine.addAddress('::1', 'ipv6')
ownMachine.addSubnet('::ffff:127.0.0.0', 104, 'ipv6')

/** Whether only this machine can reach an address. */
export function isLoopbackAddress(address: Address): boolean {
  if (address.family === 'AF_UNIX') return true
  return ownMachine.check(address.host, address.family === 'AF_INET' ? 'ipv4' : 'ipv6')
}
