import { type ServiceEvent } from '../../shared/contract/events'
import { type TapMessage } from '../../shared/contract/tap'
import { fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { openCapture } from '../capture/capture'
import { resumeCapture, type RecordedPast } from '../capture/resume'
import { type Capture } from '../capture/types'
import { monotonicClock } from '../engine/clock'
import { createEngine } from '../engine/engine'
import { type Engine } from '../engine/types'
import { whenRoom } from '../engine/whenRoom'
import { SessionRecord } from '../session/sessionRecord'
import { type Log, type Opening, type Service, type ServiceOptions, type Tap } from './api'
import { bugFault, dispatch } from './dispatch'
import { Arrangement } from './arrangement'
import { EarlierSockets } from './earlierSockets'
import { EventBatches } from './eventBatches'
import { Experiments } from './experiments'
import { Programs } from './programs'
import { Exports } from './exports'
import { FileSending } from './fileSending'
import { type FileSendingOptions } from './fileTransfer'
import { Filters } from './filters'
import { Grants } from './grants'
import { Framings } from './framings'
import { type HandlerContext } from './handlers/area'
import { Saves } from './saves'
import { Scans } from './scans'
import { KernelView } from './kernel/kernelView'
import { Ladders } from './ladder/ladders'
import { Lessons } from './lessons'
import { Marks } from './marks'
import { OpenedRecordings } from './openedRecordings'
import { Compares } from './compares'
import { Replays } from './replays'
import { Searches } from './searches'
import { Statistics } from './statistics'
import { Throughputs } from './throughputs'
import { Taps } from './taps'

/** The service under plain Node, where its parts are at hand too: the command line reads bytes straight from the engine. */
export interface LocalService extends Service {
  readonly engine: Engine
  readonly capture: Capture
}

const toStderr: Log = (text) => void process.stderr.write(`${text}\n`)

/**
 * Opens the capture and puts an engine and the handlers on it. Fails with the capture's fault when the file cannot be written.
 * @param log gets the stacks of defects; standard error if not given
 * @param opening of a recording that is gone on with: told how far the reading of it is, and may end it
 */
export async function createService(
  options: ServiceOptions,
  log: Log = toStderr,
  opening: Opening = {},
): Promise<Reply<LocalService>> {
  const opened = await openRecorder(options, opening)
  if (!opened.ok) return opened
  const { capture, past } = opened.value
  const engine = createEngine({ recorder: capture, watcher: options.watcher, caller: options.caller })
  const context = assemble(engine, capture, options, log)
  if (past !== null) {
    await context.earlier.read(past)
    context.arrangement.adopt(past.others)
  }
  const taps = new Taps(
    {
      size: (id) => context.capture.size(id),
      read: (id, from, to) =>
        context.capture
          .read(id, from, to)
          .catch((error: unknown) => ({ ok: false, fault: bugFault('tap', error, log) })),
    },
    (id, of) => context.events.problem(id, of),
  )
  let closing: Promise<void> | null = null

  return {
    ok: true,
    value: {
      engine,
      capture,
      call(name: string, input: unknown): Promise<Reply<unknown>> {
        if (closing !== null)
          return Promise.resolve({ ok: false, fault: fault('SB_CANCELLED', 'Switchboard is closing.') })
        return dispatch(name, input, context, log)
      },
      onEvents: (listener: (events: readonly ServiceEvent[]) => void) => context.events.listen(listener),
      openTap: (id: SocketId, from: number, deliver: (message: TapMessage) => void): Tap =>
        taps.open(id, from, deliver),
      grantFile: (path, grant) => context.grants.give(path, grant),
      grantTarget: (path, grant) => context.targets.give(path, grant),
      close() {
        closing ??= end(context, taps)
        return closing
      },
    },
  }
}

async function openRecorder(
  { file, application, mode }: ServiceOptions,
  opening: Opening,
): Promise<Reply<{ readonly capture: Capture; readonly past: RecordedPast | null }>> {
  if (mode === 'resume') return resumeCapture({ ...opening, file, application })
  const opened = await openCapture({ file, application, clock: monotonicClock() })
  return opened.ok ? { ok: true, value: { capture: opened.value, past: null } } : opened
}

/** Ties the engine's and the capture's notices to the event batches. */
function assemble(engine: Engine, recording: Capture, options: ServiceOptions, log: Log): HandlerContext {
  const capture = new SessionRecord(recording)
  const events = new EventBatches({
    takeMovedCounters: (each, most) => engine.takeMovedCounters(each, most),
    recordingStatus: () => recording.status(),
  })
  recording.onStatus(() => events.recordingMoved())
  recording.onFailed((of) => events.problem(null, of))
  const grants = new Grants()
  const sending: FileSendingOptions = {
    engine,
    whenRoom: () => whenRoom(recording),
    onProgress: (id, progress, of) => events.fileProgressed(id, progress, of),
    onBug: (error) => bugFault('file sending', error, log),
  }
  const files = new FileSending(sending, grants)
  const scans = new Scans({ entry: options.scanner, capture })
  const statistics = new Statistics({
    scans,
    capture,
    onProgress: (value) => events.progressed(`stats ${value.stats}`, { name: 'stats.progressed', value }),
  })
  const throughputs = new Throughputs(capture)
  const searches = new Searches({
    scans,
    capture,
    onProgress: (value) => events.progressed(`search ${value.search}`, { name: 'search.progressed', value }),
  })
  const marks = new Marks({
    recording,
    onChanged: (id) => events.progressed(`marks ${id}`, { name: 'marks.changed', value: { id } }),
  })
  const kernel = new KernelView({
    engine,
    recording,
    capture,
    onSampled: (value) => events.progressed(`kernel ${value.id}`, { name: 'kernel.sampled', value }),
    onSampling: (value) => events.progressed('kernel', { name: 'kernel.sampling', value }),
  })
  engine.onEvent((event) => {
    if (event.type === 'changed') {
      events.changed(event.socket)
      kernel.changed(event.socket)
    } else {
      events.forgotten(event.id)
      kernel.forgotten(event.id)
    }
  })
  const earlier = new EarlierSockets({ engine, recording, marks, events })
  const opened = new OpenedRecordings({
    engine,
    record: capture,
    grants,
    marks,
    events,
    application: options.application,
  })
  const filters = new Filters({
    scans,
    capture,
    markedRows: (id) => marks.rows(id),
    onProgress: (value) => events.progressed(`filter ${value.filter}`, { name: 'filter.progressed', value }),
  })
  const compares = new Compares({
    scans,
    capture,
    onProgress: (value) =>
      events.progressed(`compare ${value.compare}`, { name: 'compare.progressed', value }),
  })
  const targets = new Grants()
  const exports = new Exports({
    record: capture,
    application: options.application,
    targets,
    onProgress: (status) =>
      events.progressed(`export ${status.number}`, { name: 'export.progressed', value: status }),
    onBug: (error) => bugFault('export', error, log),
  })
  const saves = new Saves({
    recording,
    targets,
    onProgress: (value) => events.progressed('saving', { name: 'session.saving', value }),
    onBug: (error) => bugFault('saving', error, log),
  })
  const experiments = new Experiments({
    engine,
    capture: recording,
    whenRoom: () => whenRoom(recording),
    grants,
    onProgress: (value) =>
      events.progressed(`experiment ${value.experiment}`, { name: 'experiment.progressed', value }),
    onBug: (error) => bugFault('an experiment', error, log),
  })
  const lessons = new Lessons({ folders: options.lessons ?? {}, grants, experiments })
  const framings = new Framings({
    scans,
    capture,
    onProgress: (value) => events.progressed(`frames ${value.frames}`, { name: 'frames.progressed', value }),
  })
  const replays = new Replays({
    engine,
    recording,
    record: capture,
    onProgress: (value) => events.progressed(`replay ${value.replay}`, { name: 'replay.progressed', value }),
    onBug: (error) => bugFault('replay', error, log),
  })
  return {
    engine,
    recording,
    capture,
    earlier,
    opened,
    arrangement: new Arrangement(recording),
    grants,
    targets,
    files,
    saves,
    scans,
    statistics,
    throughputs,
    ladders: new Ladders(capture, { capture, pending: kernel.samples.pending }),
    searches,
    filters,
    compares,
    framings,
    marks,
    kernel,
    exports,
    replays,
    experiments,
    programs: new Programs({
      experiments,
      record: capture,
      onBug: (error) => bugFault('a program', error, log),
    }),
    lessons,
    events,
  }
}

/**
 * Sockets first, so that their last bytes and their ends are in the capture; then the capture; then the last events.
 * The engine bounds its own part: FIN, a short grace, RST.
 */
async function end(context: HandlerContext, taps: Taps): Promise<void> {
  const { engine, recording, opened, files, saves, scans, exports, replays, experiments, kernel, events } =
    context
  await replays.close()
  await scans.close()
  await exports.close()
  await saves.cancel()
  await opened.close()
  await files.close()
  await experiments.closeAll()
  await engine.dispose()
  kernel.close()
  taps.close()
  await recording.close()
  events.close()
}
