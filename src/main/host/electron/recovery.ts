import { shell } from 'electron'
import { fault, type Reply } from '../../../shared/model/fault'
import { type LeftRecording } from '../../../shared/model/leftRecording'
import { unfinishedRecording, unfinishedRecordings, type UnfinishedRecording } from '../../capture/recovery'
import { type RecentFiles } from './recent'

/** Recordings that a killed program left: offered once in each start, to the first window that asks. */
export class Recovery {
  readonly #folder: string
  readonly #recent: RecentFiles
  #offered: ReadonlySet<string> | null = null

  /** @param folder where recordings without a name are */
  constructor(folder: string, recent: RecentFiles) {
    this.#folder = folder
    this.#recent = recent
  }

  /** Those in which there is something; nothing at the second time. */
  async offer(): Promise<readonly LeftRecording[]> {
    if (this.#offered !== null) return []
    this.#offered = new Set()
    const named: UnfinishedRecording[] = []
    for (const file of this.#recent.list()) {
      // One that cannot be looked at is none that could be gone on with.
      const left = await unfinishedRecording(file).catch(() => null)
      if (left !== null) named.push(left)
    }
    const unnamed = await unfinishedRecordings(this.#folder)
    const found = new Map([...named, ...unnamed].map((each) => [each.file, each]))
    const told = [...found.values()].filter(({ sockets }) => sockets > 0)
    this.#offered = new Set(told.map(({ file }) => file))
    return told
  }

  /** Whether the page may name this file: it was offered. */
  isOffered(file: string): boolean {
    return this.#offered?.has(file) === true
  }

  /** Moves one to the system's trash, its index with it. */
  async discard(file: string): Promise<Reply<null>> {
    try {
      await shell.trashItem(file)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return {
        ok: false,
        fault: fault('SB_CAPTURE', `${file} cannot be moved to the trash: ${why}`, {
          endpoint: file,
          hint: 'It stays where it is.',
        }),
      }
    }
    // Without its recording it means nothing, and is made anew.
    await shell.trashItem(`${file}.idx`).catch(() => undefined)
    return { ok: true, value: null }
  }
}
