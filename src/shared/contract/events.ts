import { type ConnectionId, type SocketId } from '../model/ids'
import { type ExportStatus } from '../model/export'
import { type RunStatus } from '../model/experiment'
import { type Fault } from '../model/fault'
import { type KernelLatest, type KernelSampling } from '../model/kernel'
import { type FilterStatus } from '../model/filter'
import { type OpenedRecording, type OpeningStatus } from '../model/opened'
import { type FramesStatus } from '../model/frame'
import { type CompareStatus } from '../model/compare'
import { type SavingStatus } from '../model/saving'
import { type ReplayStatus } from '../model/replay'
import { type SearchStatus } from '../model/search'
import { type StatsStatus } from '../model/stats'
import { type Counters, type FileProgress, type RecordingStatus, type SocketSummary } from '../model/summary'

/**
 * Small past-tense facts, safe to miss (`socket.list` tells all again), never bytes.
 * They travel in batches of at most one every 16 ms; within a batch a socket's later summary replaces its earlier one.
 */
export interface EventTable {
  /** A socket appeared or changed. */
  'socket.changed': SocketSummary
  /** At most ten times a second: every socket whose counters moved. */
  'counters.ticked': ReadonlyArray<readonly [SocketId, Counters]>
  'socket.forgotten': { readonly id: SocketId }
  'file.progressed': {
    readonly id: ConnectionId
    readonly progress: FileProgress
    readonly fault?: Fault | undefined
  }
  'recording.changed': RecordingStatus
  'stats.progressed': StatsStatus
  'search.progressed': SearchStatus
  'compare.progressed': CompareStatus
  'session.opening': OpeningStatus
  'session.opened': OpenedRecording
  'session.closed': { readonly opened: number }
  'session.saving': SavingStatus
  /** The user named an experiment outside of the page, which may open it by this grant. */
  'experiment.named': { readonly grant: string }
  /** The user named a lesson (its `lesson.md`, or its folder) outside of the page, which may open it by this grant. */
  'lesson.named': { readonly grant: string }
  /** Another window has written what is remembered between starts: JSON. */
  'settings.changed': { readonly key: string; readonly json: string }
  'filter.progressed': FilterStatus
  'export.progressed': ExportStatus
  'experiment.progressed': RunStatus
  'frames.progressed': FramesStatus
  'replay.progressed': ReplayStatus
  /** The kernel was asked about a socket that is looked at; only the last sample of a frame is told. */
  'kernel.sampled': KernelLatest
  'kernel.sampling': KernelSampling
  'marks.changed': { readonly id: SocketId }
  /** A failure that belongs to no single answer; `id` where it belongs to a socket. */
  'problem.arose': { readonly id: SocketId | null; readonly fault: Fault }
}

export type EventName = keyof EventTable
export type ServiceEvent = {
  [Name in EventName]: { readonly name: Name; readonly value: EventTable[Name] }
}[EventName]
