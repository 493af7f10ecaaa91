import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'

const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-03-01T14-05-09`, local time: what a person looks for in a folder; no colons, which Windows forbids. */
export function recordingName(at: Date): string {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`
}

/** Paths that were given away; their files may not be there yet. */
const given = new Set<string>()

/** A path in the folder that no recording has yet, nor another window was given. The folder is made if it is not there. */
export async function newRecording(folder: string, at: Date): Promise<string> {
  await mkdir(folder, { recursive: true })
  const name = recordingName(at)
  for (let count = 1; ; count++) {
    const file = path.join(folder, count === 1 ? `${name}.swb` : `${name}-${count}.swb`)
    if (given.has(file) || existsSync(file)) continue
    given.add(file)
    return file
  }
}

/** Removes a recording in which no socket was ever opened, with its index: it says nothing. */
export async function removeRecording(file: string): Promise<void> {
  await rm(file, { force: true })
  await rm(`${file}.idx`, { force: true })
}
