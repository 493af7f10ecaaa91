import { type SocketId } from './ids'

export const markColours = ['amber', 'green', 'blue', 'red'] as const
export type MarkColour = (typeof markColours)[number]

/** The most that a note holds, in characters. */
export const MAX_NOTE_LENGTH = 1024

/** A row that somebody wants to find again, and why. */
export interface Mark {
  readonly id: SocketId
  readonly row: number
  /** May be empty. */
  readonly note: string
  readonly colour: MarkColour
}
