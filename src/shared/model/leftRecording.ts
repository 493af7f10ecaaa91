/** A recording whose program ended without closing it. All that had been reported as written is there. */
export interface LeftRecording {
  readonly file: string
  readonly bytes: number
  /** When it was last written, in ms since 1970 (UTC). */
  readonly endedAtMs: number
  readonly sockets: number
}
