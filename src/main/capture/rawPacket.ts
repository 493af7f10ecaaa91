/** Behind the peer in the comment of a raw socket's packet, where the kernel gave no IP header and one was put in front for readers of the file. */
export const HEADER_ADDED = ', IP header added'

/** How long the IP header is that a packet begins with; the whole of what is shorter. */
export function ipHeaderBytes(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] ?? 0
  return Math.min(to - from, first >> 4 === 6 ? 40 : (first & 15) * 4)
}

/** The peer alone. A path may end in anything; only of raw sockets something is put behind it. */
export function peerInComment(comment: string): string {
  return isHeaderAdded(comment) ? comment.slice(0, -HEADER_ADDED.length) : comment
}

export function isHeaderAdded(comment: string): boolean {
  return comment.startsWith('raw:') && comment.endsWith(HEADER_ADDED)
}
