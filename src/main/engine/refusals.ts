import {
  type Endpoint,
  formatEndpoint,
  hasPath,
  hasPort,
  refuseLongPath,
  type UnixEndpoint,
  type UnixgramEndpoint,
} from '../../shared/model/endpoint'
import { fault, type Fault } from '../../shared/model/fault'

/** What is refused before the kernel is asked. An endpoint may come from a file or a script, and not from `parseEndpoint`. */
export function refuseEndpoint(at: Endpoint): Fault | null {
  if (hasPath(at)) return refusePath(at)
  if (at.host === '')
    return fault('SB_INPUT', 'The address has no host.', { hint: `Write ${at.kind}://127.0.0.1:8060.` })
  if (at.kind === 'raw') {
    if (Number.isInteger(at.protocol) && at.protocol >= 0 && at.protocol <= 255) return null
    return fault('SB_INPUT', `Protocol ${at.protocol} is not a whole number from 0 to 255.`, {
      endpoint: formatEndpoint(at),
    })
  }
  if (Number.isInteger(at.port) && at.port >= 0 && at.port <= 65535) return null
  return fault('SB_INPUT', `Port ${at.port} is not a whole number from 0 to 65535.`, {
    endpoint: formatEndpoint(at),
    hint: 'Ports are 16 bits wide; 0 lets the kernel choose one.',
  })
}

function refusePath(at: UnixEndpoint | UnixgramEndpoint): Fault | null {
  const { kind, path } = at
  if (path === '' && kind === 'unix') return fault('SB_INPUT', 'The path of the Unix socket is empty.')
  if (path.includes('\0')) return fault('SB_INPUT', 'A Unix socket path cannot contain a NUL byte.')
  return refuseLongPath(path, formatEndpoint(at))
}

/** Port 0 means "any" to bind(2) and is nothing one can send to. */
export function refuseDestination(to: Endpoint): Fault | null {
  const bad = refuseEndpoint(to)
  if (bad !== null) return bad
  if (!hasPort(to) || to.port !== 0) return null
  return fault('SB_INPUT', 'Port 0 is no destination: nothing can be bound to it.', {
    endpoint: formatEndpoint(to),
    hint: 'Give the port on which the other side listens.',
  })
}

const rightKinds = {
  listen: 'A datagram socket is bound, not listened on: use Bind.',
  dial: 'A datagram socket is bound, and may then be connected: use Bind.',
  bind: 'A TCP or Unix stream socket listens or dials: use Listen or Dial.',
  send: 'A datagram goes to an address of the kind that its own socket has: udp://, unixgram: or raw://.',
  connect: 'A datagram socket is connected to an address of its own kind: udp://, unixgram: or raw://.',
} as const

/** The address is of a kind that this act does not take. */
export function wrongKind(act: keyof typeof rightKinds, at: Endpoint): Fault {
  const endpoint = formatEndpoint(at)
  return fault('SB_INPUT', `${endpoint} is of the wrong kind for this.`, { endpoint, hint: rightKinds[act] })
}

/** Who is bound to no name can be heard, and not answered. */
export function refuseUnnamed(to: UnixgramEndpoint): Fault | null {
  if (to.path !== '' && to.path !== '@') return null
  return fault('SB_INPUT', 'A socket without a name is no destination: nobody can send to it.', {
    endpoint: formatEndpoint(to),
    hint: 'Give the path or the name that the other side is bound to; a sender that is to be answered must bind one.',
  })
}

/** Abstract names need calls that Node does not offer. */
export function noAbstractNames(endpoint: string): Fault {
  return fault('SB_UNSUPPORTED', 'This build cannot use abstract names of Unix sockets on this system.', {
    endpoint,
    hint: 'Use a path, for example under /tmp.',
  })
}

/** What was still opening when the engine was ended. */
export function tooLate(endpoint: string): Fault {
  return fault('SB_CANCELLED', `${endpoint} was not opened any more: the session is ending.`, { endpoint })
}
