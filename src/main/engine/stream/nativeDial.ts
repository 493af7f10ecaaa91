import { lookup } from 'node:dns/promises'
import { isIP, type Socket } from 'node:net'
import { formatEndpoint, type TcpEndpoint } from '../../../shared/model/endpoint'
import { toFault } from '../fault'
import { type DialOptions, type OptionReading } from '../../../shared/model/options'
import { asksOf } from '../../../shared/model/socketOptions/asks'
import { type Hub } from '../hub'
import { callOn, inetAddress, makeNative } from '../posix/nativeSocket'
import { type Connection } from './connection'
import { unconnected } from './internals'

/** How an attempt ended: connected, or with what; null where the next address was to have its turn. */
type Attempted = { readonly socket: Socket } | { readonly error: Error } | null

/**
 * Dials with sockets of our own making, whose options are set and whose local address is bound before connect(2). Names that have
 * several addresses are tried as Node does it: one after the other, each but the last for so long.
 */
export async function dialNatively(
  hub: Hub,
  to: TcpEndpoint,
  options: DialOptions,
  connection: Connection,
  attemptMs: number,
): Promise<Socket | null> {
  const addresses = await addressesOf(to.host, options.localHost)
  const errors: Error[] = []
  for (const [n, host] of addresses.entries()) {
    if (connection.state.phase !== 'dialling') return null // cancelled meanwhile
    const isLast = n === addresses.length - 1
    const endpoint = formatEndpoint({ kind: 'tcp', host, port: to.port })
    const attempt = begin(connection, endpoint)
    const made = await tryOne(hub, { ...to, host }, options, connection, isLast ? null : attemptMs)
    if (made !== null && 'socket' in made) {
      attempt('connected')
      return made.socket
    }
    if (made === null) attempt('timeout')
    else attempt('failed', made.error, endpoint)
    errors.push(
      made?.error ??
        Object.assign(new Error(), { code: 'ETIMEDOUT', syscall: 'connect', ...at(host, to.port) }),
    )
  }
  throw errors.length === 1 && errors[0] !== undefined ? errors[0] : new AggregateError(errors)
}

const at = (address: string, port: number) => ({ address, port })

/** The families in turns, as they are told (RFC 8305 section 4). */
async function addressesOf(host: string, localHost: string | undefined): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  const found = await lookup(host, { all: true })
  const family = localHost === undefined ? 0 : isIP(localHost)
  const fit = found.filter((each) => family === 0 || each.family === family)
  const [first] = fit
  if (first === undefined) return found.map(({ address }) => address)
  const own = fit.filter((each) => each.family === first.family)
  const other = fit.filter((each) => each.family !== first.family)
  return own
    .flatMap((each, n) => [each, other[n]])
    .concat(other.slice(own.length))
    .flatMap((each) => each?.address ?? [])
}

function begin(connection: Connection, address: string) {
  const { state } = connection
  if (state.phase === 'dialling')
    connection.dialling([...state.attempts, { address, outcome: 'trying' }], null)
  return (outcome: 'connected' | 'failed' | 'timeout', error?: Error, endpoint?: string): void => {
    const now = connection.state
    if (now.phase !== 'dialling') return
    const told = {
      address,
      outcome,
      ...(error === undefined ? {} : { fault: toFault(error, { endpoint, kind: 'tcp' }) }),
    }
    connection.dialling(
      now.attempts.map((each) => (each.address === address && each.outcome === 'trying' ? told : each)),
      { what: 'attempted', ...told },
    )
  }
}

async function tryOne(
  hub: Hub,
  to: TcpEndpoint,
  options: DialOptions,
  connection: Connection,
  limitMs: number | null,
): Promise<Attempted> {
  let socket: Socket
  try {
    const { fd, readings } = make(to, options)
    connection.optionsSet(readings)
    socket = unconnected(fd, hub.isDirect ? connection.reading.onread : null)
    connection.dialsWith(socket)
  } catch (error) {
    return { error: error as Error }
  }
  return new Promise((resolve) => {
    const timer = limitMs === null ? undefined : setTimeout(() => settle(null), limitMs)
    let isSettled = false
    const settle = (outcome: Attempted): void => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      if (outcome === null || 'error' in outcome) socket.destroy()
      resolve(outcome)
    }
    // Stays: an error that comes after the attempt was given up is nobody's.
    socket.on('error', (error) => settle({ error }))
    socket.once('connect', () => settle({ socket }))
    void connection.until('ended').then(() => {
      settle(null)
      socket.destroy()
    })
    socket.connect({ host: to.host, port: to.port })
  })
}

function make(to: TcpEndpoint, options: DialOptions): { fd: number; readings: readonly OptionReading[] } {
  const { localHost, localPort } = options
  const family = to.host.includes(':') ? 6 : 4
  const asked = asksOf(options, 'tcp', family)
  const isBound = localHost !== undefined || localPort !== undefined
  // libuv sets it on every TCP socket that it binds. What is not asked stays as it is there.
  const isReusing = isBound && !asked.some(({ name }) => name === 'SO_REUSEADDR')
  const asks = isReusing ? [{ name: 'SO_REUSEADDR', value: true } as const, ...asked] : asked
  const context = { endpoint: formatEndpoint(to), kind: 'tcp' } as const
  const { fd, readings } = makeNative(family === 6 ? 'AF_INET6' : 'AF_INET', 'SOCK_STREAM', asks, context)
  if (isBound) {
    const local = inetAddress(localHost ?? (family === 6 ? '::' : '0.0.0.0'), localPort ?? 0)
    // Node counts the bind of a dial to its connect.
    callOn(fd, 'connect', (posix) => posix.bind(fd, local), context)
  }
  return { fd, readings: isReusing ? readings.slice(1) : readings }
}
