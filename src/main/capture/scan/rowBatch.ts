/** Rows of a socket, from where its last ones ended. All of them are in the file. */
export interface RowBatch {
  /** Sockets are numbered in the order in which they were asked for; of all, in the order in which the scan meets them. */
  readonly socket: number
  /** The capture that holds them. */
  readonly file: string
  readonly firstRow: number
  /** Index records, see rows.ts. */
  readonly records: Float64Array
}
