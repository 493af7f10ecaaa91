import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { type TcpEndpoint } from '../../../shared/model/endpoint'
import { encodeAddress } from '../posix/sockaddr'
import { kernelCalls, type KernelCalls } from './calls'

/** What the kernel has of a connection, whoever holds its descriptor, or nobody any more. */
export interface DiagState {
  readonly state: number
  /** idiag_timer, and when it fires. */
  readonly timer: number
  readonly timerMs: number
  readonly recvQ: number
  readonly sendQ: number
  readonly retransmits: number
}

/** From <linux/netlink.h>, <linux/sock_diag.h>, <linux/inet_diag.h> and <linux/unix_diag.h>. */
const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const AF_NETLINK = 16
const SOCK_RAW = 3
const NETLINK_SOCK_DIAG = 4
const SOCK_DIAG_BY_FAMILY = 20
const NLMSG_ERROR = 2
const NLM_F_REQUEST = 1
const IPPROTO_TCP = 6
const MSG_DONTWAIT = 0x40
const TCP_LISTEN = 10
const ENOENT = 2
const ANY_COOKIE = 0xffff_ffff
const UDIAG_SHOW_RQLEN = 0x10
const UNIX_DIAG_RQLEN = 4

const HEAD_BYTES = 16
const answer = new Uint8Array(4096)
const answerView = new DataView(answer.buffer)

/** The netlink socket, for the life of the thread; -1 where the kernel gave none. */
let descriptor: number | undefined

function ask(calls: KernelCalls, request: DataView): 'none' | 'refused' | 'told' {
  descriptor ??= calls.socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG)
  if (descriptor < 0) return 'refused'
  request.setUint32(0, request.byteLength, true)
  request.setUint16(4, SOCK_DIAG_BY_FAMILY, true)
  request.setUint16(6, NLM_F_REQUEST, true)
  const bytes = new Uint8Array(request.buffer)
  if (calls.send(descriptor, bytes, MSG_DONTWAIT) !== bytes.length) return 'refused'
  // The kernel answers in the same call in which it was asked: this waits for nothing.
  const received = calls.recv(descriptor, answer, MSG_DONTWAIT)
  if (received < HEAD_BYTES + 4) return 'refused'
  if (answerView.getUint16(4, true) !== NLMSG_ERROR) return 'told'
  return answerView.getInt32(HEAD_BYTES, true) === -ENOENT ? 'none' : 'refused'
}

/**
 * Looks a TCP connection up by its two addresses, as the kernel has it now: also one that waits in TIME_WAIT, and one that goes on
 * without a descriptor.
 * @returns 'gone' if there is none; null where it cannot be asked
 */
export function lookUpTcp(local: TcpEndpoint, remote: TcpEndpoint): DiagState | 'gone' | null {
  const calls = kernelCalls()
  const here = hostBytes(local.host)
  const there = hostBytes(remote.host)
  if (calls === null || here === null || there === null || here.length !== there.length) return null
  // struct inet_diag_req_v2 behind the header: family, protocol, states, then the two ends.
  const request = new DataView(new ArrayBuffer(HEAD_BYTES + 56))
  request.setUint8(HEAD_BYTES, here.length === 4 ? AF_INET : AF_INET6)
  request.setUint8(HEAD_BYTES + 1, IPPROTO_TCP)
  request.setUint32(HEAD_BYTES + 4, 0xffff_ffff, true)
  request.setUint16(HEAD_BYTES + 8, local.port)
  request.setUint16(HEAD_BYTES + 10, remote.port)
  new Uint8Array(request.buffer).set(here, HEAD_BYTES + 12)
  new Uint8Array(request.buffer).set(there, HEAD_BYTES + 28)
  request.setUint32(HEAD_BYTES + 48, ANY_COOKIE, true)
  request.setUint32(HEAD_BYTES + 52, ANY_COOKIE, true)
  const told = ask(calls, request)
  if (told !== 'told') return told === 'none' ? 'gone' : null
  const state = answerView.getUint8(HEAD_BYTES + 1)
  // Where there is no such connection, the kernel names who listens on its address.
  if (state === TCP_LISTEN) return 'gone'
  return {
    state,
    timer: answerView.getUint8(HEAD_BYTES + 2),
    retransmits: answerView.getUint8(HEAD_BYTES + 3),
    timerMs: answerView.getUint32(HEAD_BYTES + 52, true),
    recvQ: answerView.getUint32(HEAD_BYTES + 56, true),
    sendQ: answerView.getUint32(HEAD_BYTES + 60, true),
  }
}

