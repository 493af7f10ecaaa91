import { type Area } from './area'

export const kernelHandlers: Area<'kernel'> = {
  'kernel.look': ({ sampled, shown }, { kernel }) => ({ ok: true, value: kernel.look(sampled, shown) }),
  'kernel.configure': ({ rate, isAll }, { kernel }) => ({ ok: true, value: kernel.configure(rate, isAll) }),
  'kernel.sampling': (_input, { kernel }) => ({ ok: true, value: kernel.sampling() }),
  'kernel.latest': ({ id }, { kernel }) => kernel.latest(id),
  'kernel.series': (query, { kernel }) => kernel.series(query),
  'kernel.cancelSeries'({ asker }, { kernel }) {
    kernel.cancelSeries(asker)
    return { ok: true, value: null }
  },
}
