import { type KernelField } from '../../../shared/model/kernelFields'
import { UNLIMITED } from '../../../shared/model/kernel'

/** Longer than any kernel's struct tcp_info by now. */
export const TCP_INFO_BYTES = 512

type Width = 1 | 2 | 4 | 8

/** struct tcp_info of <linux/tcp.h> after its bit fields, in its order; it has only ever grown at its end, and so may the kernel's. */
const layout: readonly (readonly [KernelField, Width])[] = [
  ['rto', 4],
  ['ato', 4],
  ['sndMss', 4],
  ['rcvMss', 4],
  ['unacked', 4],
  ['sacked', 4],
  ['lost', 4],
  ['retrans', 4],
  ['fackets', 4],
  ['lastDataSent', 4],
  ['lastAckSent', 4],
  ['lastDataRecv', 4],
  ['lastAckRecv', 4],
  ['pmtu', 4],
  ['rcvSsthresh', 4],
  ['rtt', 4],
  ['rttvar', 4],
  ['sndSsthresh', 4],
  ['sndCwnd', 4],
  ['advmss', 4],
  ['reordering', 4],
  ['rcvRtt', 4],
  ['rcvSpace', 4],
  ['totalRetrans', 4],
  ['pacingRate', 8],
  ['maxPacingRate', 8],
  ['bytesAcked', 8],
  ['bytesReceived', 8],
  ['segsOut', 4],
  ['segsIn', 4],
  ['notsentBytes', 4],
  ['minRtt', 4],
  ['dataSegsIn', 4],
  ['dataSegsOut', 4],
  ['deliveryRate', 8],
  ['busyTime', 8],
  ['rwndLimited', 8],
  ['sndbufLimited', 8],
  ['delivered', 4],
  ['deliveredCe', 4],
  ['bytesSent', 8],
  ['bytesRetrans', 8],
  ['dsackDups', 4],
  ['reordSeen', 4],
  ['rcvOoopack', 4],
  ['sndWnd', 4],
  ['rcvWnd', 4],
  ['rehash', 4],
  ['totalRto', 2],
  ['totalRtoRecoveries', 2],
  ['totalRtoTime', 4],
  ['receivedCe', 4],
  ['deliveredE1Bytes', 4],
  ['deliveredE0Bytes', 4],
  ['deliveredCeBytes', 4],
  ['receivedE1Bytes', 4],
  ['receivedE0Bytes', 4],
  ['receivedCeBytes', 4],
  ['accecnFailMode', 2],
  ['accecnOptSeen', 2],
]

interface Place {
  readonly field: KernelField
  readonly at: number
  readonly width: Width
}

const FIRST_AT = 8
/** Each of them stands at a multiple of its own width: the struct has no holes beyond that. */
const places: readonly Place[] = placed()

function placed(): readonly Place[] {
  let at = FIRST_AT
  return layout.map(([field, width]) => {
    at += (width - (at % width)) % width
    const place = { field, at, width }
    at += width
    return place
  })
}

/** Before the numbers stand single bytes; those of two halves are not told. */
const firstBytes: readonly KernelField[] = ['state', 'caState', 'retransmits', 'probes', 'backoff', 'options']

/** Where a number stands in struct tcp_info; null where it is not in it as a number of its own. */
export function placeInTcpInfo(field: KernelField): { readonly at: number; readonly width: Width } | null {
  const at = firstBytes.indexOf(field)
  return at >= 0 ? { at, width: 1 } : (places.find((each) => each.field === field) ?? null)
}

export type MutableValues = Partial<Record<KernelField, number>>

/**
 * Reads what the kernel wrote of struct tcp_info, field by field, as far as it wrote.
 * @param length as getsockopt(2) told it
 */
export function parseTcpInfo(view: DataView, length: number): MutableValues {
  const values: MutableValues = {}
  if (length < FIRST_AT) return values
  values.state = view.getUint8(0)
  values.caState = view.getUint8(1)
  values.retransmits = view.getUint8(2)
  values.probes = view.getUint8(3)
  values.backoff = view.getUint8(4)
  values.options = view.getUint8(5)
  // Bit fields begin at the lowest bit of their byte, as on all little-endian machines.
  values.sndWscale = view.getUint8(6) & 0xf
  values.rcvWscale = view.getUint8(6) >>> 4
  values.deliveryRateAppLimited = view.getUint8(7) & 1
  values.fastopenClientFail = (view.getUint8(7) >>> 1) & 3
  for (const { field, at, width } of places) {
    if (at + width > length) break
    values[field] = numberAt(view, at, width)
  }
  return values
}

function numberAt(view: DataView, at: number, width: Width): number {
  switch (width) {
    case 1:
      return view.getUint8(at)
    case 2:
      return view.getUint16(at, true)
    case 4:
      return view.getUint32(at, true)
    case 8: {
      const high = view.getUint32(at + 4, true)
      // ~0UL: no limit to a pacing rate.
      return high === 0xffff_ffff ? UNLIMITED : high * 0x1_0000_0000 + view.getUint32(at, true)
    }
  }
}
