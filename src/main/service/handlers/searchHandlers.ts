import { MAX_MATCHES_A_READ } from '../../../shared/contract/limits'
import { type Area } from './area'

export const searchHandlers: Area<'search'> = {
  'search.begin': ({ id, query }, { searches }) => searches.begin(id, query),
  'search.matches': ({ search, from, to }, { searches }) =>
    searches.matches(search, from, Math.min(to, from + MAX_MATCHES_A_READ)),
  'search.firstFrom': ({ search, id, row }, { searches }) => searches.firstFrom(search, id, row),
  'search.marks': ({ search, id, parts, stream }, { searches }) => searches.marks(search, id, parts, stream),
  async 'search.end'({ search }, { searches }) {
    await searches.end(search)
    return { ok: true, value: null }
  },
}
