/** As much of Electron's WebFrameMain as the decision needs. */
export interface Frame {
  readonly url: string
  readonly parent: unknown
}

/** Whether a message comes from the top frame of our own page: the only one that may give commands. */
export function isOwnFrame(frame: Frame | null, home: URL): boolean {
  if (frame === null) return false
  try {
    if (frame.parent !== null) return false
    // Not .origin: for app: Node answers the string 'null', which any page of an unknown scheme would match.
    const { protocol, host } = new URL(frame.url)
    return protocol === home.protocol && host === home.host
  } catch {
    // A frame that is gone throws when asked anything, and an empty URL cannot be parsed: neither is ours.
    return false
  }
}
