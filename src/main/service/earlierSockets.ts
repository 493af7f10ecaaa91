import { compareIds, type SocketId } from '../../shared/model/ids'
import { type RecordedPast } from '../capture/resume'
import { type Capture } from '../capture/types'
import { type Engine } from '../engine/types'
import { recordedSockets, type RecordedSocket } from '../session/summaries'
import { type EventBatches } from './eventBatches'
import { type Marks } from './marks'

export interface EarlierOptions {
  readonly engine: Pick<Engine, 'adopt'>
  readonly recording: Capture
  readonly marks: Marks
  readonly events: EventBatches
}

/** The sockets of a recording that is gone on with: they have ended, and stand in the list under the ids they had. */
export class EarlierSockets {
  readonly #options: EarlierOptions
  #sockets = new Map<SocketId, RecordedSocket>()

  constructor(options: EarlierOptions) {
    this.#options = options
  }

  /** Reads how they were. Before this nobody else may have been given an id. */
  async read({ chunks, ids, others }: RecordedPast): Promise<void> {
    const { engine, recording, marks } = this.#options
    const names = new Map<SocketId, SocketId>()
    for (const id of ids.toSorted(compareIds)) names.set(id, engine.adopt(id))
    const source = {
      chunks,
      about: (id: SocketId) => recording.about(id),
      size: (id: SocketId) => recording.size(id),
      read: (id: SocketId, from: number, to: number) => recording.read(id, from, to),
      sampleBlocks: (id: SocketId) => recording.sampleBlocks(id),
      readSamples: (id: SocketId, from: number, to: number) => recording.readSamples(id, from, to),
    }
    this.#sockets = await recordedSockets(source, names)
    marks.adopt(others, names, false)
  }

  all(): readonly RecordedSocket[] {
    return [...this.#sockets.values()]
  }

  has(id: SocketId): boolean {
    return this.#sockets.has(id)
  }

  /** Takes one off the list. Its record stays. */
  forget(id: SocketId): void {
    if (this.#sockets.delete(id)) this.#options.events.forgotten(id)
  }
}
