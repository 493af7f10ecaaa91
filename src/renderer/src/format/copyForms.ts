import type { Endpoint } from '@shared/model/endpoint'
import { parseEndpoint } from '@shared/model/endpoint'
import type { DataRow, Direction } from '@shared/model/record'
import type { SocketSummary } from '@shared/model/summary'
import { formatHex } from '@shared/wire/hex'
import { hexdump } from '@shared/wire/hexdump'
import { base64, cArray, javascriptArray, pythonBytes, shellLine } from '@shared/wire/literal'

/** Where bytes of a stream went, if they all went one way. Those of datagrams each went to a peer of its own. */
export function streamDestination(
  summary: SocketSummary | undefined,
  directions: readonly Direction[],
): Endpoint | null {
  const [direction] = directions
  if (direction === undefined || summary?.kind === 'udp') return null
  return directions.every((each) => each === direction)
    ? destinationOf(summary, { peer: null, direction })
    : null
}

/** A chunk, or as much of it as is at hand, with what its forms need. */
export interface Copied {
  readonly bytes: Uint8Array
  /** As it is shown. */
  readonly text: string
  /** Of the first byte in its stream. */
  readonly offset: number
  /** Where a shell would send it. */
  readonly to: Endpoint | null
}

/** What bytes can be copied as, by the name that is shown. */
export const copyForms = {
  text: ({ text }: Copied) => text,
  hex: ({ bytes }: Copied) => formatHex(bytes),
  dump: ({ bytes, offset }: Copied) => hexdump(bytes, offset),
  'C array': ({ bytes }: Copied) => cArray(bytes),
  'Python bytes': ({ bytes }: Copied) => pythonBytes(bytes),
  JavaScript: ({ bytes }: Copied) => javascriptArray(bytes),
  base64: ({ bytes }: Copied) => base64(bytes),
  'shell command': ({ bytes, to }: Copied) => shellLine(bytes, to),
} as const

export type CopyForm = keyof typeof copyForms

/** Where a chunk went: what we sent, to the peer; what we received, to where the peer sent it. */
export function destinationOf(
  summary: SocketSummary | undefined,
  row: Pick<DataRow, 'peer' | 'direction'>,
): Endpoint | null {
  if (summary === undefined) return null
  const { state } = summary
  if (row.peer !== null && row.direction === 'out') {
    const peer = parseEndpoint(row.peer)
    return peer.ok ? peer.value : null
  }
  if ('remote' in state) return row.direction === 'out' ? state.remote : state.local
  return 'at' in state ? state.at : null
}
