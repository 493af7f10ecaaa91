import { MAX_BYTES_A_READ, MAX_ROWS_A_READ } from '../../../shared/contract/limits'
import { packRows } from '../../../shared/contract/packedRows'
import { fault, type Reply } from '../../../shared/model/fault'
import { type Area } from './area'

export const captureHandlers: Area<'capture'> = {
  async 'capture.read'({ id, from, to }, { capture }) {
    const backwards = refuseBackwards(from, to)
    if (backwards !== null) return backwards
    const read = await capture.read(id, from, Math.min(to, from + MAX_ROWS_A_READ))
    return read.ok ? { ok: true, value: { rows: packRows(read.value), size: capture.size(id) } } : read
  },
  'capture.bytes'({ id, stream, from, to }, { capture }) {
    return refuseBackwards(from, to) ?? capture.bytes(id, stream, from, Math.min(to, from + MAX_BYTES_A_READ))
  },
  'capture.rowAtOffset': ({ id, stream, offset }, { capture }) => capture.rowAtOffset(id, stream, offset),
  'capture.rowAtTime': ({ id, atNanos }, { capture }) => capture.rowAtTime(id, atNanos),
}

function refuseBackwards(from: number, to: number): Reply<never> | null {
  if (from <= to) return null
  return { ok: false, fault: fault('SB_INPUT', `The range runs backwards: from ${from} to ${to}.`) }
}
