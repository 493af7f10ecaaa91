import { pattern } from '../../testing/folder'
import { ACK, FIN, ipv4, SYN, tcp } from './packets'

export interface Mishaps {
  /** Of a hundred segments of data so many are not captured, and received all the same. */
  readonly lost?: number
  readonly repeated?: number
  /** So many change places with the one that follows. */
  readonly swapped?: number
  /** So many begin earlier than the one before them ended. */
  readonly overlapping?: number
}

export interface Transfer {
  /** IP packets. */
  readonly packets: Buffer[]
  readonly sent: Uint8Array
  readonly answered: Uint8Array
}

/** Numbers that look random and are the same each time (a linear congruential generator). */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * A TCP connection from SYN to FIN with data both ways, as a capture with mishaps would have it. Everything is acknowledged.
 * @param initial the dialler's sequence number: near 2^32 it wraps around
 */
export function transfer(seed: number, lengthBytes: number, mishaps: Mishaps = {}, initial = 1000): Transfer {
  const roll = dice(seed)
  const happens = (percent = 0): boolean => roll() * 100 < percent
  const sent = pattern(seed, 0, lengthBytes)
  const answered = pattern(seed + 1, 0, Math.floor(lengthBytes / 3))
  const back = 5000 + seed
  const forward = (fields: { offset: number; flags?: number; data?: Uint8Array; isSyn?: boolean }): Buffer =>
    ipv4(
      tcp({
        sequence: initial + (fields.isSyn === true ? 0 : 1 + fields.offset),
        acknowledgement: fields.isSyn === true ? 0 : back + 1,
        flags: fields.flags ?? ACK,
        ...(fields.data !== undefined && { data: fields.data }),
      }),
    )
  const reply = (
    offset: number,
    acknowledged: number,
    flags = ACK,
    data: Uint8Array = new Uint8Array(0),
  ): Buffer =>
    ipv4(
      tcp({
        from: 80,
        to: 40_000,
        sequence: back + offset,
        acknowledgement: initial + acknowledged,
        flags,
        data,
      }),
      { source: '10.0.0.2', destination: '10.0.0.1' },
    )
  const packets = [
    forward({ offset: 0, flags: SYN, isSyn: true }),
    reply(0, 1, SYN | ACK),
    forward({ offset: 0 }),
  ]
  let at = 0
  while (at < sent.length) {
    // A flight, then its acknowledgement.
    const flight: Buffer[] = []
    while (at < sent.length && flight.length < 12) {
      const from = happens(mishaps.overlapping) ? Math.max(0, at - Math.floor(roll() * 300)) : at
      const to = Math.min(sent.length, at + 1 + Math.floor(roll() * 1400))
      const packet = forward({ offset: from, data: sent.subarray(from, to) })
      at = to
      if (happens(mishaps.lost)) continue
      flight.push(packet)
      if (happens(mishaps.repeated)) flight.push(packet)
    }
    for (let n = 0; n + 1 < flight.length; n++) {
      if (happens(mishaps.swapped)) flight.splice(n, 2, flight[n + 1] as Buffer, flight[n] as Buffer)
    }
    packets.push(...flight, reply(1, 1 + at))
  }
  for (let offset = 0; offset < answered.length; offset += 1000) {
    const data = answered.subarray(offset, offset + 1000)
    packets.push(reply(1 + offset, 1 + at, ACK, data))
  }
  packets.push(
    ipv4(tcp({ sequence: initial + 1 + at, acknowledgement: back + 1 + answered.length })),
    ipv4(tcp({ sequence: initial + 1 + at, acknowledgement: back + 1 + answered.length, flags: FIN | ACK })),
    reply(1 + answered.length, 2 + at, FIN | ACK),
    ipv4(tcp({ sequence: initial + 2 + at, acknowledgement: back + 2 + answered.length })),
  )
  return { packets, sent, answered }
}
