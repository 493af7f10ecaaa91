import { type DatagramEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import { type RawEndpoint, type UnixgramEndpoint } from '../../../shared/model/endpoint'
import { type RawId, type UnixgramId } from '../../../shared/model/ids'
import { type OptionReading, type UdpOptions } from '../../../shared/model/options'
import { type OptionName, type OptionValue } from '../../../shared/model/socketOptions'
import { type Direction, type SocketEvent } from '../../../shared/model/record'
import { type DatagramSummary, type SendReceipt } from '../../../shared/model/summary'
import { type Owned } from '../hub'
import { type KernelSocket } from '../kernel/readSocket'
import { type Calls } from '../posix/calls'
import { type Address } from '../posix/sockaddr'
import { type DatagramReaction } from '../types'

/** What is bound, and sends and takes datagrams: UDP through Node, the others through their descriptors. */
export interface DatagramSocket extends Owned {
  readonly isBound: boolean
  /** The one peer of a connected socket. */
  readonly peer: DatagramEndpoint | null
  /** Kind of the addresses that it takes. */
  readonly kind: DatagramEndpoint['kind']
  tapReceived(listener: ((bytes: Uint8Array, from: DatagramEndpoint) => void) | null): void
  /** @param to null: to the peer of a connected socket */
  send(bytes: Uint8Array, to: DatagramEndpoint | null): Promise<SendReceipt>
  connect(to: DatagramEndpoint): Promise<void>
  disconnect(): void
  setOptions(wanted: UdpOptions): readonly OptionReading[]
  /** Sets one option; null where the descriptor is gone. */
  setOption(option: OptionName, asked: OptionValue): OptionReading | null
  readOptions(): readonly OptionReading[]
  /** Resolves when the descriptor is gone. */
  close(): Promise<void>
  /** From now on it does this with what comes in. */
  behave(name: string, reaction: DatagramReaction): void
  /** Writes an event into its record, and tells that it has changed. */
  happened(event: SocketEvent): void
  /** Where it is bound; before that what was asked for. */
  readonly at: Endpoint
  summary(): DatagramSummary
}

/** What all datagram sockets tell of themselves. */
export type CommonSummary = Pick<DatagramSummary, 'state' | 'options' | 'asked' | 'behaviour'>

export type NativeEndpoint = UnixgramEndpoint | RawEndpoint

/** A descriptor that is open, and where it is bound. */
export interface Opened {
  readonly descriptor: number
  readonly at: NativeEndpoint
}

/** What differs between the kinds of sockets that are reached by their descriptors. One for each socket. */
export interface NativeFamily {
  readonly kind: NativeEndpoint['kind']
  readonly id: UnixgramId | RawId
  /** Makes and binds it. Throws a `FaultError`; no descriptor is left open then. @param made told in between, to set options */
  open(posix: Calls, options: UdpOptions, made: (descriptor: number) => void): Promise<Opened>
  /** Looks a name up. Throws a `FaultError`. */
  target(to: NativeEndpoint): Promise<NativeEndpoint>
  toAddress(to: NativeEndpoint): Address
  toEndpoint(address: Address | null): NativeEndpoint
  /** Whether what goes that way begins with its IP header. */
  hasIpHeader(direction: Direction): boolean
  /** Told of each datagram; answers what is to be recorded behind it. */
  passed?(
    direction: Direction,
    bytes: Uint8Array,
    remote: NativeEndpoint,
    atNanos: number,
  ): SocketEvent | null
  /** Whose options it has, with the version of IP; null for none. */
  readonly optionKind: 'unix' | 'raw'
  readonly version: 4 | 6 | null
  /** As what the kernel is asked about it. */
  readonly kernelKind: KernelSocket['of']
  /** The socket is bound no more: what it left in the file system goes. */
  released(): void
  /** What its summary tells besides. */
  summarise(common: CommonSummary): DatagramSummary
}
