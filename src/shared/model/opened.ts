import { type SocketId } from './ids'

/** A recording that was opened in a session, to be read beside what goes on there. */
export interface OpenedRecording {
  /** Names it as long as it is open. */
  readonly opened: number
  readonly file: string
  /** When it began, in ms since 1970 (UTC): what its rows' `atNanos` count from. */
  readonly beganAtMs: number
  /** Its sockets, by the ids that they have in this session. */
  readonly ids: readonly SocketId[]
  /** What could not be read of it. */
  readonly warnings: readonly string[]
}

/** How far the opening of a file is. */
export interface OpeningStatus {
  readonly opening: number
  readonly name: string
  readonly phase: 'reading' | 'importing'
  readonly doneBytes: number
  readonly totalBytes: number
  /** It has come to an end, whichever. */
  readonly isDone: boolean
}
