import { packLadder } from '../../../shared/contract/packedLadder'
import { type Area } from './area'

export const ladderHandlers: Area<'ladder'> = {
  'ladder.cast': ({ ids }, { ladders }) => ladders.cast(ids),
  async 'ladder.read'(question, { ladders }) {
    const read = await ladders.read(question)
    return read.ok ? { ok: true, value: packLadder(read.value) } : read
  },
}
