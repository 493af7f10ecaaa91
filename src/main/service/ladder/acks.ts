import { type LadderAck } from '../../../shared/ladder/model'
import { type SocketId } from '../../../shared/model/ids'
import { type CaptureReader } from '../../capture/types'
import { TOTAL, TOTAL_FLOATS } from '../../capture/rows'
import { samplesIn, type SampleSource } from '../kernel/series'
import { must } from './strip'

/** Of one socket on one page: more than that nobody tells apart. */
const MOST_ACKS = 128

export type AckSource = SampleSource & { readonly capture: Pick<CaptureReader, 'totalsBefore'> }

/**
 * What the kernel told of acknowledged bytes in a span, each time that it was more than before. Throws a FaultError.
 * @param isDialled the SYN of who dials counts as a byte in tcpi_bytes_acked, and FIN does for both (tcp_snd_una_update in net/ipv4/tcp_input.c)
 */
export async function acksIn(
  source: AckSource,
  id: SocketId,
  fromNanos: number,
  toNanos: number,
  isDialled: boolean,
): Promise<readonly Omit<LadderAck, 'line'>[]> {
  const found: { atNanos: number; ackedBytes: number; unackedBytes: number }[] = []
  let last = 0
  for await (const read of samplesIn(source, id, fromNanos, toNanos)) {
    for (const { atNanos, values } of must(read)) {
      const { bytesAcked, sendQ = 0 } = values
      if (bytesAcked === undefined || atNanos >= toNanos) continue
      const ackedBytes = Math.max(0, bytesAcked - (isDialled ? 1 : 0))
      if (ackedBytes > last && atNanos >= fromNanos) found.push({ atNanos, ackedBytes, unackedBytes: sendQ })
      last = Math.max(last, ackedBytes)
    }
  }
  const kept = found.filter((_, n) => n % Math.ceil(found.length / MOST_ACKS) === 0)
  if (kept.length === 0) return []
  const moments = kept.map(({ atNanos }) => atNanos)
  const totals = must(await source.capture.totalsBefore(id, moments))
  return kept.map((each, n) => {
    const sent = totals[n * TOTAL_FLOATS + TOTAL.outBytes] ?? Infinity
    return { ...each, ackedBytes: Math.min(each.ackedBytes, sent) }
  })
}
