import { type ScriptedCall } from '../../../shared/model/experiment'
import { type ActOfKind } from '../plan/plan'
import { type Script } from './script'

/** What each call does, as its line tells it. */
export const abouts: Readonly<Record<string, string>> = {
  socket: 'socket(2): a new socket.',
  bind: 'bind(2): gives it its address.',
  listen: 'listen(2): from here on it takes callers.',
  accept: 'accept(2): takes the caller that has waited longest.',
  connect: 'connect(2): calls.',
  connect_ex: 'connect(2): calls.',
  send: 'send(2): gives how many bytes the kernel has taken, which may be fewer.',
  sendto: 'sendto(2): one datagram, to this address.',
  recv: 'recv(2): what has come, up to so many bytes; 0 once the peer has finished.',
  recvfrom: 'recvfrom(2): what has come.',
  shutdown: 'shutdown(2): one half of the connection is over.',
  close: 'close(2): the socket is gone.',
  getsockopt: 'getsockopt(2): reads an option.',
  getsockname: 'getsockname(2): its own address.',
  getpeername: 'getpeername(2): the address of its peer.',
  readline: 'A line with its end, from a buffer of stdio that recv(2) fills.',
}

/** Longer than any line that an experiment reads. */
const LONGEST_LINE = 65536

/** How many bytes a call reads at the most; null of one that reads none. */
export function readBytes(of: ScriptedCall): number | null {
  if (of.call === 'recv' || of.call === 'recvfrom') return of.bufsize
  return of.call === 'readline' ? LONGEST_LINE : null
}

const flagsOf = (flags: readonly string[]): string => (flags.length === 0 ? '0' : flags.join(' | '))
export const made = (of: ScriptedCall): string => ('on' in of ? of.on : '')

/**
 * Asks for a socket's address, or for its peer's, into a variable.
 * @param isNew whether that is declared here
 * @returns the variable with its length
 */
export function askAddress(
  script: Script,
  asks: 'getsockname' | 'getpeername',
  of: string,
  variable: string,
  isNew = true,
): string {
  const length = `${variable}_length`
  if (isNew) script.page.line(`struct sockaddr_storage ${variable};`, 'Room for an address of any family.')
  script.page.line(`${isNew ? 'socklen_t ' : ''}${length} = sizeof ${variable};`)
  script.check(
    `${asks}(${script.bench(of)}, (struct sockaddr *)&${variable}, &${length})`,
    asks,
    abouts[asks] ?? '',
  )
  return length
}

/** The system call as an expression that is -1 where it fails; null where C does it otherwise. */
export function callText(script: Script, act: ActOfKind<'call'>, buffer: string): string | null {
  const { of, addresses } = act
  const on = 'on' in of ? script.bench(of.on) : ''
  const address = (): string => {
    if (!('address' in of)) return ''
    if (of.address.is === 'getsockname') {
      const variable = script.named(
        `address of ${of.address.of} ${script.page.lines.length}`,
        `${script.bench(of.address.of)}_address`,
      )
      const length = askAddress(script, 'getsockname', of.address.of, variable)
      return `(struct sockaddr *)&${variable}, ${length}`
    }
    const [first] = addresses
    return first === undefined ? '' : script.address(first, made(of))
  }
  switch (of.call) {
    case 'socket':
      if (of.protocol !== '0') script.imports.add('netinet/in.h')
      return `socket(${of.family}, ${of.type}, ${of.protocol})`
    case 'bind':
    case 'connect':
      return `${of.call}(${on}, ${address()})`
    case 'connect_ex':
      return `connect(${on}, ${address()})`
    case 'sendto': {
      const to = address()
      return `sendto(${on}, ${script.bytes(of.bytes)}, ${of.bytes.length}, ${flagsOf(['MSG_NOSIGNAL', ...of.flags])}, ${to})`
    }
    case 'send':
      return `send(${on}, ${script.bytes(of.bytes)}, ${of.bytes.length}, ${flagsOf(['MSG_NOSIGNAL', ...of.flags])})`
    case 'recv':
    case 'recvfrom':
      return `recv(${on}, ${buffer}, ${of.bufsize}, ${flagsOf(of.flags)})`
    case 'listen':
      return `listen(${on}, ${of.backlog})`
    case 'shutdown':
      return `shutdown(${on}, ${of.how})`
    case 'close':
      script.imports.add('unistd.h')
      return `close(${on})`
    case 'accept':
      return `accept(${on}, NULL, NULL)`
    case 'readline':
      return `${script.use('read_line')}(${script.file(of.on)}, ${buffer}, ${LONGEST_LINE})`
    default:
      return null
  }
}

/** Where a call puts what it reads; nothing for one that reads nothing. */
export function bufferOf(script: Script, of: ScriptedCall): string {
  const size = readBytes(of)
  if (size === null) return ''
  const buffer = script.named('buffer')
  script.bufferBytes = Math.max(script.bufferBytes, size)
  return buffer
}
