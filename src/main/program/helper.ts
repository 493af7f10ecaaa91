/** A function that programs have where they need it. */
export interface Helper {
  /** Its lines, as `Page.block` takes them. */
  readonly text: string
  readonly imports?: readonly string[]
  /** Other helpers that it calls. */
  readonly needs?: readonly string[]
}
