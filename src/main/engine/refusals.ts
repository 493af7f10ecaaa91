import { type Endpoint, formatEndpoint, MAX_UNIX_PATH_BYTES } from '../../shared/model/endpoint'
import { fault, type Fault } from '../../shared/model/fault'

/** What is refused before the kernel is asked. An endpoint may come from a file or a script, and not from `parseEndpoint`. */
export function refuseEndpoint(at: Endpoint): Fault | null {
  if (at.kind === 'unix') return refusePath(at.path)
  if (at.host === '')
    return fault('SB_INPUT', 'The address has no host.', { hint: `Write ${at.kind}://127.0.0.1:8060.` })
  if (Number.isInteger(at.port) && at.port >= 0 && at.port <= 65535) return null
  return fault('SB_INPUT', `Port ${at.port} is not a whole number from 0 to 65535.`, {
    endpoint: formatEndpoint(at),
    hint: 'Ports are 16 bits wide; 0 lets the kernel choose one.',
  })
}

function refusePath(path: string): Fault | null {
  if (path === '') return fault('SB_INPUT', 'The path of the Unix socket is empty.')
  if (path.includes('\0')) return fault('SB_INPUT', 'A Unix socket path cannot contain a NUL byte.')
  const lengthBytes = Buffer.byteLength(path)
  if (lengthBytes <= MAX_UNIX_PATH_BYTES) return null
  return {
    code: 'ENAMETOOLONG',
    syscall: 'bind',
    endpoint: `unix:${path}`,
    summary: `The Unix socket path is ${lengthBytes} bytes long; the kernel takes at most ${MAX_UNIX_PATH_BYTES}.`,
    hint: 'Choose a shorter path, for example under /tmp.',
  }
}

/** Port 0 means "any" to bind(2) and is nothing one can send to. */
export function refuseDestination(to: Endpoint): Fault | null {
  const bad = refuseEndpoint(to)
  if (bad !== null || to.kind === 'unix' || to.port !== 0) return bad
  return fault('SB_INPUT', 'Port 0 is no destination: nothing can be bound to it.', {
    endpoint: formatEndpoint(to),
    hint: 'Give the port on which the other side listens.',
  })
}

const rightKinds = {
  listen: 'A UDP socket is bound, not listened on: use Bind.',
  dial: 'A UDP socket is bound, and may then be connected: use Bind.',
  bind: 'A TCP or Unix socket listens or dials: use Listen or Dial.',
  send: 'Datagrams go to udp:// addresses.',
  connect: 'A UDP socket is connected to a udp:// address.',
} as const

/** The address is of a kind that this act does not take. */
export function wrongKind(act: keyof typeof rightKinds, at: Endpoint): Fault {
  const endpoint = formatEndpoint(at)
  return fault('SB_INPUT', `${endpoint} is of the wrong kind for this.`, { endpoint, hint: rightKinds[act] })
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
