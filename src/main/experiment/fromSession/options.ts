import { type Told } from './story'

const optionNames: ReadonlyMap<string, string> = new Map([
  ['TCP_NODELAY', 'noDelay'],
  ['SO_KEEPALIVE', 'keepAlive'],
  ['SO_BROADCAST', 'broadcast'],
  ['IP_TTL', 'ttl'],
  ['IPV6_UNICAST_HOPS', 'ttl'],
  ['IP_MULTICAST_TTL', 'multicastTtl'],
  ['IPV6_MULTICAST_HOPS', 'multicastTtl'],
  ['IP_MULTICAST_LOOP', 'multicastLoopback'],
  ['IPV6_MULTICAST_LOOP', 'multicastLoopback'],
  ['SO_RCVBUF', 'receiveBufferBytes'],
  ['SO_SNDBUF', 'sendBufferBytes'],
])

/** Options that were asked for before anything was carried. */
export function optionsOf(rows: readonly Told[]): Readonly<Record<string, number | boolean>> {
  const options: Record<string, number | boolean> = {}
  for (const each of rows) {
    if (each.kind === 'data') break
    if (each.event.what !== 'optionsSet') continue
    for (const { name, asked } of each.event.options) {
      const key = optionNames.get(name)
      if (key !== undefined && (typeof asked === 'number' || typeof asked === 'boolean')) options[key] = asked
    }
  }
  return options
}
