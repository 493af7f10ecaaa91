/** What came of the import of a capture from elsewhere. */
export interface ImportReport {
  /** What was read. */
  readonly file: string
  /** The recording that was made of it. */
  readonly output: string
  readonly format: 'pcap' | 'pcapng'
  readonly isGzip: boolean
  readonly fileBytes: number
  /** Packets read, those that were skipped among them. */
  readonly packets: number
  readonly connections: number
  readonly udpConversations: number
  /** Payload recorded. */
  readonly streamBytes: number
  readonly datagrams: number
  readonly datagramBytes: number
  /** Places in TCP streams at which bytes were not captured, and how many bytes in all. */
  readonly gaps: number
  readonly gapBytes: number
  /** TCP segments that brought nothing new. */
  readonly repeatedSegments: number
  /** From the first packet to the last. */
  readonly durationNanos: number
  /** What was lost or left out, and why: sentences. */
  readonly warnings: readonly string[]
}

/** How far an import is. */
export interface ImportProgress {
  readonly readBytes: number
  readonly fileBytes: number
}
