/** One thing found in bytes. `from` and `to` (exclusive) are byte offsets in the decoded input. */
export interface Field {
  readonly name: string
  readonly value: string
  readonly from: number
  readonly to: number
  readonly children?: readonly Field[]
  /** What makes no sense here, or what is left out. */
  readonly problem?: string
}

/** What a decoder made of an input. */
export interface Decoded {
  readonly summary: string
  /** One for each message found. */
  readonly fields: readonly Field[]
  readonly usedBytes: number
  /** The input ends inside a message. */
  readonly needsMore: boolean
}

/** What is known about an input beside its bytes. */
export interface DecodeContext {
  readonly direction?: 'in' | 'out' | undefined
  readonly transport?: 'stream' | 'datagram' | undefined
  /** Of either side. */
  readonly ports?: readonly number[] | undefined
}

export const MAX_INPUT_BYTES = 1024 * 1024
export const MAX_FIELDS = 5000
export const MAX_DEPTH = 64
