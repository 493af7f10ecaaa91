export const framingKinds = ['line', 'delimiter', 'fixed', 'lengthPrefix', 'idleGap', 'slip', 'cobs'] as const
export type FramingKind = (typeof framingKinds)[number]

export const prefixSizes = [1, 2, 3, 4, 8] as const
export type PrefixSize = (typeof prefixSizes)[number]
export const byteOrders = ['big', 'little'] as const
export type ByteOrder = (typeof byteOrders)[number]

/** Where a stream is cut into frames. Plain JSON. */
export type Framing =
  /** After each LF; a CR before it belongs to the line's end. */
  | { readonly kind: 'line' }
  /** After each occurrence of these bytes. @see parseHex */
  | { readonly kind: 'delimiter'; readonly hex: string }
  | { readonly kind: 'fixed'; readonly lengthBytes: number }
  | {
      readonly kind: 'lengthPrefix'
      readonly sizeBytes: PrefixSize
      readonly byteOrder: ByteOrder
      /** Bytes of the frame before the length. */
      readonly offsetBytes: number
      /** Whether the length counts everything from the frame's first byte on, or only what comes after it. */
      readonly includesItself: boolean
    }
  /** Where nothing came for so long. */
  | { readonly kind: 'idleGap'; readonly gapNanos: number }
  /** RFC 1055. */
  | { readonly kind: 'slip' }
  /** Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999), with a zero after each frame. */
  | { readonly kind: 'cobs' }

/** A frame ends here whatever its framing says, with a problem. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024
export const MAX_DELIMITER_BYTES = 64
export const MAX_PREFIX_OFFSET_BYTES = 65_535
/** A day. */
export const MAX_GAP_NANOS = 86_400_000_000_000

export const frameProblems = [
  'tooLong',
  'lengthTooLarge',
  'lengthTooSmall',
  'cutShort',
  'badEscape',
  'badCode',
] as const
export type FrameProblem = (typeof frameProblems)[number]
