import { fault, type Reply } from '../../shared/model/fault'
import { type SocketId } from '../../shared/model/ids'
import { type Mark, type MarkChange } from '../../shared/model/mark'
import { type MarkPayload, type Payload } from '../capture/payloads'
import { type Capture } from '../capture/types'

const MAX_MARKS = 10_000

export interface MarksOptions {
  readonly recording: Pick<Capture, 'mark' | 'size'>
  readonly onChanged: (id: SocketId) => void
}

/** The marks of a session: each is a block of the recording, and the last block of a row holds. */
export class Marks {
  readonly #options: MarksOptions
  readonly #all = new Map<SocketId, Map<number, Mark>>()
  /** Sockets of opened recordings, which nobody writes to. */
  readonly #fixed = new Set<SocketId>()
  #count = 0

  constructor(options: MarksOptions) {
    this.#options = options
  }

  /** In the order of their rows. */
  list(id: SocketId): readonly Mark[] {
    return [...(this.#all.get(id)?.values() ?? [])].sort((a, b) => a.row - b.row)
  }

  rows(id: SocketId): readonly number[] {
    return [...(this.#all.get(id)?.keys() ?? [])]
  }

  /** Marks a row, or changes its mark. Of the note and the colour each stays unless it is told: two who change one of them each do not undo the other. */
  set({ id, row, note, colour }: MarkChange): Reply<null> {
    if (this.#fixed.has(id)) return refuse('SB_STATE', 'An opened recording is only read: its marks stay.')
    if (row >= this.#options.recording.size(id).rows)
      return refuse('SB_INPUT', `${id} has no row ${row + 1} to mark.`)
    if (this.#count >= MAX_MARKS && this.#all.get(id)?.has(row) !== true)
      return refuse('SB_STATE', `There are ${MAX_MARKS} marks already.`)
    const before = this.#all.get(id)?.get(row)
    const mark: Mark = {
      id,
      row,
      note: note ?? before?.note ?? '',
      colour: colour ?? before?.colour ?? 'amber',
    }
    this.#options.recording.mark(payloadOf(mark))
    this.#put(mark)
    this.#options.onChanged(id)
    return { ok: true, value: null }
  }

  /** Takes a mark away, and answers with it. One that is not there is fine. */
  remove(id: SocketId, row: number): Reply<Mark | null> {
    if (this.#fixed.has(id)) return refuse('SB_STATE', 'An opened recording is only read: its marks stay.')
    const mark = this.#all.get(id)?.get(row)
    if (mark === undefined) return { ok: true, value: null }
    this.#options.recording.mark({ ...payloadOf(mark), removed: true })
    this.#drop(id, row)
    this.#options.onChanged(id)
    return { ok: true, value: mark }
  }

  /**
   * Takes over the marks of a recording.
   * @param names its ids to those of the session
   * @param areFixed nobody writes to it
   */
  adopt(payloads: readonly Payload[], names: ReadonlyMap<SocketId, SocketId>, areFixed: boolean): void {
    if (areFixed) for (const name of names.values()) this.#fixed.add(name)
    for (const mark of marksIn(payloads)) {
      const id = names.get(mark.id)
      if (id !== undefined && this.#count < MAX_MARKS) this.#put({ ...mark, id })
    }
  }

  #put(mark: Mark): void {
    const rows = this.#all.get(mark.id) ?? new Map<number, Mark>()
    this.#all.set(mark.id, rows)
    if (!rows.has(mark.row)) this.#count++
    rows.set(mark.row, mark)
  }

  #drop(id: SocketId, row: number): void {
    if (this.#all.get(id)?.delete(row) === true) this.#count--
  }
}

/** The marks that a recording's blocks come to: the last word for a row holds. */
export function marksIn(payloads: readonly Payload[]): readonly Mark[] {
  const found = new Map<string, Mark>()
  for (const payload of payloads) {
    if (payload.kind !== 'mark') continue
    const { socket: id, row, note, colour, removed } = payload
    if (removed === true) found.delete(`${id} ${row}`)
    else found.set(`${id} ${row}`, { id, row, note, colour })
  }
  return [...found.values()]
}

function payloadOf({ id, row, note, colour }: Mark): MarkPayload {
  return { v: 1, kind: 'mark', socket: id, row, note, colour }
}

function refuse(code: 'SB_STATE' | 'SB_INPUT', summary: string): Reply<never> {
  return { ok: false, fault: fault(code, summary) }
}
