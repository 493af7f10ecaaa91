import { formatEndpoint, hasPort, parseEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import { type SocketId } from '../../../shared/model/ids'
import { eventIn } from './eventIn'
import { type Story } from './story'

/** Where a listener or a UDP socket was bound. */
export interface Bound {
  readonly id: SocketId
  readonly name: string
  readonly at: Endpoint
  readonly atNanos: number
  readonly isChosenByKernel: boolean
}

/** What comes after the first word of a description: `dialled tcp://127.0.0.1:8060`. */
export function askedIn(about: string): Endpoint | null {
  const parsed = parseEndpoint(about.replace(/^\S+ /, ''))
  return parsed.ok ? parsed.value : null
}

export function boundOf(story: Story, id: SocketId): Bound | null {
  const rows = story.of.get(id)
  const found = eventIn(rows, 'listening') ?? eventIn(rows, 'bound')
  const asked = askedIn(story.about(id))
  if (found === null) return null
  const isChosenByKernel = asked !== null && hasPort(asked) && asked.port === 0
  return { id, name: id, at: found.event.at, atNanos: found.atNanos, isChosenByKernel }
}

/** Who was bound there last; a host that means all of them is any. */
export function atAddress(bounds: readonly Bound[], address: Endpoint, atNanos: number): Bound | null {
  let found: Bound | null = null
  for (const bound of bounds) {
    const { at } = bound
    if (bound.atNanos > atNanos || at.kind !== address.kind) continue
    if (!hasPort(at) || !hasPort(address)) {
      if (formatEndpoint(at) === formatEndpoint(address)) found = bound
    } else if (at.port === address.port) found = bound
  }
  return found
}

export function writtenAs(bounds: readonly Bound[], address: Endpoint, atNanos: number): string {
  const bound = atAddress(bounds, address, atNanos)
  if (bound === null || !hasPort(address) || !bound.isChosenByKernel || bound.atNanos === atNanos)
    return formatEndpoint(address)
  return formatEndpoint({ ...address, port: 0 }).replace(/:0$/, `:{${bound.name}.port}`)
}
