import { app } from 'electron'

/** What a second start hands to the first. */
interface Handover {
  readonly words: readonly string[]
}

/**
 * One program for each profile: two would write to the same settings. Answers false in a second one, which hands its words over and is to end.
 * @param onSecond told in the first one, with the second's words
 */
export function setupSingleInstance(
  words: readonly string[],
  onSecond: (words: readonly string[]) => void,
): boolean {
  const handover: Handover = { words }
  if (!app.requestSingleInstanceLock(handover)) return false
  app.on('second-instance', (_event, _argv, _folder, data) => onSecond(wordsIn(data)))
  return true
}

function wordsIn(data: unknown): string[] {
  if (typeof data !== 'object' || data === null || !('words' in data) || !Array.isArray(data.words)) return []
  return data.words.filter((word) => typeof word === 'string')
}
