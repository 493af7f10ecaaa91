import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { type Log } from './log'

/** More than the window ever uses; a page that writes ever new keys must not fill the disk. */
const MAX_KEYS = 200

/** Pairs and no object: a key may have any name, `__proto__` included. */
const stored = z.strictObject({ version: z.literal(1), values: z.array(z.tuple([z.string(), z.string()])) })

/** Small things remembered between starts. Values are JSON text, by key. */
export interface Settings {
  read(key: string): string | null
  /** False when there are too many keys already. */
  write(key: string, json: string): boolean
  remove(key: string): void
  /** Resolves when what was written so far is in the file. */
  flush(): Promise<void>
}

/**
 * One JSON file, read once and kept in memory. Each save is a whole new file beside it, renamed over it: a crash leaves the
 * old one or the new one. A file that cannot be understood is set aside as `settings.corrupt-….json` and defaults are used.
 */
export async function openSettings(file: string, log: Log): Promise<Settings> {
  const values = await load(file, log)
  let isDirty = false
  let saving: Promise<void> | null = null

  async function save(): Promise<void> {
    while (isDirty) {
      isDirty = false
      const text = JSON.stringify({ version: 1, values: [...values] })
      const beside = `${file}.new`
      try {
        await mkdir(path.dirname(file), { recursive: true })
        await writeFile(beside, text, { mode: 0o600 })
        await rename(beside, file)
      } catch (error) {
        log.error('the settings could not be saved', { error: String(error) })
      }
    }
    saving = null
  }

  function changed(): void {
    isDirty = true
    saving ??= save()
  }

  return {
    read: (key) => values.get(key) ?? null,
    write(key, json) {
      if (!values.has(key) && values.size >= MAX_KEYS) return false
      values.set(key, json)
      changed()
      return true
    },
    remove(key) {
      if (values.delete(key)) changed()
    },
    flush: async () => saving ?? undefined,
  }
}

async function load(file: string, log: Log): Promise<Map<string, string>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.error('the settings could not be read', { error: String(error) })
    return new Map()
  }
  try {
    return new Map(stored.parse(JSON.parse(text)).values)
  } catch {
    const aside = path.join(path.dirname(file), `settings.corrupt-${Date.now()}.json`)
    await rename(file, aside).catch((error: unknown) =>
      log.error('the file could not be set aside', { error: String(error) }),
    )
    log.error('the settings could not be understood; they were set aside, and defaults are used', { aside })
    return new Map()
  }
}
