import { parseEndpoint } from '@shared/model/endpoint'
import type { SocketSummary } from '@shared/model/summary'

/** The ports that a socket and a datagram's peer tell of: what a port is known for is one hint of what its bytes are. */
export function portsOf(summary: SocketSummary | undefined, peer: string | null = null): number[] {
  const texts = [summary?.asked, peer].filter((each) => typeof each === 'string')
  const found = texts.map((text) => parseEndpoint(text))
  return found.flatMap((each) => (each.ok && 'port' in each.value ? [each.value.port] : []))
}
