import { existsSync } from 'node:fs'
import path from 'node:path'
import { fault, type Reply } from '../../shared/model/fault'
import { compareIds, type SocketId } from '../../shared/model/ids'
import { type OpenedRecording, type OpeningStatus } from '../../shared/model/opened'
import { importCapture } from '../capture/import/importCapture'
import { openRecording, type OpenedCapture } from '../capture/index/opened'
import { isSameFile } from '../capture/saving/savedFile'
import { type Engine } from '../engine/types'
import { type SessionRecord } from '../session/sessionRecord'
import { recordedSockets, type RecordedSocket } from '../session/summaries'
import { type EventBatches } from './eventBatches'
import { type Grants } from './grants'
import { type Marks } from './marks'

/** Descriptors, and patience. */
const MAX_OPENED = 32

export interface OpenedRecordingsOptions {
  readonly engine: Pick<Engine, 'adopt'>
  readonly record: SessionRecord
  readonly grants: Grants
  readonly marks: Marks
  readonly events: EventBatches
  /** Written into the header of what is imported. */
  readonly application: string
}

interface Opened {
  readonly told: OpenedRecording
  readonly capture: OpenedCapture
  readonly sockets: Map<SocketId, RecordedSocket>
}

/** Recordings that are looked at in this session. Their sockets have ended, and stand in the list like others that have. */
export class OpenedRecordings {
  readonly #options: OpenedRecordingsOptions
  readonly #opened = new Map<number, Opened>()
  readonly #openings = new Map<number, AbortController>()
  #last = 0

  constructor(options: OpenedRecordingsOptions) {
    this.#options = options
  }

  /** Opens the file that was picked. How far it is, is told by events; the fault tells why it cannot be read. */
  async open(grant: string): Promise<Reply<OpenedRecording>> {
    const file = this.#options.grants.pathOf(grant)
    if (file === undefined) {
      return refuse('SB_INPUT', 'This file was not picked, or has been opened already.', 'Pick it again.')
    }
    this.#options.grants.use(grant)
    if (this.#opened.size + this.#openings.size >= MAX_OPENED) {
      return refuse(
        'SB_STATE',
        `${MAX_OPENED} recordings are open already.`,
        'Clear some from the list first.',
      )
    }
    if (isSameFile(file, this.#options.record.file)) {
      return refuse(
        'SB_STATE',
        `${path.basename(file)} is the recording that goes on here.`,
        'It is shown already.',
      )
    }
    const opening = ++this.#last
    const abort = new AbortController()
    this.#openings.set(opening, abort)
    const status = {
      opening,
      name: path.basename(file),
      phase: 'reading',
      doneBytes: 0,
      totalBytes: 0,
      isDone: false,
    }
    let latest = status as OpeningStatus
    const tell = (of: Partial<OpeningStatus>): void => {
      latest = { ...latest, ...of }
      this.#options.events.progressed(`opening ${opening}`, { name: 'session.opening', value: latest })
    }
    try {
      const open = (what: string): Promise<Reply<OpenedCapture>> =>
        openRecording(what, {
          signal: abort.signal,
          onProgress: (doneBytes, totalBytes) => tell({ phase: 'reading', doneBytes, totalBytes }),
        })
      const capture = await open(file)
      if (capture.ok) return { ok: true, value: await this.#add(opening, capture.value, []) }
      if (capture.fault.code !== 'SB_FOREIGN') return capture
      const output = this.#newFile(file)
      const imported = await importCapture(file, output, {
        application: this.#options.application,
        signal: abort.signal,
        onProgress: ({ readBytes, fileBytes }) =>
          tell({ phase: 'importing', doneBytes: readBytes, totalBytes: fileBytes }),
      })
      if (!imported.ok) return imported
      const recording = await open(output)
      if (!recording.ok) return recording
      return { ok: true, value: await this.#add(opening, recording.value, imported.value.warnings) }
    } finally {
      this.#openings.delete(opening)
      tell({ isDone: true })
    }
  }

  /** Stops what is being opened; the call that began it then answers SB_CANCELLED. One that is open already stays. */
  cancel(opening: number): Reply<null> {
    this.#openings.get(opening)?.abort()
    return { ok: true, value: null }
  }

  list(): readonly OpenedRecording[] {
    return [...this.#opened.values()].map(({ told }) => told)
  }

  /** Every socket of opened recordings that has not been taken off the list. */
  sockets(): readonly RecordedSocket[] {
    return [...this.#opened.values()].flatMap(({ sockets }) => [...sockets.values()])
  }

  has(id: SocketId): boolean {
    return [...this.#opened.values()].some(({ sockets }) => sockets.has(id))
  }

  /** Takes a socket off the list. With its last one a recording is closed. */
  async forget(id: SocketId): Promise<void> {
    for (const opened of this.#opened.values()) {
      if (!opened.sockets.delete(id)) continue
      this.#options.events.forgotten(id)
      if (opened.sockets.size === 0) await this.#close(opened)
      return
    }
  }

  async close(): Promise<void> {
    for (const abort of this.#openings.values()) abort.abort()
    await Promise.all([...this.#opened.values()].map((opened) => this.#close(opened)))
  }

  /** Where an import goes: beside the recordings, under its own name. */
  #newFile(file: string): string {
    const folder = path.dirname(this.#options.record.file)
    const name = path.basename(file).replace(/(\.(pcapng|pcap|cap|ntar|gz))+$/i, '')
    for (let count = 1; ; count++) {
      const output = path.join(folder, count === 1 ? `${name}.swb` : `${name}-${count}.swb`)
      if (!existsSync(output)) return output
    }
  }

  async #add(opened: number, capture: OpenedCapture, warnings: readonly string[]): Promise<OpenedRecording> {
    const { engine, record, marks, events } = this.#options
    const names = new Map<SocketId, SocketId>()
    for (const id of capture.ids().toSorted(compareIds)) names.set(id, engine.adopt(id))
    const sockets = await recordedSockets(capture, names)
    record.add(capture, names)
    marks.adopt(await capture.others(), names, true)
    const told: OpenedRecording = {
      opened,
      file: capture.file,
      beganAtMs: Number(capture.epochNanos / 1_000_000n),
      ids: [...sockets.keys()],
      warnings: [...warnings, ...capture.warnings],
    }
    this.#opened.set(opened, { told, capture, sockets })
    events.progressed(`opened ${opened}`, { name: 'session.opened', value: told })
    for (const [id, { summary }] of sockets) events.changed({ id, summary: () => summary })
    events.counted([...sockets].map(([id, { counters }]) => [id, counters] as const))
    return told
  }

  async #close({ told, capture }: Opened): Promise<void> {
    this.#opened.delete(told.opened)
    this.#options.record.remove(capture)
    await capture.close()
    this.#options.events.progressed(`opened ${told.opened}`, {
      name: 'session.closed',
      value: { opened: told.opened },
    })
  }
}

function refuse(code: 'SB_INPUT' | 'SB_STATE', summary: string, hint: string): Reply<never> {
  return { ok: false, fault: fault(code, summary, { hint }) }
}
