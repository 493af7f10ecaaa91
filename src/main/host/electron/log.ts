import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'

const MAX_BYTES = 1024 * 1024

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Ids, counts and reasons; never what a socket carried. */
export interface Log {
  info(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  readonly file: string
}

/**
 * A log file that is turned over at 1 MB: `main.log`, and the one before it as `main.old.log`.
 * Written at once and in full, for what is lost at a crash is what one wants to read; there are a few lines a session.
 */
export function openLog(folder: string): Log {
  const file = path.join(folder, 'main.log')
  let bytes = 0
  let isUsable = true
  try {
    mkdirSync(folder, { recursive: true })
    bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  } catch (error) {
    giveUp(error)
  }

  function giveUp(error: unknown): void {
    isUsable = false
    process.stderr.write(`switchboard: no log is kept: ${String(error)}\n`)
  }

  function write(level: string, message: string, fields: LogFields = {}): void {
    if (!isUsable) return
    const line = `${new Date().toISOString()} ${level} ${message} ${JSON.stringify(fields)}\n`
    try {
      if (bytes + line.length > MAX_BYTES) {
        renameSync(file, path.join(folder, 'main.old.log'))
        bytes = 0
      }
      appendFileSync(file, line)
      bytes += Buffer.byteLength(line)
    } catch (error) {
      giveUp(error)
    }
  }

  return {
    file,
    info: (message, fields) => write('info', message, fields),
    error: (message, fields) => write('error', message, fields),
  }
}
