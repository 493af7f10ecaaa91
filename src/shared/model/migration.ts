export type Words = Readonly<Record<string, unknown>>

/** What is kept in files, in a form that has versions. */
export interface Versions {
  /** The word that tells the version. */
  readonly key: string
  /** The version that this program writes. */
  readonly present: number
  /** From each version before it to the next one. */
  readonly steps: Readonly<Record<number, (words: Words) => Words>>
}

/**
 * What was kept, as the present version has it: step by step from its own. `later` for a version to come, null for one that there
 * never was.
 */
export function migrate(words: Words, { key, present, steps }: Versions): Words | 'later' | null {
  const version = words[key]
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) return null
  if (version > present) return 'later'
  let now = words
  for (let at = version; at < present; at++) {
    const step = steps[at]
    if (step === undefined) return null
    now = { ...step(now), [key]: at + 1 }
  }
  return now
}
