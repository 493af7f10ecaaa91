import { type OptionValue } from './socketOptions'

/** Socket options as the user sets them. What is absent is left as the kernel has it. */
export interface StreamOptions {
  /** TCP_NODELAY: small writes go out at once (tcp(7)). */
  readonly noDelay?: boolean | undefined
  /** SO_KEEPALIVE (socket(7)). */
  readonly keepAlive?: boolean | undefined
  /** TCP_KEEPIDLE, whole seconds on the wire; here in milliseconds, as Node takes it. */
  readonly keepAliveDelayMs?: number | undefined
  /** IP_TTL or IPV6_UNICAST_HOPS, 1 to 255. */
  readonly ttl?: number | undefined
  /** SO_RCVBUF in bytes; Linux doubles it and says so when read back (socket(7)). */
  readonly receiveBufferBytes?: number | undefined
  /** SO_SNDBUF in bytes. */
  readonly sendBufferBytes?: number | undefined
}

export interface DialOptions extends StreamOptions {
  /** The local address to bind before connecting. */
  readonly localHost?: string | undefined
  readonly localPort?: number | undefined
}

export interface ListenOptions {
  /** The accept queue's limit (listen(2)); Node's own default is 511. */
  readonly backlog?: number | undefined
  /** IPV6_V6ONLY: an IPv6 listener takes no IPv4 callers. */
  readonly ipv6Only?: boolean | undefined
  /** Set on every accepted connection. */
  readonly accepted?: StreamOptions | undefined
}

export interface UdpOptions {
  /** SO_BROADCAST. */
  readonly broadcast?: boolean | undefined
  readonly ttl?: number | undefined
  readonly multicastTtl?: number | undefined
  readonly multicastLoopback?: boolean | undefined
  readonly receiveBufferBytes?: number | undefined
  readonly sendBufferBytes?: number | undefined
  /** SO_REUSEADDR, which several receivers of one multicast group need. */
  readonly reuseAddress?: boolean | undefined
}

/** One option as the kernel has it now. `value` is null where it cannot be read; `note` says why, or what the kernel made of it. */
export interface OptionReading {
  readonly name: string
  readonly value: OptionValue | null
  readonly asked?: OptionValue | undefined
  readonly note?: string | undefined
}
