export const referenceKinds = ['call', 'option', 'flag', 'state', 'error', 'number', 'word'] as const
export type ReferenceKind = (typeof referenceKinds)[number]

/** One page of the reference, in words of our own. */
export interface ReferencePage {
  /** As it stands in the app: `accept`, `SO_REUSEADDR`, `TIME_WAIT`, `ECONNREFUSED`. */
  readonly word: string
  readonly kind: ReferenceKind
  /** Other ways in which it is written: `EWOULDBLOCK`. */
  readonly also?: readonly string[]
  /** What it does, or what it means: the first sentence stands for the page where there is little room. */
  readonly does: string
  /** When it blocks. Of calls alone. */
  readonly blocks?: string
  /** What it returns, or of options what is read back. */
  readonly returns?: string
  /** What to do about it. Of errors. */
  readonly then?: string
  /** Errnos that a call fails with, each with when. */
  readonly fails?: readonly (readonly [error: string, when: string])[]
  /** Pages of the manual: `accept(2)`. */
  readonly man: readonly string[]
  /** Sections of RFCs: `RFC 9293, 3.10.7`. */
  readonly rfc: readonly string[]
  /** Lessons that show it, by their folders. */
  readonly lessons: readonly string[]
  readonly related: readonly string[]
}
