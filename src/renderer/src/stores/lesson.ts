import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { RunPhase } from '@shared/model/experiment'
import type { Fault } from '@shared/model/fault'
import type { SocketId } from '@shared/model/ids'
import type { Lesson, LessonCard, LessonProblem, ShownLesson } from '@shared/model/lesson'
import { partsOf, socketsByName, valuesOf } from '../format/lesson'
import { useExperimentStore } from './experiment'

/** `next`: what comes next; `waiting`: what comes later. */
export type PartPhase = 'waiting' | 'next' | 'running' | 'done' | 'failed'

const isOver: Readonly<Record<RunPhase, boolean>> = {
  ready: false,
  running: false,
  ending: false,
  passed: true,
  failed: true,
  cancelled: true,
}

/** The lesson that the window shows. How far it is, its experiment's run tells. */
export const useLessonStore = defineStore('lesson', () => {
  const run = useExperimentStore()
  const shown = shallowRef<Lesson | null>(null)
  /** What is wrong with it: then there is nothing to do. */
  const problems = shallowRef<readonly LessonProblem[]>([])
  /** How often it has been begun: what was answered the time before is forgotten. */
  const attempt = shallowRef(0)
  /** The step that was done last, all that it came to known, counted from 0. A new object each time. */
  const reached = shallowRef<{ readonly part: number } | null>(null)
  /** Up to which step they are being done just now, one after the other; null while none is. Between two of them nothing runs. */
  const goal = shallowRef<number | null>(null)
  /** All that there are; null until they have been asked for. */
  const cards = shallowRef<readonly LessonCard[] | null>(null)
  const isGalleryOpen = shallowRef(false)
  /** Why a lesson could not be opened. */
  const failure = shallowRef<Fault | null>(null)

  const parts = computed(() => partsOf(shown.value?.blocks ?? []))
  const values = computed(() =>
    shown.value === null ? new Map<string, string>() : valuesOf(run.shown?.machine ?? {}, run.outcomes),
  )
  const sockets = computed<ReadonlyMap<string, SocketId>>(() =>
    shown.value === null ? new Map() : socketsByName(run.outcomes),
  )
  /** What a pane's socket is called in the lesson. */
  const names = computed<ReadonlyMap<SocketId, string>>(
    () => new Map([...sockets.value].map(([name, id]) => [id, name])),
  )
  const hasEnded = computed(() => run.status !== null && isOver[run.status.phase])
  const isBusy = computed(() => run.isRunning || goal.value !== null)
  const phases = computed<readonly PartPhase[]>(() => {
    const done = run.status?.done ?? 0
    const at = parts.value.findIndex(({ to }) => to > done)
    return parts.value.map((_part, index) => {
      if (at < 0 || index < at) return 'done'
      if (index > at) return 'waiting'
      if (hasEnded.value) return 'failed'
      return run.isRunning || index <= (goal.value ?? -1) ? 'running' : 'next'
    })
  })
  const doneParts = computed(() => phases.value.filter((phase) => phase === 'done').length)
  const isDone = computed(() => parts.value.length > 0 && doneParts.value === parts.value.length)

  function show(opened: ShownLesson | null): void {
    shown.value = opened?.lesson ?? null
    problems.value = opened?.problems ?? []
    run.show(opened?.experiment ?? null)
    reached.value = null
    attempt.value++
  }

  return {
    shown,
    problems,
    attempt,
    reached,
    goal,
    isBusy,
    cards,
    isGalleryOpen,
    failure,
    parts,
    values,
    sockets,
    names,
    hasEnded,
    phases,
    doneParts,
    isDone,
    show,
  }
})
