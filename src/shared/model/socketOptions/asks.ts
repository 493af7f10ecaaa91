import { type OptionName, optionsOf } from '../socketOptions'
import { type OptionValue, type SocketKind } from './spec'

/** One option that is asked for, by its own name and in its own unit. */
export interface Ask {
  readonly name: OptionName
  readonly value: OptionValue
  /** Said beside the value, for example that a time was rounded. */
  readonly note?: string
  /** Set where such a socket has no such option. */
  readonly isForeign?: true
}

/** A word that users set an option by. Where it names several, each kind of socket has one of them. */
interface AskedWord {
  readonly names: readonly OptionName[]
  /** From what is written to what the kernel takes. */
  readonly toKernel?: (value: boolean | number | string, name: OptionName) => Pick<Ask, 'value' | 'note'>
}

const wholeSeconds: AskedWord['toKernel'] = (ms) => {
  const seconds = Math.max(1, Math.round(Number(ms) / 1000))
  const isExact = seconds * 1000 === ms
  return {
    value: seconds,
    ...(isExact ? {} : { note: `The kernel counts whole seconds; ${ms} ms were asked.` }),
  }
}

/** The words of `shared/model/options.ts`, with the options that they stand for. */
export const askedWords: Readonly<Record<string, AskedWord>> = {
  reuseAddress: { names: ['SO_REUSEADDR'] },
  reusePort: { names: ['SO_REUSEPORT'] },
  device: { names: ['SO_BINDTODEVICE'] },
  ipv6Only: { names: ['IPV6_V6ONLY'] },
  noDelay: { names: ['TCP_NODELAY'] },
  keepAlive: { names: ['SO_KEEPALIVE'] },
  keepAliveDelayMs: { names: ['TCP_KEEPIDLE'], toKernel: wholeSeconds },
  keepAliveIntervalMs: { names: ['TCP_KEEPINTVL'], toKernel: wholeSeconds },
  keepAliveProbes: { names: ['TCP_KEEPCNT'] },
  lingerSeconds: {
    names: ['SO_LINGER'],
    toKernel: (seconds) => ({ value: { isOn: true, seconds: Number(seconds) } }),
  },
  userTimeoutMs: { names: ['TCP_USER_TIMEOUT'] },
  maxSegmentBytes: { names: ['TCP_MAXSEG'] },
  fastOpen: { names: ['TCP_FASTOPEN_CONNECT'] },
  fastOpenQueue: { names: ['TCP_FASTOPEN'] },
  receiveBufferBytes: { names: ['SO_RCVBUF'] },
  sendBufferBytes: { names: ['SO_SNDBUF'] },
  ttl: { names: ['IP_TTL', 'IPV6_UNICAST_HOPS'] },
  tos: { names: ['IP_TOS', 'IPV6_TCLASS'] },
  broadcast: { names: ['SO_BROADCAST'] },
  multicastTtl: { names: ['IP_MULTICAST_TTL', 'IPV6_MULTICAST_HOPS'] },
  multicastLoopback: { names: ['IP_MULTICAST_LOOP', 'IPV6_MULTICAST_LOOP'] },
  multicastInterface: {
    names: ['IP_MULTICAST_IF', 'IPV6_MULTICAST_IF'],
    toKernel: (written, name) => ({ value: name === 'IP_MULTICAST_IF' ? written : Number(written) }),
  },
  timestamps: { names: ['SO_TIMESTAMPNS'] },
  countDrops: { names: ['SO_RXQ_OVFL'] },
}

/**
 * What options come to for one kind of socket, in the order in which they are written. An option that is asked under `kernel`
 * counts, whatever its word says. Keys that stand for no option (`backlog`) are passed over.
 */
export function asksOf(options: object, kind: SocketKind, family: 4 | 6 | null): readonly Ask[] {
  const own = new Set(optionsOf(kind, family))
  const asks = new Map<OptionName, Ask>()
  for (const [word, written] of Object.entries(options) as [string, unknown][]) {
    const found = Object.hasOwn(askedWords, word) ? askedWords[word] : undefined
    if (found === undefined || written === undefined) continue
    const name = found.names.find((each) => own.has(each)) ?? found.names[0]
    if (name === undefined) continue
    const value = written as boolean | number | string
    asks.set(name, { name, ...(found.toKernel?.(value, name) ?? { value }), ...foreign(own, name) })
  }
  const { kernel = {} } = options as { kernel?: Readonly<Partial<Record<OptionName, OptionValue>>> }
  for (const [name, value] of Object.entries(kernel) as [OptionName, OptionValue | undefined][])
    if (value !== undefined) asks.set(name, { name, value, ...foreign(own, name) })
  return [...asks.values()]
}

function foreign(own: ReadonlySet<OptionName>, name: OptionName): { readonly isForeign?: true } {
  return own.has(name) ? {} : { isForeign: true }
}
