import { lookup } from 'node:dns/promises'
import { unlinkSync } from 'node:fs'
import { formatEndpoint } from '../../../shared/model/endpoint'
import { FaultError } from '../../../shared/model/fault'
import { type ListenOptions, type OptionReading } from '../../../shared/model/options'
import { asksOf } from '../../../shared/model/socketOptions/asks'
import { calls, errnoName } from '../posix/calls'
import { callOn, canOpenNatively, inetAddress, makeNative, unixAddress } from '../posix/nativeSocket'
import { type Address } from '../posix/sockaddr'
import { noAbstractNames } from '../refusals'
import { isAbstract, type StreamEndpoint } from './addresses'

/** Node's own, where nothing is said. */
export const DEFAULT_BACKLOG = 511

/** A listening socket of our own making. */
export interface NativeListener {
  readonly fd: number
  readonly readings: readonly OptionReading[]
}

/** Whether a listener must be made natively: for what Node cannot set, or does itself otherwise. */
export function needsNative(asked: StreamEndpoint, options: ListenOptions): boolean {
  const { accept = 'automatically', accepted: _, backlog, ipv6Only: __, ...own } = options
  if (accept !== 'automatically') return true
  if (asksOf(own, asked.kind === 'unix' ? 'unixListener' : 'tcpListener', familyOf(asked)).length > 0)
    return true
  if (asked.kind === 'unix' && isAbstract(asked.path)) return true
  // The file of a path that Node has bound goes with Node's handle, so that the descriptor could not be taken over later. To Node a
  // backlog of 0 is none at all.
  return (asked.kind === 'unix' || backlog === 0) && canOpenNatively()
}

function familyOf(asked: StreamEndpoint): 4 | 6 | null {
  return asked.kind === 'unix' ? null : asked.host.includes(':') ? 6 : 4
}

/** socket(2), its options, bind(2) and listen(2). Throws a `FaultError`, whose call is `listen` for all of them, as Node has it. */
export async function listenNatively(asked: StreamEndpoint, options: ListenOptions): Promise<NativeListener> {
  const context = { endpoint: formatEndpoint(asked), kind: asked.kind }
  if (asked.kind === 'unix' && isAbstract(asked.path) && !canOpenNatively())
    throw new FaultError(noAbstractNames(context.endpoint))
  const address: Address =
    asked.kind === 'unix'
      ? unixAddress(asked.path)
      : inetAddress((await lookup(asked.host)).address, asked.port)
  const asks =
    asked.kind === 'unix'
      ? asksOf(options, 'unixListener', null)
      : asksOf(options, 'tcpListener', address.family === 'AF_INET6' ? 6 : 4)
  // libuv sets it on every TCP socket that it binds. What is not asked stays as it is there.
  const isReusing = asked.kind === 'tcp' && !asks.some(({ name }) => name === 'SO_REUSEADDR')
  const all = isReusing ? [{ name: 'SO_REUSEADDR', value: true } as const, ...asks] : asks
  const { fd, readings } = makeNative(address.family, 'SOCK_STREAM', all, context)
  callOn(fd, 'listen', (posix) => posix.bind(fd, address), context)
  callOn(fd, 'listen', (posix) => posix.listen(fd, options.backlog ?? DEFAULT_BACKLOG), context)
  return { fd, readings: isReusing ? readings.slice(1) : readings }
}

/** listen(2) once more, on a socket that Node has told another backlog. */
export function setBacklog(fd: number, backlog: number): string | null {
  const returned = calls()?.listen(fd, backlog) ?? 0
  return returned < 0 ? errnoName(returned) : null
}

/** Removes the file of a path that was bound natively; Node does so for those it has bound. */
export function removeFile(asked: StreamEndpoint): void {
  if (asked.kind !== 'unix' || isAbstract(asked.path)) return
  try {
    unlinkSync(asked.path)
  } catch {
    // Somebody has removed it already.
  }
}
