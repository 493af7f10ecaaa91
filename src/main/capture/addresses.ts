import { hasPath, hasPort, type Endpoint } from '../../shared/model/endpoint'
import { formatAddress, parseAddress, type AddressBytes } from '../../shared/wire/address'

export { formatAddress, parseAddress, type AddressBytes }

const ANY4 = new Uint8Array(4)
const ANY6 = new Uint8Array(16)

/** Two addresses of one family, with their ports, as the wire has them. */
export interface Pair {
  readonly isIpv6: boolean
  readonly local: AddressBytes
  readonly remote: AddressBytes
  readonly localPort: number
  readonly remotePort: number
}

/**
 * The addresses of both ends for the headers of a packet. A dual-stack socket tells an IPv4 peer as `::ffff:a.b.c.d`
 * (ipv6(7)); on the wire that is IPv4, and so it is here. What is no numeric address becomes the unspecified one.
 */
export function pairOf(local: Endpoint, remote: Endpoint): Pair {
  let mine = unmapped(bytesOf(local))
  let theirs = unmapped(bytesOf(remote))
  if (mine.length !== theirs.length) {
    if (isZero(mine)) mine = theirs.length === 4 ? ANY4 : ANY6
    else if (isZero(theirs)) theirs = mine.length === 4 ? ANY4 : ANY6
    else if (mine.length === 4) mine = mapped(mine)
    else theirs = mapped(theirs)
  }
  return {
    isIpv6: mine.length === 16,
    local: mine,
    remote: theirs,
    localPort: hasPort(local) ? local.port : 0,
    remotePort: hasPort(remote) ? remote.port : 0,
  }
}

/** Many callers share few addresses. */
const known = new Map<string, AddressBytes>()
const MOST_KNOWN = 256

/** Not to be written to: it is shared. */
function bytesOf(endpoint: Endpoint): AddressBytes {
  if (hasPath(endpoint)) return ANY4
  const { host } = endpoint
  let bytes = known.get(host)
  if (bytes === undefined) {
    bytes = parseAddress(host) ?? (host.includes(':') ? ANY6 : ANY4)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(host, bytes)
  }
  return bytes
}

const isZero = (bytes: AddressBytes) => bytes.every((each) => each === 0)

function unmapped(bytes: AddressBytes): AddressBytes {
  if (bytes.length === 4 || bytes[10] !== 0xff || bytes[11] !== 0xff) return bytes
  for (let n = 0; n < 10; n++) if (bytes[n] !== 0) return bytes
  return bytes.slice(12)
}

function mapped(bytes: AddressBytes): AddressBytes {
  return Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes])
}
