import { type SocketEvent } from '../../../shared/model/record'
import { type Told } from './story'

/** The first event of a kind, with its time. */
export function eventIn<What extends SocketEvent['what']>(
  rows: readonly Told[] | undefined,
  what: What,
): { readonly atNanos: number; readonly event: Extract<SocketEvent, { what: What }> } | null {
  for (const each of rows ?? []) {
    if (each.kind === 'event' && each.event.what === what)
      return { atNanos: each.atNanos, event: each.event as Extract<SocketEvent, { what: What }> }
  }
  return null
}
