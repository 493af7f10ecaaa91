import { type Area } from './area'

export const lessonHandlers: Area<'lesson'> = {
  'lesson.list': async (_input, { lessons }) => ({ ok: true, value: await lessons.list() }),
  'lesson.open': (asked, { lessons }) =>
    'grant' in asked ? lessons.openPicked(asked.grant) : lessons.open(asked.id, asked.isOwn),
  'lesson.start': ({ experiment }, { lessons }) => lessons.start(experiment),
  'lesson.picture': ({ experiment, name }, { lessons }) => lessons.picture(experiment, name),
}
