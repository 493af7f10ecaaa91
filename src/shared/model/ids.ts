/**
 * Ids as people read them: L1, L2 … listeners; C1, C2 … connections, dialled and accepted alike; U1 … UDP sockets; D1 … Unix datagram
 * sockets; R1 … raw sockets; B1 … syscall benches, and S1 … the sockets that are made on them, whichever it is.
 */
export type ListenerId = `L${number}`
export type ConnectionId = `C${number}`
export type UdpId = `U${number}`
export type UnixgramId = `D${number}`
export type RawId = `R${number}`
/** What is bound, and sends and takes datagrams. */
export type DatagramId = UdpId | UnixgramId | RawId
export type BenchId = `B${number}`
export type BenchSocketId = `S${number}`

/** One open (or once open) socket of the session. */
export type SocketId = ListenerId | ConnectionId | DatagramId | BenchId | BenchSocketId

const pattern = (letter: string) => new RegExp(`^${letter}[1-9][0-9]{0,8}$`)
const listener = pattern('L')
const connection = pattern('C')
const udp = pattern('U')
const unixgram = pattern('D')
const raw = pattern('R')
const bench = pattern('B')
const benchSocket = pattern('S')

export function isListenerId(text: string): text is ListenerId {
  return listener.test(text)
}
export function isConnectionId(text: string): text is ConnectionId {
  return connection.test(text)
}
export function isUdpId(text: string): text is UdpId {
  return udp.test(text)
}
export function isUnixgramId(text: string): text is UnixgramId {
  return unixgram.test(text)
}
export function isRawId(text: string): text is RawId {
  return raw.test(text)
}
export function isDatagramId(text: string): text is DatagramId {
  return isUdpId(text) || isUnixgramId(text) || isRawId(text)
}
export function isBenchId(text: string): text is BenchId {
  return bench.test(text)
}
export function isBenchSocketId(text: string): text is BenchSocketId {
  return benchSocket.test(text)
}
/** Of a syscall bench, or a socket on one. */
export function isOfBench(text: string): text is BenchId | BenchSocketId {
  return isBenchId(text) || isBenchSocketId(text)
}
export function isSocketId(text: string): text is SocketId {
  return (
    isListenerId(text) ||
    isConnectionId(text) ||
    isDatagramId(text) ||
    isBenchId(text) ||
    isBenchSocketId(text)
  )
}

/** Natural order: C2 before C10, and letters apart. */
export function compareIds(a: string, b: string): number {
  return a.charCodeAt(0) - b.charCodeAt(0) || Number(a.slice(1)) - Number(b.slice(1))
}
