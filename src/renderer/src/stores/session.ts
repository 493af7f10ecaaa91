import { openGrantedExperiment } from '../actions/openExperiment'
import { openLesson } from '../actions/lesson'
import { toldInPane } from '../actions/open'
import { call, onEvents } from '../bridge/bridge'
import type { ServiceEvent } from '@shared/contract/events'
import type { Fault } from '@shared/model/fault'
import { isBenchSocketId, type SocketId } from '@shared/model/ids'
import { missingCase } from '@shared/model/must'
import type { RecordingStatus, SocketSummary } from '@shared/model/summary'
import { useArrangementStore } from './arrangement'
import { useComparesStore } from './compares'
import { useCountersStore } from './counters'
import { useExperimentStore } from './experiment'
import { useExportsStore } from './exports'
import { useFiltersStore } from './filters'
import { useKernelStore } from './kernel'
import { useMarksStore } from './marks'
import { useOpenedStore } from './opened'
import { useFramesStore } from './frames'
import { usePanesStore } from './panes'
import { useProblemsStore } from './problems'
import { useRecordingStore } from './recording'
import { useReplaysStore } from './replays'
import { useSavingStore } from './saving'
import { useSearchesStore } from './searches'
import { useSettingsStore } from './settings'
import { useSocketsStore } from './sockets'
import { useStatisticsStore } from './statistics'

/** So many of a recording's sockets are shown in panes at once: more would leave each too little room. */
const MOST_PANES = 2

/** With so many sockets, what changes is shown ten times a second: each time the whole list is gone through. */
const MANY = 500
const MANY_EVERY_MS = 100

/**
 * Ties the stores to the service: everything there is first, then what changes. Events that come before the first answer
 * wait for it, since each carries a state that is newer than the answer's or the same.
 */
export async function followSession(): Promise<void> {
  let waiting: ServiceEvent[] | null = []
  const pending: ServiceEvent[] = []
  let isApplying = false
  onEvents((events) => {
    if (waiting !== null) {
      waiting.push(...events)
      return
    }
    // Never past those that wait: an older summary must not come after a newer one.
    if (!isApplying && useSocketsStore().all.size < MANY) {
      apply(events)
      return
    }
    pending.push(...events)
    if (isApplying) return
    isApplying = true
    setTimeout(() => {
      isApplying = false
      apply(pending.splice(0))
    }, MANY_EVERY_MS)
  })
  const arrangement = useArrangementStore()
  const [reply] = await Promise.all([call('socket.list', {}), arrangement.load()])
  if (reply.ok) {
    useSocketsStore().replaceAll(reply.value.sockets)
    useOpenedStore().replaceAll(reply.value.opened)
    useCountersStore().ticked(reply.value.counters, true)
    tellWarnings(reply.value.recording)
    arrangement.settled()
  } else {
    useSocketsStore().replaceAll([])
    useProblemsStore().arose(null, reply.fault)
  }
  // From now on the service knows what is looked at.
  useKernelStore()
  const early = waiting
  waiting = null
  apply(early)
}

/** What had to be done to a recording before it could be gone on with. */
function tellWarnings(recording: RecordingStatus): void {
  useRecordingStore().changed(recording)
  for (const summary of recording.warnings ?? [])
    useProblemsStore().arose(null, { code: 'SB_CAPTURE', summary, endpoint: recording.file })
}

function apply(events: readonly ServiceEvent[]): void {
  const sockets = useSocketsStore()
  const changes: (readonly [SocketId, SocketSummary | null])[] = []
  const appeared: SocketId[] = []
  const failed: { readonly id: SocketId; readonly fault: Fault }[] = []
  for (const event of events) {
    switch (event.name) {
      case 'socket.changed': {
        const now = event.value
        changes.push([now.id, now])
        // What failed to open answers to an act of the user, who wants to see it where it happened.
        if (now.kind !== 'connection' && now.state.phase === 'failed') {
          if (sockets.all.get(now.id)?.state.phase !== 'failed')
            failed.push({ id: now.id, fault: now.state.fault })
        }
        break
      }
      case 'socket.forgotten':
        changes.push([event.value.id, null])
        useCountersStore().forget(event.value.id)
        usePanesStore().close(event.value.id)
        break
      case 'counters.ticked':
        useCountersStore().ticked(event.value)
        break
      case 'file.progressed':
        sockets.fileProgressed(event.value.id, {
          progress: event.value.progress,
          fault: event.value.fault ?? null,
        })
        break
      case 'recording.changed':
        useRecordingStore().changed(event.value)
        break
      case 'compare.progressed':
        useComparesStore().progressed(event.value)
        break
      case 'stats.progressed':
        useStatisticsStore().progressed(event.value)
        break
      case 'search.progressed':
        useSearchesStore().progressed(event.value)
        break
      case 'session.opening':
        useOpenedStore().progressed(event.value)
        break
      case 'session.opened':
        useOpenedStore().appeared(event.value)
        appeared.push(
          ...event.value.ids.filter((id) => !id.startsWith('L') && !isBenchSocketId(id)).slice(0, MOST_PANES),
        )
        break
      case 'session.closed':
        useOpenedStore().closed(event.value.opened)
        break
      case 'session.saving':
        useSavingStore().progressed(event.value)
        break
      case 'experiment.named':
        void openGrantedExperiment(event.value.grant)
        break
      case 'lesson.named':
        void openLesson({ grant: event.value.grant })
        break
      case 'settings.changed':
        useSettingsStore().adopt(event.value)
        break
      case 'kernel.sampled':
        useKernelStore().told(event.value)
        break
      case 'kernel.sampling':
        useKernelStore().sampled(event.value)
        break
      case 'marks.changed':
        useMarksStore().changed(event.value.id)
        break
      case 'filter.progressed':
        useFiltersStore().progressed(event.value)
        break
      case 'export.progressed':
        useExportsStore().progressed(event.value)
        break
      case 'experiment.progressed':
        useExperimentStore().progressed(event.value)
        break
      case 'frames.progressed':
        useFramesStore().progressed(event.value)
        break
      case 'replay.progressed':
        useReplaysStore().progressed(event.value)
        break
      case 'problem.arose':
        useProblemsStore().arose(event.value.id, event.value.fault)
        break
      default:
        missingCase(event)
    }
  }
  sockets.apply(changes)
  for (const id of appeared) usePanesStore().show(id)
  for (const { id, fault } of failed) {
    usePanesStore().show(id, false)
    toldInPane(fault)
  }
}
