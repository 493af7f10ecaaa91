export const referenceKinds = ['call', 'option', 'flag', 'state', 'error', 'number', 'word'] as const
export type ReferenceKind = (typeof referenceKinds)[number]

/** One page of the reference, in words of our own. Where a `word` of another page stands in a text, it leads there. */
export interface ReferencePage {
  /** As it stands in the app: `accept`, `SO_REUSEADDR`, `TIME_WAIT`, `ECONNREFUSED`. */
  readonly word: string
  readonly kind: ReferenceKind
  /** Other ways in which it is written: `EWOULDBLOCK`. */
  readonly also: readonly string[]
  /** What it does, or what it means: the first sentence stands for the page where there is little room. */
  readonly does: string
  /** When it blocks. Of calls alone. */
  readonly blocks?: string
  /** What it returns, or of options what is read back. */
  readonly returns?: string
  /** What to do about it, or what to make of it. */
  readonly then?: string
  /** Errnos that a call fails with, each with when. */
  readonly fails: readonly ReferenceFailure[]
  /** In a word or two each: `set: before bind`, `number: 98`. */
  readonly facts: readonly ReferenceFact[]
  /** Pages of the manual: `accept(2)`. */
  readonly man: readonly string[]
  /** RFCs, with a section where one tells it: `RFC 9293, 3.10.7`. */
  readonly rfc: readonly string[]
  /** Lessons that show it, by their folders. */
  readonly lessons: readonly string[]
  /** Words of other pages. */
  readonly related: readonly string[]
}

export type ReferenceFailure = readonly [error: string, when: string]
export type ReferenceFact = readonly [name: string, value: string]
