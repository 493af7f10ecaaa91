import { randomUUID } from 'node:crypto'
import { fault, type Reply } from '../../shared/model/fault'
import { isJson, type Payload } from '../capture/payloads'
import { type Capture } from '../capture/types'

/** How the window of a session is arranged: each change is a block of the recording, and the last one holds. */
export class Arrangement {
  /** Names this run of the session: what a window says of another one, whose place it took, is not kept. */
  readonly run = randomUUID()
  readonly #recording: Pick<Capture, 'arrange'>
  #last: string | null = null

  constructor(recording: Pick<Capture, 'arrange'>) {
    this.#recording = recording
  }

  /** Null where nothing was ever said of it. */
  get last(): string | null {
    return this.#last
  }

  /** Takes over what a recording that is gone on with says. */
  adopt(payloads: readonly Payload[]): void {
    for (const payload of payloads) if (payload.kind === 'arrangement') this.#last = payload.arrangement
  }

  /** What is the same as before is not written again. */
  set(arrangement: string, run: string): Reply<null> {
    if (run !== this.run)
      return { ok: false, fault: fault('SB_CANCELLED', 'Another session has taken its place.') }
    if (!isJson(arrangement)) return { ok: false, fault: fault('SB_INPUT', 'The arrangement is not JSON.') }
    if (arrangement !== this.#last) this.#recording.arrange(arrangement)
    this.#last = arrangement
    return { ok: true, value: null }
  }
}
