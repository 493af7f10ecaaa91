import { type OptionName, type OptionValue } from './socketOptions'

/** Options by their own names in the manual, for all that have no word of their own below. */
export type KernelOptions = Readonly<Partial<Record<OptionName, OptionValue>>>

/** Socket options as the user sets them. What is absent is left as the kernel has it. */
interface AnyOptions {
  /** IP_TTL or IPV6_UNICAST_HOPS, 1 to 255. */
  readonly ttl?: number | undefined
  /** IP_TOS or IPV6_TCLASS: the byte of the IP header. */
  readonly tos?: number | undefined
  /** SO_RCVBUF in bytes; Linux doubles it and says so when read back (socket(7)). */
  readonly receiveBufferBytes?: number | undefined
  /** SO_SNDBUF in bytes. */
  readonly sendBufferBytes?: number | undefined
  /** SO_TIMESTAMPNS. */
  readonly timestamps?: boolean | undefined
  readonly kernel?: KernelOptions | undefined
}

/** What counts only when it is set before bind(2). */
interface BindOptions {
  /** SO_REUSEADDR. TCP sockets that are bound have it unless it is set off, as libuv does. */
  readonly reuseAddress?: boolean | undefined
  /** SO_REUSEPORT. */
  readonly reusePort?: boolean | undefined
  /** SO_BINDTODEVICE: a network interface by its name. */
  readonly device?: string | undefined
}

export interface StreamOptions extends AnyOptions {
  /** TCP_NODELAY: small writes go out at once (tcp(7)). */
  readonly noDelay?: boolean | undefined
  /** SO_KEEPALIVE (socket(7)). */
  readonly keepAlive?: boolean | undefined
  /** TCP_KEEPIDLE, whole seconds in the kernel; here in milliseconds, as Node takes it. */
  readonly keepAliveDelayMs?: number | undefined
  /** TCP_KEEPINTVL, likewise. */
  readonly keepAliveIntervalMs?: number | undefined
  /** TCP_KEEPCNT. */
  readonly keepAliveProbes?: number | undefined
  /** SO_LINGER on, with so many seconds: 0 sends RST on close. */
  readonly lingerSeconds?: number | undefined
  /** TCP_USER_TIMEOUT. */
  readonly userTimeoutMs?: number | undefined
  /** TCP_MAXSEG. */
  readonly maxSegmentBytes?: number | undefined
}

export interface DialOptions extends StreamOptions, BindOptions {
  /** The local address to bind before connecting. */
  readonly localHost?: string | undefined
  readonly localPort?: number | undefined
  /** TCP_FASTOPEN_CONNECT. */
  readonly fastOpen?: boolean | undefined
}

/** When callers are accepted: each as it comes, the next when the last one has ended, or one for each time it is told to. */
export const acceptModes = ['automatically', 'serially', 'manually'] as const
export type AcceptMode = (typeof acceptModes)[number]

/** Stream options are set on the listening socket itself, before it is bound; those whom it accepts inherit them. */
export interface ListenOptions extends StreamOptions, BindOptions {
  /** The accept queue's limit (listen(2)); Node's own default is 511. */
  readonly backlog?: number | undefined
  /** IPV6_V6ONLY: an IPv6 listener takes no IPv4 callers. */
  readonly ipv6Only?: boolean | undefined
  /** TCP_FASTOPEN: so many callers may send data with their SYN before the handshake is done. */
  readonly fastOpenQueue?: number | undefined
  readonly accept?: AcceptMode | undefined
  /** Set on every accepted connection. */
  readonly accepted?: StreamOptions | undefined
}

export interface UdpOptions extends AnyOptions, BindOptions {
  /** SO_BROADCAST. */
  readonly broadcast?: boolean | undefined
  readonly ipv6Only?: boolean | undefined
  readonly multicastTtl?: number | undefined
  readonly multicastLoopback?: boolean | undefined
  /** IP_MULTICAST_IF by an IPv4 address, IPV6_MULTICAST_IF by the interface's number. */
  readonly multicastInterface?: string | undefined
  /** SO_RXQ_OVFL. */
  readonly countDrops?: boolean | undefined
  /** Unix datagram and raw sockets: what one recvfrom(2) reads at most. A longer datagram is truncated, and that is told. */
  readonly readBytes?: number | undefined
  /** Raw sockets: IP_HDRINCL, each payload sent begins with its IP header (raw(7)). */
  readonly isHeaderIncluded?: boolean | undefined
}

/** One option as the kernel has it now. `value` is null where it cannot be read; `note` says why, or what the kernel made of it. */
export interface OptionReading {
  readonly name: string
  readonly value: OptionValue | null
  readonly asked?: OptionValue | undefined
  /** What a socket of this kind has where nobody sets it, on this machine. */
  readonly standard?: OptionValue | undefined
  readonly note?: string | undefined
}
