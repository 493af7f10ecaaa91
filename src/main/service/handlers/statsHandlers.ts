import { type Area } from './area'

export const statsHandlers: Area<'stats'> = {
  'stats.throughput': (query, { throughputs }) => throughputs.read(query),
  'stats.cancelThroughput'({ asker }, { throughputs }) {
    throughputs.cancel(asker)
    return { ok: true, value: null }
  },
  'stats.begin': ({ id, beside, fromNanos, toNanos }, { statistics }) =>
    statistics.begin(id, fromNanos, toNanos, beside),
  async 'stats.end'({ stats }, { statistics }) {
    await statistics.end(stats)
    return { ok: true, value: null }
  },
}
