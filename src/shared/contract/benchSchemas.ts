import { z } from 'zod'
import {
  type BenchAct,
  benchFamilies,
  benchFlags,
  benchProtocols,
  benchSides,
  benchTypes,
  plainCalls,
} from '../model/bench'
import { type BenchId, type BenchSocketId, isBenchId, isBenchSocketId } from '../model/ids'
import { payload } from './schemas'

/** The most that one recv may ask for. */
const MAX_BUFSIZE = 16 * 1024 * 1024
/** A signed int of 32 bits, as the calls take numbers. */
const int = z.number().int().min(-2_147_483_648).max(4_294_967_295)

export const benchId = z.custom<BenchId>((id) => typeof id === 'string' && isBenchId(id), 'not a bench id')
export const benchSocketId = z.custom<BenchSocketId>(
  (id) => typeof id === 'string' && isBenchSocketId(id),
  "not the id of a bench's socket",
)

const socket = benchSocketId
const flags = z.array(z.enum(benchFlags)).max(benchFlags.length).readonly()
const port = z.number().int().min(0).max(65535)
const host = z.string().max(255)
const address = z.discriminatedUnion('family', [
  z.strictObject({ family: z.literal('AF_INET'), host, port }),
  z.strictObject({ family: z.literal('AF_INET6'), host, port, scope: z.number().int().min(0).optional() }),
  z.strictObject({ family: z.literal('AF_UNIX'), path: z.string().max(255) }),
])
const bufsize = z.number().int().min(0).max(MAX_BUFSIZE)
const option = z.string().max(64)
const addressed = { socket, address }
const receiving = { socket, bufsize, flags }
const sending = { socket, bytes: payload, flags }

/** One call with its arguments. */
export const benchAct = z.discriminatedUnion('call', [
  z.strictObject({
    call: z.literal('socket'),
    family: z.enum(benchFamilies),
    type: z.enum(benchTypes),
    protocol: z.enum(benchProtocols),
  }),
  z.strictObject({ call: z.literal(['bind', 'connect', 'connect_ex']), ...addressed }),
  z.strictObject({ call: z.literal('listen'), socket, backlog: int }),
  z.strictObject({ call: z.literal(['recv', 'recvfrom']), ...receiving }),
  z.strictObject({ call: z.literal(['send', 'sendall']), ...sending }),
  z.strictObject({ call: z.literal('sendto'), ...sending, address }),
  z.strictObject({ call: z.literal('shutdown'), socket, how: z.enum(benchSides) }),
  z.strictObject({ call: z.literal('setblocking'), socket, flag: z.boolean() }),
  z.strictObject({ call: z.literal('settimeout'), socket, seconds: z.number().min(0).max(1e6).nullable() }),
  z.strictObject({ call: z.literal('setsockopt'), socket, option, value: z.union([int, payload]) }),
  z.strictObject({ call: z.literal('getsockopt'), socket, option }),
  z.strictObject({ call: z.literal(plainCalls), socket }),
]) satisfies z.ZodType<BenchAct>

/** A call's number in its bench. */
export const callNumber = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)
