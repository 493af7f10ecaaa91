import { existsSync } from 'node:fs'
import { app } from 'electron'
import { z } from 'zod'
import { type Settings } from './settings'

const KEY = 'host.recent'
const MOST = 12

const stored = z.array(z.string().max(4096)).max(100)

/** Files that were opened or saved, the latest first. Remembered between starts. */
export class RecentFiles {
  readonly #settings: Settings
  readonly #listeners = new Set<() => void>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Those that are still there. */
  list(): readonly string[] {
    return this.#all().filter((file) => existsSync(file))
  }

  add(file: string): void {
    const others = this.#all().filter((each) => each !== file)
    this.#keep([file, ...others].slice(0, MOST))
    app.addRecentDocument(file)
  }

  clear(): void {
    this.#keep([])
    app.clearRecentDocuments()
  }

  onChanged(listener: () => void): void {
    this.#listeners.add(listener)
  }

  #keep(files: readonly string[]): void {
    this.#settings.write(KEY, JSON.stringify(files))
    for (const listener of this.#listeners) listener()
  }

  #all(): readonly string[] {
    try {
      const parsed = stored.safeParse(JSON.parse(this.#settings.read(KEY) ?? '[]'))
      return parsed.success ? parsed.data : []
    } catch {
      // Somebody else has written there: it is only a convenience.
      return []
    }
  }
}
