import { Socket } from 'node:net'
import { formatEndpoint, type TcpEndpoint, type UnixEndpoint } from '../../../shared/model/endpoint'
import { type Fault } from '../../../shared/model/fault'
import { drop } from '../../../shared/model/must'
import { type DialOptions } from '../../../shared/model/options'
import { asksOf } from '../../../shared/model/socketOptions/asks'
import { toFault } from '../fault'
import { type Hub } from '../hub'
import { areEarly, beforeBind } from '../posix/asks'
import { callOn, canOpenNatively, makeNative, unixAddress } from '../posix/nativeSocket'
import { noAbstractNames } from '../refusals'
import { isAbstract, type StreamEndpoint } from './addresses'
import { Connection } from './connection'
import { dialNatively } from './nativeDial'
import { explainPath } from './stale'

/** How long one address of several is tried before the next one starts beside it (RFC 8305 section 5; Node's default). */
const ATTEMPT_MS = 250

/** Begins to dial. The connection is in phase `dialling`; it goes on by itself. */
export function dial(hub: Hub, to: StreamEndpoint, options: DialOptions): Connection {
  const connection = new Connection(hub, to.kind, to, null, `dialled ${formatEndpoint(to)}`)
  connection.happened({ what: 'dialling', to })
  try {
    if (to.kind === 'unix' && (isAbstract(to.path) || isEarly(to, options)))
      queueMicrotask(() => dialPath(hub, to, options, connection))
    else if (to.kind === 'tcp' && isEarly(to, options)) drop(dialOwn(hub, to, options, connection))
    else dialAddress(hub, to, options, connection)
  } catch (error) {
    // Node looks at its arguments first: a local address that is none, for example.
    connection.dialFailed(toFault(error, { endpoint: formatEndpoint(to), kind: to.kind }))
  }
  return connection
}

/** Whether there is something to set before connect(2), which Node has no way to do. */
function isEarly(to: StreamEndpoint, options: DialOptions): boolean {
  if (to.kind === 'unix') return canOpenNatively() && areEarly(asksOf(options, 'unix', null))
  const asks = asksOf(options, 'tcp', 4)
  // Where sockets cannot be made natively, what matters less is set later, and what cannot be set is refused.
  return canOpenNatively() ? areEarly(asks) : beforeBind(asks).length > 0
}

async function dialOwn(
  hub: Hub,
  to: TcpEndpoint,
  options: DialOptions,
  connection: Connection,
): Promise<void> {
  try {
    const socket = await dialNatively(hub, to, options, connection, ATTEMPT_MS)
    if (socket === null) return
    if (connection.state.phase === 'dialling') connection.opened(socket, 'local', undefined, hub.isDirect)
    else socket.destroy() // cancelled just now
  } catch (error) {
    if (connection.state.phase === 'dialling')
      connection.dialFailed(toFault(error, { endpoint: formatEndpoint(to), kind: 'tcp', syscall: 'connect' }))
  }
}

function dialAddress(hub: Hub, to: StreamEndpoint, options: DialOptions, connection: Connection): void {
  const socket = new Socket(socketOptions(hub, connection))
  connection.dialsWith(socket)
  socket
    .on('error', (error) => {
      if (connection.state.phase === 'dialling')
        drop(explain(error, to).then((fault) => connection.dialFailed(fault)))
    })
    .once('connect', () => {
      if (connection.state.phase === 'dialling') connection.opened(socket, 'local', options, hub.isDirect)
      else socket.destroy() // cancelled just now
    })
  if (to.kind === 'tcp') follow(socket, connection)
  drop(connection.until('ended').then(() => socket.destroy()))
  socket.connect(to.kind === 'unix' ? { path: to.path } : inetOptions(to.host, to.port, options))
}

function socketOptions(hub: Hub, connection: Connection) {
  return { allowHalfOpen: true, ...(hub.isDirect ? { onread: connection.reading.onread } : {}) }
}

/** Dials a path or an abstract name with a socket of our own. The kernel answers at once. */
function dialPath(hub: Hub, to: UnixEndpoint, options: DialOptions, connection: Connection): void {
  if (connection.state.phase !== 'dialling') return // cancelled just now
  const context = { endpoint: formatEndpoint(to), kind: 'unix' } as const
  if (!canOpenNatively()) return connection.dialFailed(noAbstractNames(context.endpoint))
  try {
    const { fd, readings } = makeNative('AF_UNIX', 'SOCK_STREAM', asksOf(options, 'unix', null), context)
    connection.optionsSet(readings)
    // A Unix connect is done at once, non-blocking or not; EAGAIN tells that the accept queue is full.
    callOn(fd, 'connect', (posix) => posix.connect(fd, unixAddress(to.path)), context)
    const socket = new Socket({ ...socketOptions(hub, connection), fd, readable: true, writable: true })
    connection.opened(socket, 'local', undefined, hub.isDirect)
  } catch (error) {
    drop(explainPath(to.path, toFault(error, context)).then((fault) => connection.dialFailed(fault)))
  }
}

function inetOptions(host: string, port: number, { localHost, localPort }: DialOptions) {
  return {
    host,
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    ...(localHost === undefined ? {} : { localAddress: localHost }),
    ...(localPort === undefined ? {} : { localPort }),
  }
}

/** Keeps the list of attempts: a name may have several addresses, each tried in turn. */
function follow(socket: Socket, connection: Connection): void {
  const settle = (address: string, outcome: 'connected' | 'failed' | 'timeout', fault?: Fault): void => {
    const state = connection.state
    if (state.phase !== 'dialling') return
    const told = { address, outcome, ...(fault === undefined ? {} : { fault }) }
    connection.dialling(
      state.attempts.map((each) => (each.address === address && each.outcome === 'trying' ? told : each)),
      { what: 'attempted', ...told },
    )
  }
  socket
    .on('connectionAttempt', (ip, port) => {
      const state = connection.state
      if (state.phase !== 'dialling') return
      connection.dialling([...state.attempts, { address: spell(ip, port), outcome: 'trying' }], null)
    })
    .on('connectionAttemptFailed', (ip, port, _family, error) => {
      settle(spell(ip, port), 'failed', toFault(error, { endpoint: spell(ip, port), kind: 'tcp' }))
    })
    .on('connectionAttemptTimeout', (ip, port) => settle(spell(ip, port), 'timeout'))
    .prependOnceListener('connect', () =>
      settle(spell(socket.remoteAddress ?? '', socket.remotePort ?? 0), 'connected'),
    )
}

function spell(ip: string, port: number): string {
  return formatEndpoint({ kind: 'tcp', host: ip, port })
}

async function explain(error: Error, to: StreamEndpoint): Promise<Fault> {
  const fault = toFault(error, { endpoint: formatEndpoint(to), kind: to.kind, syscall: 'connect' })
  return to.kind === 'unix' ? explainPath(to.path, fault) : fault
}
