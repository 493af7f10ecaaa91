import { type Conversation } from './plan'

interface Overlapping {
  readonly conversation: Conversation
}

/**
 * Connections in the order in which they began, and which of them may begin now: one that began after others had ended
 * waits for their end, and one ends only when all that began before its end are open.
 */
export class Overlap<Each extends Overlapping> {
  /** In the order of their beginnings. */
  readonly #waiting: readonly Each[]
  /** In the order of their ends. */
  readonly #ends: readonly Each[]
  readonly #over = new Set<Each>()
  readonly #taken = new Set<Each>()
  /** They have begun, and so many of their sides are not open yet: in the order of their beginnings. */
  readonly #opening = new Map<Conversation, number>()
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

  /** @param sides how many are played of each connection */
  take(each: Each, sides: number): void {
    this.#taken.add(each)
    this.#opening.set(each.conversation, sides)
  }

  opened({ conversation }: Overlapping): void {
    const left = (this.#opening.get(conversation) ?? 0) - 1
    if (left > 0) this.#opening.set(conversation, left)
    else this.#opening.delete(conversation)
  }

  /** Whether all are open, or were, that began before a moment of the record. */
  mayEnd(atNanos: number): boolean {
    const next = this.first()
    if (next !== null && next.conversation.beganAtNanos < atNanos) return false
    const [earliest] = this.#opening.keys()
    return earliest === undefined || earliest.beganAtNanos >= atNanos
  }

  over(each: Each): void {
    this.#over.add(each)
    this.#opening.delete(each.conversation)
    while (this.#over.has(this.#ends[this.#overCount] as Each)) this.#overCount++
  }
}
