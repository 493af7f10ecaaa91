import { type Conversation } from './plan'

interface Overlapping {
  readonly conversation: Conversation
}

/**
 * Connections in the order in which they began, and which of them may begin now: one that began after others had ended
 * waits for their end, those that overlapped do not wait for each other.
 */
export class Overlap<Each extends Overlapping> {
  /** In the order of their beginnings. */
  readonly #waiting: readonly Each[]
  /** In the order of their ends. */
  readonly #ends: readonly Each[]
  readonly #over = new Set<Each>()
  readonly #taken = new Set<Each>()
  #at = 0
  /** So many of those that end first are over. */
  #overCount = 0

  constructor(all: readonly Each[]) {
    this.#waiting = all.toSorted((a, b) => a.conversation.beganAtNanos - b.conversation.beganAtNanos)
    this.#ends = all.toSorted((a, b) => a.conversation.endedAtNanos - b.conversation.endedAtNanos)
  }

  /** The first that has not begun. */
  first(): Each | null {
    while (this.#taken.has(this.#waiting[this.#at] as Each)) this.#at++
    return this.#waiting[this.#at] ?? null
  }

  /** Whether all that had ended before it began are over. */
  mayBegin(each: Each): boolean {
    const before = this.#ends[this.#overCount]
    if (before === undefined || before === each) return true
    return before.conversation.endedAtNanos >= each.conversation.beganAtNanos
  }

  take(each: Each): void {
    this.#taken.add(each)
  }

  over(each: Each): void {
    this.#over.add(each)
    while (this.#over.has(this.#ends[this.#overCount] as Each)) this.#overCount++
  }
}
