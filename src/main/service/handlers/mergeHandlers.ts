import { packRows } from '../../../shared/contract/packedRows'
import { fault } from '../../../shared/model/fault'
import { rankOf, readMerged } from '../merging'
import { type Area } from './area'

export const mergeHandlers: Area<'merge'> = {
  async 'merge.read'({ ids, from, to }, { capture }) {
    if (from > to)
      return { ok: false, fault: fault('SB_INPUT', `The range runs backwards: from ${from} to ${to}.`) }
    const read = await readMerged(capture, ids, from, to)
    if (!read.ok) return read
    const { rows, owners, total } = read.value
    return { ok: true, value: { rows: packRows(rows), owners: Uint8Array.from(owners), total } }
  },
  'merge.rankOf': ({ ids, id, row }, { capture }) => rankOf(capture, ids, id, row),
}
