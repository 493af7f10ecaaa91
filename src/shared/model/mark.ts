import { type SocketId } from './ids'

export const markColours = ['amber', 'green', 'blue', 'red'] as const
export type MarkColour = (typeof markColours)[number]

/** The most that a note holds, in characters. */
export const MAX_NOTE_LENGTH = 1024

/** What is said of a row's mark: what is left out stays as it is. */
export interface MarkChange {
  readonly id: SocketId
  readonly row: number
  readonly note?: string | undefined
  readonly colour?: MarkColour | undefined
}

/** A row that somebody wants to find again, and why. */
export interface Mark {
  readonly id: SocketId
  readonly row: number
  /** May be empty. */
  readonly note: string
  readonly colour: MarkColour
}
