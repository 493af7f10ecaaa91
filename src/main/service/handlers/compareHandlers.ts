import { MAX_DIFFERENCES } from '../../../shared/model/compare'
import { type Area } from './area'

export const compareHandlers: Area<'compare'> = {
  'compare.begin': ({ a, b }, { compares }) => compares.begin(a, b),
  'compare.regions': ({ compare, from, to }, { compares }) =>
    compares.regions(compare, from, Math.min(to, from + MAX_DIFFERENCES)),
  async 'compare.end'({ compare }, { compares }) {
    await compares.end(compare)
    return { ok: true, value: null }
  },
}
