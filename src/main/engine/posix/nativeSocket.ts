import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fault, FaultError } from '../../../shared/model/fault'
import { type OptionReading } from '../../../shared/model/options'
import { type Ask } from '../../../shared/model/socketOptions/asks'
import { codeFault, type FaultContext } from '../fault'
import { fulfilAll } from './asks'
import { type Calls, calls, errnoName, type Returned } from './calls'
import { type Numbers, numbers } from './numbers'
import { type Address } from './sockaddr'

/** A socket of our own making, for Node to open by its descriptor. */
export interface NativeSocket {
  readonly fd: number
  readonly readings: readonly OptionReading[]
}

/** The calls and their numbers. Throws where they are not to be had, with what was wanted in the hint. */
export function nativeCalls(endpoint: string, wanted: string): { posix: Calls; numbers: Numbers } {
  const posix = calls()
  if (posix !== null && numbers !== null) return { posix, numbers }
  throw new FaultError(
    fault('SB_UNSUPPORTED', `This build cannot do this on this system: ${wanted}.`, {
      endpoint,
      hint: 'It needs Linux or macOS, and the library koffi that comes with Switchboard. Leave the option away.',
    }),
  )
}

/** Whether sockets can be made natively here. */
export function canOpenNatively(): boolean {
  return calls() !== null && numbers !== null
}

/** socket(2), non-blocking, and its options. Throws a `FaultError`. */
export function makeNative(
  family: Address['family'],
  type: 'SOCK_STREAM' | 'SOCK_DGRAM',
  asks: readonly Ask[],
  context: FaultContext & { readonly endpoint: string },
): NativeSocket {
  const wanted = asks.map(({ name }) => name).join(', ')
  const { posix, numbers: known } = nativeCalls(context.endpoint, wanted)
  const fd = must(posix.socket(known.families[family], known.types[type], 0), 'socket', context)
  posix.setNonBlocking(fd, true)
  return { fd, readings: fulfilAll(fd, asks) }
}

/** Makes a call on it, and closes it where that fails. */
export function callOn(
  fd: number,
  syscall: string,
  call: (posix: Calls) => Returned,
  context: FaultContext,
): void {
  const posix = calls()
  if (posix === null) return
  try {
    must(call(posix), syscall, context)
  } catch (error) {
    posix.close(fd)
    throw error
  }
}

function must(returned: Returned, syscall: string, context: FaultContext): number {
  if (returned >= 0) return returned
  throw new FaultError(codeFault(errnoName(returned), syscall, context))
}

/** Abstract names exist on Linux only: elsewhere `@name` is a file like any other. */
export function unixAddress(path: string): Address {
  const isFile = process.platform !== 'linux' && path.startsWith('@')
  return { family: 'AF_UNIX', path: isFile ? `./${path}` : path }
}

/** The address of a host that is one, with the interface of a link-local one: `fe80::1%eth0`. */
export function inetAddress(host: string, port: number): Address {
  const [address = '', zone] = host.split('%')
  if (!isIPv6(host)) return { family: 'AF_INET', host, port }
  return { family: 'AF_INET6', host: address, port, ...(zone === undefined ? {} : { scope: scopeOf(zone) }) }
}

function scopeOf(zone: string): number {
  if (/^\d+$/.test(zone)) return Number(zone)
  const found = networkInterfaces()[zone]?.find((each) => each.family === 'IPv6')
  return found?.family === 'IPv6' ? found.scopeid : 0
}
