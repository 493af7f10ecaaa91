import { nextTick, watch } from 'vue'
import type { CommandInput } from '@shared/contract/commands'
import { isOfBench, type SocketId } from '@shared/model/ids'
import type { Fault, Reply } from '@shared/model/fault'
import { call, host } from '../bridge/bridge'
import { keyOf, type LessonPart } from '../format/lesson'
import { useExperimentStore } from '../stores/experiment'
import { useLessonStore } from '../stores/lesson'
import { usePanesStore } from '../stores/panes'
import { useProblemsStore } from '../stores/problems'
import { useSettingsStore } from '../stores/settings'
import { useSocketsStore } from '../stores/sockets'
import { closeExperiment } from './experiment'
import { forgetPointers, pointAfter } from './pointing'

export function openGallery(): void {
  useLessonStore().failure = null
  useLessonStore().isGalleryOpen = true
  void lookForLessons()
}

/** Asks which lessons there are: own ones come and go. */
export async function lookForLessons(): Promise<void> {
  const reply = await call('lesson.list', {})
  if (reply.ok) useLessonStore().cards = reply.value
  else useLessonStore().failure = reply.fault
}

/** Asks for a lesson's file, and opens it. */
export async function pickLesson(): Promise<void> {
  const picked = await host('lesson.pick', {})
  if (!picked.ok) return refuse(picked.fault)
  if (picked.value !== null) await openLesson({ grant: picked.value.grant })
}

/** Shows the folder of own lessons in the system's file manager. */
export async function revealLessons(): Promise<void> {
  const reply = await host('lesson.reveal', {})
  if (!reply.ok) refuse(reply.fault)
}

/** Opens a lesson before its first step, in the place of what was there. */
export async function openLesson(which: CommandInput<'lesson.open'>): Promise<void> {
  const store = useLessonStore()
  const opened = await call('lesson.open', which)
  if (!opened.ok) return refuse(opened.fault)
  await closeLesson()
  await closeExperiment()
  store.show(opened.value)
  store.failure = null
  store.isGalleryOpen = false
  if (store.cards === null) void lookForLessons()
}

/** Told where one chooses another. */
function refuse(fault: Fault): void {
  const store = useLessonStore()
  store.isGalleryOpen = true
  store.failure = fault
  if (store.cards === null) void lookForLessons()
}

/** Does what comes next; after the end, all begins anew. */
export async function doNextPart(): Promise<void> {
  const { phases, isDone } = useLessonStore()
  await doParts(
    isDone
      ? 0
      : Math.max(
          0,
          phases.findIndex((phase) => phase !== 'done'),
        ),
  )
}

export async function doAllParts(): Promise<void> {
  await doParts(useLessonStore().parts.length - 1)
}

/** Does one part after the other, up to one of them; what has failed or is over begins anew. */
export async function doParts(upTo: number): Promise<void> {
  const store = useLessonStore()
  if (store.shown === null || store.isBusy) return
  store.goal = upTo
  try {
    await doOneByOne(upTo)
  } finally {
    store.goal = null
  }
}

async function doOneByOne(upTo: number): Promise<void> {
  const store = useLessonStore()
  if (store.hasEnded || store.phases[upTo] === 'done') await resetLesson()
  const { attempt } = store
  for (const [index, part] of store.parts.slice(0, upTo + 1).entries()) {
    if (store.phases[index] === 'done') continue
    // Stopped between two of them.
    if (store.goal === null) return
    const isDone = await doPart(part)
    if (!isDone || store.attempt !== attempt) return
    await pointAfter(part)
    store.reached = { part: index }
  }
  if (store.isDone && store.shown !== null) useSettingsStore().rememberLesson(keyOf(store.shown))
}

async function doPart({ to }: LessonPart): Promise<boolean> {
  const [store, run] = [useLessonStore(), useExperimentStore()]
  if (run.shown === null) return false
  const { attempt } = store
  forgetPointers()
  const reply = await call('experiment.run', { experiment: run.shown.experiment, to })
  if (!reply.ok) {
    useProblemsStore().arose(null, reply.fault)
    return false
  }
  const isSettled = (): boolean => {
    const { status, outcomes } = run
    if (store.attempt !== attempt) return true
    if (status === null || run.isRunning) return false
    const seen = outcomes.slice(0, status.done).filter(isFinal).length
    return status.done >= to ? seen === status.done : store.hasEnded
  }
  await becomes(isSettled)
  return store.attempt === attempt && (run.status?.done ?? 0) >= to
}

const isFinal = ({ phase }: { readonly phase: string }): boolean => phase === 'passed' || phase === 'skipped'

/** Resolves once it is so. */
function becomes(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = watch(
      isSo,
      (now) => {
        if (!now) return
        void nextTick(() => stop())
        resolve()
      },
      { immediate: true },
    )
  })
}

/** Reads the lesson anew, and stands before its first step: what its run had opened is closed and taken off the list. */
export async function resetLesson(): Promise<void> {
  const [store, run] = [useLessonStore(), useExperimentStore()]
  if (store.shown === null || run.shown === null) return
  const { shown } = store
  const left = socketsOfRun()
  const again = good(await call('lesson.start', { experiment: run.shown.experiment }))
  if (again === null || store.shown !== shown) return
  store.show(again)
  await putAway(left)
}

/** Puts the lesson away; nothing of it stays open. */
export async function closeLesson(): Promise<void> {
  const [store, run] = [useLessonStore(), useExperimentStore()]
  if (store.shown === null || run.shown === null) return
  const left = socketsOfRun()
  const { experiment } = run.shown
  store.show(null)
  good(await call('experiment.close', { experiment }))
  await putAway(left)
}

export async function stopLesson(): Promise<void> {
  const { shown, isRunning } = useExperimentStore()
  useLessonStore().goal = null
  if (shown !== null && isRunning) good(await call('experiment.cancel', { experiment: shown.experiment }))
}

/** All that its run and its behaviours have opened, and whoever called it. */
function socketsOfRun(): readonly SocketId[] {
  const found = new Set(useExperimentStore().outcomes.flatMap(({ sockets = [] }) => sockets))
  for (const each of useSocketsStore().all.values()) {
    if (each.kind === 'connection' && each.listener !== null && found.has(each.listener)) {
      found.add(each.id)
      if (each.passesTo !== undefined) found.add(each.passesTo)
    }
    if (each.kind === 'benchSocket' && found.has(each.bench)) found.add(each.id)
    if (each.kind === 'udp' && each.passesFor !== undefined && found.has(each.passesFor)) found.add(each.id)
  }
  return [...found]
}

/** Sockets that are closed leave the list and their panes; the record keeps them. */
async function putAway(ids: readonly SocketId[]): Promise<void> {
  forgetPointers()
  const panes = usePanesStore()
  for (const id of ids) panes.close(id)
  // A bench goes after its sockets.
  const ordered = [...ids].sort((a, b) => Number(isOfBench(a)) - Number(isOfBench(b)) || b.localeCompare(a))
  for (const id of ordered) await call('socket.forget', { id })
}

function good<T>(reply: Reply<T>): T | null {
  if (reply.ok) return reply.value
  useProblemsStore().arose(null, reply.fault)
  return null
}
