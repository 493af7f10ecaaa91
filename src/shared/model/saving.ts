import { type Fault } from './fault'

/** How far the saving of a session is. */
export interface SavingStatus {
  readonly copiedBytes: number
  /** It grows while the recording goes on. */
  readonly totalBytes: number
  /** It has come to an end, whichever. */
  readonly isDone: boolean
  /** Why it was not saved. */
  readonly fault?: Fault | undefined
}
