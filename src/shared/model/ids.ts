/** Ids as people read them: L1, L2 … listeners; C1, C2 … connections, dialled and accepted alike; U1 … UDP sockets. */
export type ListenerId = `L${number}`
export type ConnectionId = `C${number}`
export type UdpId = `U${number}`

/** One open (or once open) socket of the session. */
export type SocketId = ListenerId | ConnectionId | UdpId

const pattern = (letter: string) => new RegExp(`^${letter}[1-9][0-9]{0,8}$`)
const listener = pattern('L')
const connection = pattern('C')
const udp = pattern('U')

export function isListenerId(text: string): text is ListenerId {
  return listener.test(text)
}
export function isConnectionId(text: string): text is ConnectionId {
  return connection.test(text)
}
export function isUdpId(text: string): text is UdpId {
  return udp.test(text)
}
export function isSocketId(text: string): text is SocketId {
  return isListenerId(text) || isConnectionId(text) || isUdpId(text)
}

/** Natural order: C2 before C10, and letters apart. */
export function compareIds(a: string, b: string): number {
  return a.charCodeAt(0) - b.charCodeAt(0) || Number(a.slice(1)) - Number(b.slice(1))
}
