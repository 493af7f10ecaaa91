import { type Area } from './area'

export const markHandlers: Area<'marks'> = {
  'marks.list': ({ id }, { marks }) => ({ ok: true, value: marks.list(id) }),
  'marks.set': (mark, { marks }) => marks.set(mark),
  'marks.remove': ({ id, row }, { marks }) => marks.remove(id, row),
}
