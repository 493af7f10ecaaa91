import { type ByteWindow } from './byteWindow'

/** One captured packet. A reader has one of them and fills it anew; the bytes lie in the window, until it is filled again. */
export interface CapturedPacket {
  /** A LINKTYPE_ value (draft-ietf-opsawg-pcaplinktype). */
  linkType: number
  /** Indices into the window's bytes. */
  from: number
  to: number
  /** How long it was on the wire. */
  wireBytes: number
  /** Since 1970 (UTC): whole seconds, and the nanoseconds after them. Together they are beyond what a number holds. */
  seconds: number
  nanos: number
}

/** `packet`: the next one stands in `packet`. `more`: the window ends before it does. `over`: nothing more can be read. */
export type Step = 'packet' | 'more' | 'over'

/** Takes packets out of a window. */
export interface PacketReader {
  readonly format: 'pcap' | 'pcapng'
  readonly packet: CapturedPacket
  /** Why it is over before the file's end; null while it makes sense. */
  readonly damage: string | null
  /** Blocks whose packet made no sense. */
  readonly badPackets: number
  next(window: ByteWindow): Step
}

/** Longer ones are not believed. Segmentation offload makes packets of 512 KiB at most. */
export const MAX_PACKET_BYTES = 1024 * 1024

export function emptyPacket(): CapturedPacket {
  return { linkType: 0, from: 0, to: 0, wireBytes: 0, seconds: 0, nanos: 0 }
}
