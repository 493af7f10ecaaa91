import { z } from 'zod'
import {
  isConnectionId,
  isListenerId,
  isSocketId,
  isDatagramId,
  isUdpId,
  type ConnectionId,
  type DatagramId,
  type ListenerId,
  type SocketId,
  type UdpId,
} from '../model/ids'
import { isKernelField, type KernelField } from '../model/kernelFields'
import { programLanguages } from '../model/program'
import { exportFormats } from '../model/export'
import { isMoment } from '../model/record'
import { acceptModes, type KernelOptions } from '../model/options'
import { type OptionName, optionNames, type OptionValue } from '../model/socketOptions'
import { expected, fitsOption } from '../model/socketOptions/optionText'
import { byteOrders, prefixSizes } from '../model/framing'
import { replayRoles, replayWaits } from '../model/replay'
import { patternKinds } from '../model/search'
import { MAX_FILTER_LENGTH } from '../wire/filterLine'
import { refusalOf } from '../wire/framing/parseFraming'
import { MAX_MASKS, MAX_MERGED, MAX_PAYLOAD_BYTES, MAX_REPLAYED } from './limits'

// The page's CSP forbids eval, and so does a sandboxed worker; the interpreter is fast enough.
z.config({ jitless: true })

export const listenerId = z.custom<ListenerId>(
  (id) => typeof id === 'string' && isListenerId(id),
  'not a listener id',
)
export const connectionId = z.custom<ConnectionId>(
  (id) => typeof id === 'string' && isConnectionId(id),
  'not a connection id',
)
export const udpId = z.custom<UdpId>((id) => typeof id === 'string' && isUdpId(id), 'not a UDP socket id')
export const datagramId = z.custom<DatagramId>(
  (id) => typeof id === 'string' && isDatagramId(id),
  'not the id of a datagram socket',
)
export const socketId = z.custom<SocketId>(
  (id) => typeof id === 'string' && isSocketId(id),
  'not a socket id',
)

/** A field of the kernel's view. */
export const kernelField = z.custom<KernelField>(
  (name) => typeof name === 'string' && isKernelField(name),
  'not a field of the kernel’s view',
)

/** An address as typed; the handler parses it and answers with a fault that says which part is wrong. */
export const addressText = z.string().max(4096)

/** A name or path that stands alone in a message. */
export const shortText = z.string().max(4096)

/** Bytes to send in one call. Larger things are sent as files. */
export const payload = z.custom<Uint8Array>(
  (bytes) => bytes instanceof Uint8Array && bytes.byteLength <= MAX_PAYLOAD_BYTES,
  `not bytes, or more than ${MAX_PAYLOAD_BYTES} of them`,
)

/** A row number or a byte offset. */
export const position = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
/** Nanoseconds since the session began. */
export const moment = z.number().refine(isMoment, 'no time of a record')

/** Whose bytes. */
export const streamName = z.enum(['in', 'out', 'both'])

/** As typed; the handler parses it. */
export const filterLine = z.string().max(MAX_FILTER_LENGTH)

const stretch = z.strictObject({ from: position, to: position })

/** What to export. */
export const exportScope = z.strictObject({
  id: socketId.nullable(),
  ids: z.array(socketId).min(1).max(MAX_MERGED).readonly().optional(),
  stream: streamName,
  rows: stretch.optional(),
  bytes: stretch.optional(),
})
/** A socket's line in a ladder, and the socket at the other end of its connection. */
export const ladderEnd = z.strictObject({ id: socketId, other: socketId.nullable() })
export const programLanguage = z.enum(programLanguages)
export const exportFormat = z.enum(exportFormats)

/** Names a search or a filter that is open. */
export const searchNumber = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

/** One side of a comparison. */
export const comparedSide = z.strictObject({
  id: socketId,
  stream: streamName,
  from: position.optional(),
  to: position.optional(),
})

/** What to look for; the handler parses the pattern and answers with a fault that says what is wrong with it. */
export const searchQuery = z.strictObject({
  kind: z.enum(patternKinds),
  pattern: z.string().max(16_384),
  matchCase: z.boolean(),
  stream: streamName,
})

/** What is to be played; the handler parses the address. */
export const replayAsked = z.strictObject({
  ids: z.array(socketId).min(1).max(MAX_REPLAYED).nullable(),
  beside: socketId.nullable(),
  role: z.enum(replayRoles),
  url: addressText.nullable(),
  speed: z.union([z.literal('max'), z.number().min(0.001).max(1_000_000)]),
  wait: z.enum(replayWaits),
  masks: z.array(shortText).max(MAX_MASKS).optional(),
  captures: z.array(shortText).max(MAX_MASKS).optional(),
  sets: z.array(shortText).max(MAX_MASKS).optional(),
})