/** How many wait to be accepted by a listening Unix socket, and how many may. Null where it cannot be told. */
export function unixQueue(inode: number): { readonly length: number; readonly limit: number } | null {
  const calls = kernelCalls()
  if (calls === null) return null
  const request = new DataView(new ArrayBuffer(HEAD_BYTES + 24))
  request.setUint8(HEAD_BYTES, AF_UNIX)
  request.setUint32(HEAD_BYTES + 4, 0xffff_ffff, true)
  request.setUint32(HEAD_BYTES + 8, inode, true)
  request.setUint32(HEAD_BYTES + 12, UDIAG_SHOW_RQLEN, true)
  request.setUint32(HEAD_BYTES + 16, ANY_COOKIE, true)
  request.setUint32(HEAD_BYTES + 20, ANY_COOKIE, true)
  if (ask(calls, request) !== 'told') return null
  const end = Math.min(answer.length, answerView.getUint32(0, true))
  for (let at = HEAD_BYTES + 16; at + 12 <= end;) {
    const length = answerView.getUint16(at, true)
    if (answerView.getUint16(at + 2, true) === UNIX_DIAG_RQLEN && length >= 12)
      return { length: answerView.getUint32(at + 4, true), limit: answerView.getUint32(at + 8, true) }
    at += Math.max(4, (length + 3) & ~3)
  }
  return null
}

/** What /proc/net/tcp counts its timers in (proc(5)). */
const TICK_MS = 10

/** The same as `lookUpTcp` from the table that every kernel has, for where sock_diag(7) is not built in. */
export async function lookUpTcpInTable(
  local: TcpEndpoint,
  remote: TcpEndpoint,
): Promise<DiagState | 'gone' | null> {
  const here = hostBytes(local.host)
  const there = hostBytes(remote.host)
  if (here === null || there === null) return null
  // An IPv4 connection of an IPv6 socket stands in the other table, its addresses mapped.
  const wanted = [`${spell(here)}:${hex(local.port, 4)} ${spell(there)}:${hex(remote.port, 4)}`]
  if (here.length === 4) {
    const mapped = (bytes: Uint8Array): string => spell(Uint8Array.of(...MAPPED, ...bytes))
    wanted.push(`${mapped(here)}:${hex(local.port, 4)} ${mapped(there)}:${hex(remote.port, 4)}`)
  }
  let isRead = false
  for (const table of here.length === 4 ? ['tcp', 'tcp6'] : ['tcp6']) {
    const text = await readFile(`/proc/net/${table}`, 'latin1').catch(() => null) // no IPv6 here, or no /proc
    if (text === null) continue
    isRead = true
    for (const line of text.split('\n')) {
      const [, localText = '', remoteText = '', state = '', queues = '', timer = '', retransmits = ''] = line
        .trim()
        .split(/\s+/)
      if (!wanted.includes(`${localText} ${remoteText}`)) continue
      const number = (digits: string | undefined): number => parseInt(digits ?? '0', 16)
      const [sendQ, recvQ] = queues.split(':')
      const [which, ticks] = timer.split(':')
      return {
        state: number(state),
        timer: number(which),
        timerMs: number(ticks) * TICK_MS,
        recvQ: number(recvQ),
        sendQ: number(sendQ),
        retransmits: number(retransmits),
      }
    }
  }
  return isRead ? 'gone' : null
}

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')

/** An address as the table writes it: in words, each as the machine holds it. */
function spell(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / 4 }, (_, n) => hex(view.getUint32(n * 4, true), 8)).join('')
}

/** How an IPv4 address begins that an IPv6 socket tells (`::ffff:127.0.0.1`). */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** A numeric address in the network's order: four bytes of IPv4, also where an IPv6 socket tells it, or sixteen. Null for a name. */
function hostBytes(host: string): Uint8Array | null {
  const plain = host.replace(/%.*$/, '')
  const family = isIP(plain)
  if (family === 0) return null
  if (family === 4) return encodeAddress({ family: 'AF_INET', host: plain, port: 0 }).subarray(4, 8)
  const bytes = encodeAddress({ family: 'AF_INET6', host: plain, port: 0 }).subarray(8, 24)
  return MAPPED.every((byte, n) => bytes[n] === byte) ? bytes.subarray(MAPPED.length) : bytes
}
