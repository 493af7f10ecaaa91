import { fstatSync } from 'node:fs'
import { type KernelKind, type KernelSample } from '../../../shared/model/kernel'
import { type KernelField } from '../../../shared/model/kernelFields'
import { kernelCalls, type KernelCalls } from './calls'
import { memInfoFields } from './memInfo'
import { unixQueue } from './sockDiag'
import { parseTcpInfo, TCP_INFO_BYTES, type MutableValues } from './tcpInfo'

/** A live socket that the kernel can be asked about. Whether it listens, the kernel tells. */
export interface KernelSocket {
  readonly of: Extract<KernelKind, 'tcp' | 'udp' | 'unix'>
  readonly descriptor: number
}

export type KernelReading = Omit<KernelSample, 'atNanos'>

/** From <asm-generic/socket.h> and <linux/tcp.h>. */
const SOL_SOCKET = 1
const SO_PEERCRED = 17
const SO_ACCEPTCONN = 30
const SO_MEMINFO = 55
const IPPROTO_TCP = 6
const TCP_INFO = 11
const TCP_CONGESTION = 13
const TCP_LISTEN = 10
/** From <linux/sockios.h>: FIONREAD and TIOCOUTQ by their other names. */
const SIOCINQ = 0x541b
const SIOCOUTQ = 0x5411

const info = new Uint8Array(TCP_INFO_BYTES)
const infoView = new DataView(info.buffer)
const words = new Uint32Array(16)
const bytes = new Uint8Array(words.buffer)
const number = new Int32Array(1)

/**
 * Asks the kernel about a socket: some five system calls that only look, of a microsecond each. Nothing is sent, nothing is read, no
 * error is taken. Null where nothing can be asked.
 */
export function readSocket({ of, descriptor }: KernelSocket): KernelReading | null {
  const calls = kernelCalls()
  if (calls === null) return null
  switch (of) {
    case 'tcp':
      return readTcp(calls, descriptor)
    case 'udp':
      return { of, values: readUdp(calls, descriptor) }
    case 'unix':
      return isListening(calls, descriptor)
        ? { of: 'unixListener', values: readUnixListener(calls, descriptor) }
        : { of, values: readUnix(calls, descriptor) }
  }
}

/** Datagrams that the kernel dropped because there was no room for them (SO_MEMINFO). Null where it cannot be told. */
export function readDrops(descriptor: number): number | null {
  const calls = kernelCalls()
  const told = calls?.getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, bytes) ?? -1
  return told < memInfoFields.length * 4 ? null : (words[memInfoFields.indexOf('drops')] ?? null)
}

function readTcp(calls: KernelCalls, descriptor: number): KernelReading | null {
  const told = calls.getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, info)
  if (told < 0) return null
  const values = parseTcpInfo(infoView, told)
  if (values.state === TCP_LISTEN) return { of: 'tcpListener', values: listening(calls, descriptor, values) }
  putQueues(calls, descriptor, values)
  putMemory(calls, descriptor, values)
  const congestion = congestionOf(calls, descriptor)
  return { of: 'tcp', values, ...(congestion !== undefined && { congestion }) }
}

/** Of a listener two fields mean other things, and all others nothing (tcp_get_info in net/ipv4/tcp.c). */
function listening(
  calls: KernelCalls,
  descriptor: number,
  { state, unacked, sacked }: MutableValues,
): MutableValues {
  const values: MutableValues = {}
  if (state !== undefined) values.state = state
  if (unacked !== undefined) values.acceptQueue = unacked
  if (sacked !== undefined) values.acceptLimit = sacked
  putMemory(calls, descriptor, values)
  return values
}

function readUdp(calls: KernelCalls, descriptor: number): MutableValues {
  const values: MutableValues = {}
  putMemory(calls, descriptor, values)
  // SIOCINQ would tell of the first datagram only; what all of them take is what ss(8) calls Recv-Q.
  const { rmemAlloc, wmemAlloc } = values
  if (rmemAlloc !== undefined) values.recvQ = rmemAlloc
  if (wmemAlloc !== undefined) values.sendQ = wmemAlloc
  const next = ioctl(calls, descriptor, SIOCINQ)
  if (next !== null) values.nextDatagram = next
  return values
}

function readUnix(calls: KernelCalls, descriptor: number): MutableValues {
  const values: MutableValues = {}
  putQueues(calls, descriptor, values)
  putMemory(calls, descriptor, values)
  putPeer(calls, descriptor, values)
  return values
}

function readUnixListener(calls: KernelCalls, descriptor: number): MutableValues {
  const values: MutableValues = {}
  const queue = unixQueue(fstatSync(descriptor).ino)
  if (queue !== null) {
    values.acceptQueue = queue.length
    values.acceptLimit = queue.limit
  }
  putMemory(calls, descriptor, values)
  return values
}

function isListening(calls: KernelCalls, descriptor: number): boolean {
  return calls.getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, bytes) === 4 && words[0] === 1
}

function putQueues(calls: KernelCalls, descriptor: number, values: MutableValues): void {
  const received = ioctl(calls, descriptor, SIOCINQ)
  if (received !== null) values.recvQ = received
  const sent = ioctl(calls, descriptor, SIOCOUTQ)
  if (sent !== null) values.sendQ = sent
}

function putMemory(calls: KernelCalls, descriptor: number, values: MutableValues): void {
  const told = Math.min(memInfoFields.length, calls.getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, bytes) / 4)
  for (let n = 0; n < told; n++) values[memInfoFields[n] as KernelField] = words[n] as number
}

/** struct ucred of <bits/socket.h>: of who was there when it connected. */
function putPeer(calls: KernelCalls, descriptor: number, values: MutableValues): void {
  if (calls.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, bytes) !== 12) return
  const [pid = 0, uid = 0, gid = 0] = words
  if (pid === 0) return
  values.peerPid = pid
  values.peerUid = uid
  values.peerGid = gid
}

/** Few names there are: a string for each sample would be most of its cost. */
const congestions = new Map<number, string>()

function congestionOf(calls: KernelCalls, descriptor: number): string | undefined {
  words[0] = words[1] = 0
  if (calls.getsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, bytes) < 0) return undefined
  const key = (words[0] ?? 0) + (words[1] ?? 0) * 0x1_0000_0000
  let name = congestions.get(key)
  if (name === undefined) {
    const end = bytes.indexOf(0)
    name = String.fromCharCode(...bytes.subarray(0, end < 0 || end > 16 ? 16 : end))
    congestions.set(key, name)
  }
  return name
}

function ioctl(calls: KernelCalls, descriptor: number, request: number): number | null {
  return calls.ioctl(descriptor, request, number) === 0 ? (number[0] ?? null) : null
}
