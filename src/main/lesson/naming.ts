import { stat } from 'node:fs/promises'

/** Whether there is a folder. What keeps it from being looked at is told by whoever opens it. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  return found?.isDirectory() === true
}

/** Whether what the user named can only be meant as a lesson: a folder, or a text in Markdown. */
export async function namesLesson(path: string): Promise<boolean> {
  return /\.(md|markdown)$/i.test(path) || (await isFolder(path))
}
