import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { type LessonCard } from '../../shared/model/lesson'
import { isFolder } from './naming'
import { readCard } from './readLesson'

/** Lessons that are listed of one folder, and entries of it that are looked at. */
const MAX_LESSONS = 200
const MAX_ENTRIES = 2000

/** The lessons in a folder, by the names of their folders. One that cannot be read is among them, with why. A folder that is not there has none. */
export async function listLessons(folder: string, isOwn: boolean): Promise<readonly LessonCard[]> {
  const cards: LessonCard[] = []
  for (const name of await lessonNames(folder)) cards.push(await readCard(join(folder, name), isOwn))
  return cards
}

/** The names of the folders in a folder, as many as are listed. */
export async function lessonNames(folder: string): Promise<readonly string[]> {
  const names: string[] = []
  try {
    let seen = 0
    for await (const entry of await opendir(folder)) {
      if (++seen > MAX_ENTRIES) break
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(join(folder, entry.name)))))
        names.push(entry.name)
    }
  } catch {
    // Not there, or not ours to read: then there are no lessons in it.
  }
  return names.sort().slice(0, MAX_LESSONS)
}
