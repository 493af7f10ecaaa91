import { libc } from './libc'

const ADDRESS_BYTES = 128 // sockaddr_storage of <bits/socket.h>
const AF_INET = 2
const MOST_KNOWN = 256

type Getpeername = (fd: number, address: Uint8Array, length: Uint32Array) => number

interface InetName {
  readonly host: string
  readonly port: number
}

const address = new Uint8Array(ADDRESS_BYTES)
const words = new Uint32Array(address.buffer)
const length = new Uint32Array(1)
/** Many callers share few addresses. */
const hosts = new Map<number, string>()
let loaded: Getpeername | null | undefined

/**
 * getpeername(2) of an IPv4 connection. Node's own takes four times as long, which of a flood of callers is the most
 * expensive single step. Null for all else, for a peer that is gone, and where koffi is not there: ask Node then.
 */
export function inetPeerOf(descriptor: number): InetName | null {
  loaded ??= load()
  if (loaded === null) return null
  length[0] = ADDRESS_BYTES
  if (loaded(descriptor, address, length) !== 0) return null
  // struct sockaddr_in (ip(7)): the family in the machine's order, port and address in the network's.
  const family = (address[0] ?? 0) + (address[1] ?? 0) * 256
  if (family !== AF_INET) return null
  const key = words[1] ?? 0
  let host = hosts.get(key)
  if (host === undefined) {
    host = address.subarray(4, 8).join('.')
    if (hosts.size >= MOST_KNOWN) hosts.clear()
    hosts.set(key, host)
  }
  return { host, port: (address[2] ?? 0) * 256 + (address[3] ?? 0) }
}

function load(): Getpeername | null {
  // macOS has a length where Linux has the family.
  if (process.platform !== 'linux') return null
  return (libc()?.func('int getpeername(int fd, void *address, void *length)') ?? null) as Getpeername | null
}
