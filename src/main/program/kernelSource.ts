import { memInfoFields } from '../engine/kernel/memInfo'
import { placeInTcpInfo } from '../engine/kernel/tcpInfo'
import { kernelFields, type KernelField } from '../../shared/model/kernelFields'
import { type Sock } from './plan/plan'

/** Where a program finds one of the kernel's numbers about a socket of its own. */
export type KernelSource =
  /** ioctl(2): SIOCINQ, SIOCOUTQ. */
  | { readonly is: 'queue'; readonly side: 'in' | 'out' }
  /** TCP_INFO: a number of struct tcp_info, so many bytes from its beginning. */
  | { readonly is: 'tcpInfo'; readonly name: string; readonly at: number; readonly width: 1 | 2 | 4 | 8 }
  /** SO_MEMINFO: one of its numbers, counted from 0. */
  | { readonly is: 'memInfo'; readonly name: string; readonly index: number }
  /** SO_PEERCRED: a member of struct ucred. */
  | { readonly is: 'peer'; readonly name: 'pid' | 'uid' | 'gid'; readonly index: number }

const peers: Partial<Record<KernelField, 'pid' | 'uid' | 'gid'>> = {
  peerPid: 'pid',
  peerUid: 'uid',
  peerGid: 'gid',
}

/** Null where no call on the socket itself tells it: what sock_diag(7) tells alone, and what such a socket does not have. */
export function kernelSource(
  { kind, isUnix, isDatagram }: Pick<Sock, 'kind' | 'isUnix' | 'isDatagram'>,
  field: KernelField,
): KernelSource | null {
  // Of UDP all that waits is told by the memory that it takes; SIOCINQ has the next datagram alone (udp(7)).
  if (isDatagram && !isUnix) {
    if (field === 'recvQ') return memInfo('rmemAlloc')
    if (field === 'sendQ') return memInfo('wmemAlloc')
    if (field === 'nextDatagram') return { is: 'queue', side: 'in' }
  } else if ((field === 'recvQ' || field === 'sendQ') && !(isUnix && kind === 'listener'))
    return { is: 'queue', side: field === 'recvQ' ? 'in' : 'out' }
  const peer = peers[field]
  if (peer !== undefined)
    return isUnix ? { is: 'peer', name: peer, index: ['pid', 'uid', 'gid'].indexOf(peer) } : null
  return memInfo(field) ?? (isUnix || isDatagram ? null : tcpInfo(field))
}

function memInfo(field: KernelField): KernelSource | null {
  const index = (memInfoFields as readonly KernelField[]).indexOf(field)
  // As in SK_MEMINFO_RMEM_ALLOC.
  const name = kernelFields[field].name.replace(/^sk_/, '').toUpperCase()
  return index < 0 ? null : { is: 'memInfo', name, index }
}

function tcpInfo(field: KernelField): KernelSource | null {
  // Of a listener these two have other meanings (tcp_get_info in net/ipv4/tcp.c).
  const inside = field === 'acceptQueue' ? 'unacked' : field === 'acceptLimit' ? 'sacked' : field
  const place = placeInTcpInfo(inside)
  return place === null
    ? null
    : { is: 'tcpInfo', name: kernelFields[inside].name, at: place.at, width: place.width }
}

/** Why a number is not looked at. */
export function untold(field: KernelField): string {
  return `${kernelFields[field].name}: no call on the socket tells it, only sock_diag(7) does; it is not looked at.`
}
