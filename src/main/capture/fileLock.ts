import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fault, FaultError, type Fault } from '../../shared/model/fault'
import { hasCode } from './dataFile'

/** A lock that is younger may still be without its words. */
const SETTLED_MS = 2000
const MAX_LOCK_BYTES = 4096
const ATTEMPTS = 3
/** Field 22 of /proc/PID/stat (proc(5)), counted behind the name, which may hold anything. */
const START_TIME_FIELD = 19

/** Who records into a file, as the lock beside it says. */
interface Holder {
  readonly pid: number
  /** When the process began, in the kernel's ticks; empty where the system does not tell. Numbers of processes come again. */
  readonly began: string
  readonly host: string
  readonly sinceMs: number
  readonly application: string
  /** Tells this lock from all others. */
  readonly token: string
}

/**
 * `FILE.lock`, beside a recording for as long as somebody records into it. It is kept open meanwhile: so that of a thread that
 * died within a process that lives, Linux can tell.
 */
export class FileLock {
  readonly #path: string
  readonly #token: string
  #descriptor: number | null

  private constructor(lock: string, token: string, descriptor: number) {
    this.#path = lock
    this.#token = token
    this.#descriptor = descriptor
  }

  /**
   * Takes it, also from a process that is gone. Throws a FaultError (SB_BUSY) that names who has it, or Node's error.
   * @param application what to say of us: "Switchboard 0.1.0"
   */
  static take(file: string, application: string): FileLock {
    const lock = lockOf(file)
    const token = randomUUID()
    const holder: Holder = {
      pid: process.pid,
      began: beganAt(process.pid) ?? '',
      host: os.hostname(),
      sinceMs: Date.now(),
      application: application.slice(0, 200),
      token,
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        const descriptor = fs.openSync(lock, 'wx', 0o600)
        writeHolder(descriptor, holder)
        return new FileLock(lock, token, descriptor)
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error
      }
      const found = readLock(lock)
      if (found === null) continue
      if (isHeld(lock, found)) throw new FaultError(busy(file, found.holder))
      putAway(lock, found)
    }
    throw new FaultError(busy(file, readLock(lock)?.holder ?? null))
  }

  /** Gives it back. Once is enough, twice is fine. */
  release(): void {
    if (this.#descriptor === null) return
    fs.closeSync(this.#descriptor)
    this.#descriptor = null
    try {
      if (readLock(this.#path)?.holder?.token === this.#token) fs.rmSync(this.#path, { force: true })
    } catch {
      // The folder went away, or may not be written any more: nobody holds the lock, and whoever looks sees that.
    }
  }
}

/** How it stands with a file: nobody has a lock, somebody who lives has it, or somebody who is gone left it behind. */
export function lockState(file: string): 'free' | 'held' | 'stale' {
  const lock = lockOf(file)
  const found = readLock(lock)
  return found === null ? 'free' : isHeld(lock, found) ? 'held' : 'stale'
}

/** The same for all names of a file. */
function lockOf(file: string): string {
  const resolved = path.resolve(file)
  try {
    return `${fs.realpathSync(resolved)}.lock`
  } catch {
    // Not there yet: its folder is.
    return `${path.join(fs.realpathSync(path.dirname(resolved)), path.basename(resolved))}.lock`
  }
}

interface FoundLock {
  readonly ageMs: number
  readonly text: string
  /** Null where it says nothing that makes sense. */
  readonly holder: Holder | null
}

function readLock(lock: string): FoundLock | null {
  try {
    const { size, mtimeMs } = fs.statSync(lock)
    const text = size > MAX_LOCK_BYTES ? '' : fs.readFileSync(lock, 'utf8')
    return { ageMs: Date.now() - mtimeMs, text, holder: holderIn(text) }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

function holderIn(text: string): Holder | null {
  try {
    const found = JSON.parse(text) as Partial<Record<keyof Holder, unknown>> | null
    const { pid, began, host, sinceMs, application, token } = found ?? {}
    const isWhole =
      Number.isSafeInteger(pid) &&
      (pid as number) > 0 &&
      Number.isFinite(sinceMs) &&
      [began, host, application, token].every((each) => typeof each === 'string')
    return isWhole ? (found as unknown as Holder) : null
  } catch {
    // Written just now, or by somebody else.
    return null
  }
}

/** A full disk leaves a lock without words, which holds for a moment only. The recording itself will say what is the matter. */
function writeHolder(descriptor: number, holder: Holder): void {
  try {
    fs.writeSync(descriptor, JSON.stringify(holder))
  } catch (error) {
    if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) throw error
  }
}

function isHeld(lock: string, { holder, ageMs }: FoundLock): boolean {
  if (holder === null) return ageMs < SETTLED_MS
  // Of another machine's processes nothing is known here.
  if (holder.host !== os.hostname()) return true
  if (!isAlive(holder.pid)) return false
  const began = beganAt(holder.pid)
  if (began !== null && holder.began !== '' && began !== holder.began) return false
  return hasOpen(holder.pid, lock)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}

/** Null where the system does not tell. */
function beganAt(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD] ?? null
  } catch {
    return null
  }
}

/** Where the system does not tell, it is believed. */
function hasOpen(pid: number, file: string): boolean {
  const folder = `/proc/${pid}/fd`
  let names: string[]
  try {
    names = fs.readdirSync(folder)
  } catch {
    return true
  }
  return names.some((name) => {
    try {
      return fs.readlinkSync(`${folder}/${name}`) === file
    } catch {
      // Closed in between.
      return false
    }
  })
}

/** Of several that find a stale lock, one moves it away; whoever moved a new one by that puts it back. */
function putAway(lock: string, stale: FoundLock): void {
  const aside = `${lock}.${randomUUID().slice(0, 8)}`
  try {
    fs.renameSync(lock, aside)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw error
  }
  try {
    if (readLock(aside)?.text !== stale.text) fs.linkSync(aside, lock)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    fs.rmSync(aside, { force: true })
  }
}

function busy(file: string, holder: Holder | null): Fault {
  const name = path.basename(file)
  const who =
    holder === null
      ? 'another program'
      : holder.pid === process.pid
        ? 'another window of this program'
        : `process ${holder.pid}${holder.host === os.hostname() ? '' : ` on ${holder.host}`} (${holder.application})`
  const since = holder === null ? '' : ` since ${new Date(holder.sinceMs).toISOString().slice(0, 19)}Z`
  return fault('SB_BUSY', `${name} is being recorded by ${who}${since}.`, {
    endpoint: file,
    hint: 'Go on there, or end it there first. A copy of it can be recorded here.',
  })
}
