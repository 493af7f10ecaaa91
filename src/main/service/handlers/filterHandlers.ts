import { packRows } from '../../../shared/contract/packedRows'
import { type Area } from './area'

export const filterHandlers: Area<'filter'> = {
  'filter.begin': ({ id, line }, { filters }) => filters.begin(id, line),
  async 'filter.rows'({ filter, from, to }, { filters }) {
    const read = await filters.rows(filter, from, to)
    return read.ok ? { ok: true, value: packRows(read.value) } : read
  },
  'filter.rank': ({ filter, row }, { filters }) => filters.rank(filter, row),
  async 'filter.end'({ filter }, { filters }) {
    await filters.end(filter)
    return { ok: true, value: null }
  },
}
