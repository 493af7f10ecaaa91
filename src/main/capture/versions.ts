import { fault, FaultError } from '../../shared/model/fault'
import { migrate, type Versions, type Words } from '../../shared/model/migration'

/** The version of the session's words that this program writes. */
export const SESSION_VERSION = 2
/** The first Switchboard that reads it. */
export const NEEDS = '0.1.0'

/** What is on the disk stays as it is: a file is only appended to. */
export const sessionVersions: Versions = {
  key: 'v',
  present: SESSION_VERSION,
  steps: {
    // Since 2 a session says who can read it.
    1: (words) => ({ ...words, needs: '0.1.0' }),
  },
}

/** A session of a version that is not known here. */
export interface NewerSession {
  readonly kind: 'newer'
  readonly version: number
  readonly application: string
  /** The first Switchboard that reads it; empty if it does not say. */
  readonly needs: string
}

/** A session's words as the present version has them. Null for a version that there never was. */
export function migrated(words: Words): Words | NewerSession | null {
  const now = migrate(words, sessionVersions)
  if (now !== 'later') return now
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 100) : '')
  return {
    kind: 'newer',
    version: words['v'] as number,
    application: text(words['application']),
    needs: text(words['needs']),
  }
}

/** The word to the user. */
export function tooNew(file: string, { version, application, needs }: NewerSession): FaultError {
  const by = application === '' ? 'a later Switchboard' : application
  return new FaultError(
    fault(
      'SB_NEWER',
      `${file} was written by ${by}, in version ${version} of the format; this one reads up to ${SESSION_VERSION}.`,
      {
        endpoint: file,
        hint:
          needs === '' ? 'Open it with that version.' : `Open it with Switchboard ${needs} or a later one.`,
      },
    ),
  )
}
