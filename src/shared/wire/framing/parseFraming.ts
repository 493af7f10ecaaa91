import {
  MAX_DELIMITER_BYTES,
  MAX_FRAME_BYTES,
  MAX_GAP_NANOS,
  MAX_PREFIX_OFFSET_BYTES,
  byteOrders,
  framingKinds,
  prefixSizes,
  type ByteOrder,
  type Framing,
  type FramingKind,
} from '../../model/framing'
import { formatHex, parseHex } from '../hex'

/** A framing as a form has it: what each kind needs, as typed. */
export interface FramingDraft {
  kind: FramingKind
  hex: string
  lengthBytes: string
  sizeBytes: string
  byteOrder: ByteOrder
  offsetBytes: string
  includesItself: boolean
  gapMs: string
}

/** Which field is wrong, and what of it, as a sentence. */
export interface FramingRefusal {
  readonly field: keyof FramingDraft
  readonly sentence: string
}

export type ParsedFraming =
  { readonly ok: true; readonly value: Framing } | ({ readonly ok: false } & FramingRefusal)

const NANOS_A_MS = 1_000_000

/** What a form stands for; only what its kind needs is looked at. */
export function parseFraming(draft: FramingDraft): ParsedFraming {
  const framing = readDraft(draft)
  const refusal = refusalOf(framing)
  return refusal === null ? { ok: true, value: framing } : { ok: false, ...refusal }
}

/** The form for a framing: of other kinds it has what is most common. */
export function draftOf(framing: Framing): FramingDraft {
  const draft: FramingDraft = {
    kind: framing.kind,
    hex: '0d 0a',
    lengthBytes: '16',
    sizeBytes: '2',
    byteOrder: 'big',
    offsetBytes: '0',
    includesItself: false,
    gapMs: '50',
  }
  switch (framing.kind) {
    case 'delimiter':
      return { ...draft, hex: framing.hex }
    case 'fixed':
      return { ...draft, lengthBytes: String(framing.lengthBytes) }
    case 'lengthPrefix': {
      const { sizeBytes, byteOrder, offsetBytes, includesItself } = framing
      return {
        ...draft,
        byteOrder,
        includesItself,
        sizeBytes: String(sizeBytes),
        offsetBytes: String(offsetBytes),
      }
    }
    case 'idleGap':
      return { ...draft, gapMs: String(framing.gapNanos / NANOS_A_MS) }
    default:
      return draft
  }
}

/** Why a framing cannot be used; null if it can. */
export function refusalOf(framing: Framing): FramingRefusal | null {
  switch (framing.kind) {
    case 'delimiter': {
      const bytes = parseHex(framing.hex)
      if (!bytes.ok) return { field: 'hex', sentence: bytes.fault.summary }
      if (bytes.value.length === 0) return { field: 'hex', sentence: 'A delimiter has at least one byte.' }
      if (bytes.value.length > MAX_DELIMITER_BYTES)
        return { field: 'hex', sentence: `A delimiter has at most ${MAX_DELIMITER_BYTES} bytes.` }
      return null
    }
    case 'fixed':
      return isWhole(framing.lengthBytes, 1, MAX_FRAME_BYTES)
        ? null
        : { field: 'lengthBytes', sentence: `A frame is 1 to ${MAX_FRAME_BYTES} bytes long.` }
    case 'lengthPrefix':
      if (!prefixSizes.includes(framing.sizeBytes))
        return { field: 'sizeBytes', sentence: `A length takes ${prefixSizes.join(', ')} bytes.` }
      return isWhole(framing.offsetBytes, 0, MAX_PREFIX_OFFSET_BYTES)
        ? null
        : {
            field: 'offsetBytes',
            sentence: `The length stands 0 to ${MAX_PREFIX_OFFSET_BYTES} bytes into a frame.`,
          }
    case 'idleGap':
      return framing.gapNanos > 0 && framing.gapNanos <= MAX_GAP_NANOS
        ? null
        : { field: 'gapMs', sentence: 'A gap is more than 0 ms and at most a day.' }
    default:
      return null
  }
}

/** Whether something that was stored is a framing that can be used. */
export function isFraming(value: unknown): value is Framing {
  if (typeof value !== 'object' || value === null) return false
  const framing = value as Framing
  if (!framingKinds.includes(framing.kind)) return false
  if (framing.kind === 'delimiter' && typeof framing.hex !== 'string') return false
  if (framing.kind === 'lengthPrefix') {
    if (!byteOrders.includes(framing.byteOrder) || typeof framing.includesItself !== 'boolean') return false
  }
  return refusalOf(framing) === null
}

function readDraft(draft: FramingDraft): Framing {
  switch (draft.kind) {
    case 'delimiter': {
      const bytes = parseHex(draft.hex)
      return { kind: 'delimiter', hex: bytes.ok ? formatHex(bytes.value) : draft.hex }
    }
    case 'fixed':
      return { kind: 'fixed', lengthBytes: wholeOf(draft.lengthBytes) }
    case 'lengthPrefix': {
      const { byteOrder, includesItself } = draft
      const sizeBytes = prefixSizes.find((size) => String(size) === draft.sizeBytes) ?? prefixSizes[0]
      return {
        kind: 'lengthPrefix',
        sizeBytes,
        byteOrder,
        offsetBytes: wholeOf(draft.offsetBytes),
        includesItself,
      }
    }
    case 'idleGap': {
      const text = draft.gapMs.trim()
      return {
        kind: 'idleGap',
        gapNanos: /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * NANOS_A_MS) : NaN,
      }
    }
    default:
      return { kind: draft.kind }
  }
}

/** A whole number as typed, with blanks around it at most; else NaN. */
function wholeOf(text: string): number {
  return /^\s*\d+\s*$/.test(text) ? Number(text) : NaN
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
