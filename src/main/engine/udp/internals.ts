import { type Socket } from 'node:dgram'

interface State {
  readonly handle?: { readonly fd?: number } | null
}

/**
 * The descriptor of a datagram socket, null where Node does not show it. Node keeps it under a symbol; the property
 * `_handle`, which would tell it too, warns that it is deprecated (DEP0112).
 */
export function descriptorOf(socket: Socket): number | null {
  const key = Object.getOwnPropertySymbols(socket).find((each) => each.description === 'state symbol')
  if (key === undefined) return null
  const fd = (socket as unknown as Record<symbol, State | undefined>)[key]?.handle?.fd
  return fd === undefined || fd < 0 ? null : fd
}