/** Names a cutting of a record into frames that is open. */
export const framesNumber = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

/** Where a stream is cut. */
export const framing = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('line') }),
    z.strictObject({ kind: z.literal('delimiter'), hex: z.string().max(1024) }),
    z.strictObject({ kind: z.literal('fixed'), lengthBytes: z.number() }),
    z.strictObject({
      kind: z.literal('lengthPrefix'),
      sizeBytes: z.literal(prefixSizes, `a length takes ${prefixSizes.join(', ')} bytes`),
      byteOrder: z.enum(byteOrders),
      offsetBytes: z.number(),
      includesItself: z.boolean(),
    }),
    z.strictObject({ kind: z.literal('idleGap'), gapNanos: z.number() }),
    z.strictObject({ kind: z.literal('slip') }),
    z.strictObject({ kind: z.literal('cobs') }),
  ])
  .superRefine((value, context) => {
    const refusal = refusalOf(value)
    // The dispatcher ends the sentence.
    if (refusal !== null) context.addIssue({ code: 'custom', message: refusal.sentence.replace(/\.$/, '') })
  })

const ttl = z.number().int().min(1).max(255)
const bufferBytes = z
  .number()
  .int()
  .min(1)
  .max(1 << 30)
const milliseconds = z.number().int().min(0).max(2_147_483_647)

const port = z.number().int().min(0).max(65535)
const seconds = z.number().int().min(0).max(65535)
export const optionName = z.enum(optionNames as readonly [OptionName, ...OptionName[]])
const settable = z.union([
  z.boolean(),
  z.number(),
  z.string().max(64),
  z.strictObject({ isOn: z.boolean(), seconds }),
])
/** Typed as all values, of which those that are only read have forms that are refused here. */
export const optionValue = settable as unknown as z.ZodType<OptionValue, OptionValue>
const kernel = z.partialRecord(optionName, settable).superRefine((values, context) => {
  for (const [name, value] of Object.entries(values) as [OptionName, unknown][])
    if (!fitsOption(name, value))
      context.addIssue({ code: 'custom', path: [name], message: `${name} takes ${expected(name)}` })
}) as unknown as z.ZodType<KernelOptions, KernelOptions>

const any = {
  ttl: ttl.optional(),
  tos: z.number().int().min(0).max(255).optional(),
  receiveBufferBytes: bufferBytes.optional(),
  sendBufferBytes: bufferBytes.optional(),
  timestamps: z.boolean().optional(),
  kernel: kernel.optional(),
}
const bind = {
  reuseAddress: z.boolean().optional(),
  reusePort: z.boolean().optional(),
  device: z.string().max(15).optional(),
}
const stream = {
  ...any,
  noDelay: z.boolean().optional(),
  keepAlive: z.boolean().optional(),
  keepAliveDelayMs: milliseconds.optional(),
  keepAliveIntervalMs: milliseconds.optional(),
  keepAliveProbes: z.number().int().min(1).max(127).optional(),
  lingerSeconds: seconds.optional(),
  userTimeoutMs: milliseconds.optional(),
  maxSegmentBytes: z.number().int().min(0).max(65535).optional(),
}

export const streamOptions = z.strictObject(stream)
export const dialOptions = z.strictObject({
  ...stream,
  ...bind,
  localHost: z.string().max(255).optional(),
  localPort: port.optional(),
  fastOpen: z.boolean().optional(),
})
export const acceptMode = z.enum(acceptModes)
export const listenOptions = z.strictObject({
  ...stream,
  ...bind,
  backlog: z.number().int().min(0).max(65535).optional(),
  ipv6Only: z.boolean().optional(),
  fastOpenQueue: z.number().int().min(0).max(65535).optional(),
  accept: acceptMode.optional(),
  accepted: streamOptions.optional(),
})
export const udpOptions = z.strictObject({
  ...any,
  ...bind,
  broadcast: z.boolean().optional(),
  ipv6Only: z.boolean().optional(),
  multicastTtl: z.number().int().min(0).max(255).optional(),
  multicastLoopback: z.boolean().optional(),
  multicastInterface: z.string().max(64).optional(),
  countDrops: z.boolean().optional(),
  readBytes: bufferBytes.optional(),
  isHeaderIncluded: z.boolean().optional(),
})
