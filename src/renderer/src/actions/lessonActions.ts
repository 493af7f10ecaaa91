import { useLessonStore } from '../stores/lesson'
import type { Action } from './action'
import {
  closeLesson,
  doAllParts,
  doNextPart,
  openGallery,
  openLesson,
  pickLesson,
  resetLesson,
  revealLessons,
  stopLesson,
} from './lesson'

const group = 'Lesson'

export function lessonActions(): Action[] {
  const { shown, cards } = useLessonStore()
  return [
    {
      id: 'lesson.gallery',
      title: 'Lessons: learn by doing…',
      keys: 'F2',
      group,
      run: () => openGallery(),
    },
    ...(shown === null ? [] : actionsInside(useLessonStore().isBusy)),
    { id: 'lesson.pick', title: 'Open a lesson from a file…', group, run: () => void pickLesson() },
    { id: 'lesson.reveal', title: 'Open the folder of my lessons', group, run: () => void revealLessons() },
    ...(cards ?? []).flatMap(({ id, isOwn, title, problem }) =>
      problem === undefined
        ? [
            {
              id: `lesson.open ${isOwn ? 'own/' : ''}${id}`,
              title: `Lesson: ${title}`,
              group,
              run: () => void openLesson({ id, isOwn }),
            } as const,
          ]
        : [],
    ),
  ]
}

function actionsInside(isBusy: boolean): Action[] {
  const close: Action = {
    id: 'lesson.close',
    title: 'Close the lesson',
    group,
    run: () => void closeLesson(),
  }
  if (isBusy)
    return [
      { id: 'lesson.stop', title: 'Stop the lesson', keys: 'Shift+F9', group, run: () => void stopLesson() },
      close,
    ]
  return [
    {
      id: 'lesson.next',
      title: 'Do the next step of the lesson',
      keys: 'F8',
      group,
      run: () => void doNextPart(),
    },
    {
      id: 'lesson.all',
      title: 'Do all steps of the lesson that are left',
      keys: 'F9',
      group,
      run: () => void doAllParts(),
    },
    {
      id: 'lesson.reset',
      title: 'Begin the lesson anew',
      keys: 'Shift+F8',
      group,
      run: () => void resetLesson(),
    },
    close,
  ]
}
