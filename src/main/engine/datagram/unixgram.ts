import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { formatEndpoint, type UnixgramEndpoint } from '../../../shared/model/endpoint'
import { FaultError } from '../../../shared/model/fault'
import { type UnixgramId } from '../../../shared/model/ids'
import { type UdpOptions } from '../../../shared/model/options'
import { type UnixgramSummary } from '../../../shared/model/summary'
import { codeFault, toFault } from '../fault'
import { type Calls, errnoName } from '../posix/calls'
import { numbers } from '../posix/numbers'
import { type Address } from '../posix/sockaddr'
import { refuseUnnamed } from '../refusals'
import { explainPath } from '../stream/stale'
import { isAbstract } from '../stream/addresses'
import { type CommonSummary, type NativeEndpoint, type NativeFamily, type Opened } from './family'

/** As written: the kernel chooses an abstract name (unix(7), autobind). */
const ANY_NAME = '@'

/** A datagram socket of AF_UNIX (unix(7)): bound to a path or an abstract name, or without a name. */
export class Unixgram implements NativeFamily {
  readonly kind = 'unixgram'
  readonly kernelKind = 'unix'
  readonly optionKind = 'unix'
  readonly version = null
  readonly id: UnixgramId
  readonly #asked: UnixgramEndpoint
  /** The file that bind(2) made, by which it is known again: it goes with the socket, unless another stands there by then. */
  #file: { readonly path: string; readonly device: number; readonly inode: number } | null = null

  constructor(id: UnixgramId, asked: UnixgramEndpoint) {
    this.id = id
    this.#asked = asked
  }

  async open(posix: Calls, _options: UdpOptions, made: (descriptor: number) => void): Promise<Opened> {
    const endpoint = formatEndpoint(this.#asked)
    const { path } = this.#asked
    const { families, types } = numbers as NonNullable<typeof numbers>
    const descriptor = posix.socket(families.AF_UNIX, types.SOCK_DGRAM, 0)
    if (descriptor < 0)
      throw new FaultError(codeFault(errnoName(descriptor), 'socket', { endpoint, kind: 'unixgram' }))
    made(descriptor)
    if (path === '') return { descriptor, at: this.#asked }
    const returned = posix.bind(descriptor, address(path === ANY_NAME ? '' : path))
    if (returned < 0) {
      posix.close(descriptor)
      const plain = codeFault(errnoName(returned), 'bind', { endpoint, kind: 'unixgram' })
      throw new FaultError(await explainPath(path, plain))
    }
    if (!isAbstract(path)) {
      try {
        this.#own(path)
      } catch (error) {
        posix.close(descriptor)
        throw new FaultError(toFault(error, { endpoint, kind: 'unixgram' }))
      }
    }
    const bound = posix.getsockname(descriptor).address
    return { descriptor, at: bound === null ? this.#asked : this.toEndpoint(bound) }
  }

  /** Only who opened it may send to it, as with a stream listener's file in a private folder: mode 0600. */
  #own(path: string): void {
    const { dev, ino } = lstatSync(path)
    this.#file = { path, device: dev, inode: ino }
    chmodSync(path, 0o600)
  }

  target(to: NativeEndpoint): Promise<NativeEndpoint> {
    const refusal = refuseUnnamed(to as UnixgramEndpoint)
    return refusal === null ? Promise.resolve(to) : Promise.reject(new FaultError(refusal))
  }

  toAddress(to: NativeEndpoint): Address {
    return address((to as UnixgramEndpoint).path)
  }

  toEndpoint(from: Address | null): UnixgramEndpoint {
    return { kind: 'unixgram', path: from?.family === 'AF_UNIX' ? from.path : '' }
  }

  hasIpHeader(): boolean {
    return false
  }

  released(): void {
    if (this.#file === null) return
    const { path, device, inode } = this.#file
    this.#file = null
    try {
      const { dev, ino } = lstatSync(path)
      if (dev === device && ino === inode) unlinkSync(path)
    } catch {
      // Somebody was quicker: it is gone, which is all that was wanted.
    }
  }

  summarise(common: CommonSummary): UnixgramSummary {
    return { kind: 'unixgram', id: this.id, ...common }
  }
}

function address(path: string): Address {
  return { family: 'AF_UNIX', path }
}
