import { type Endpoint } from './endpoint'
import { type BenchId, type BenchSocketId, type SocketId } from './ids'
import { type Side } from './state'

export const benchFamilies = ['AF_INET', 'AF_INET6', 'AF_UNIX'] as const
export type BenchFamily = (typeof benchFamilies)[number]
export const benchTypes = ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW'] as const
export type BenchType = (typeof benchTypes)[number]
/** By name, as Python has them; 0 is what goes with the type. */
export const benchProtocols = [
  '0',
  'IPPROTO_TCP',
  'IPPROTO_UDP',
  'IPPROTO_ICMP',
  'IPPROTO_ICMPV6',
  'IPPROTO_RAW',
] as const
export type BenchProtocol = (typeof benchProtocols)[number]
export const benchFlags = [
  'MSG_PEEK',
  'MSG_OOB',
  'MSG_DONTWAIT',
  'MSG_WAITALL',
  'MSG_TRUNC',
  'MSG_MORE',
] as const
export type BenchFlag = (typeof benchFlags)[number]
export const benchSides = ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'] as const
export type BenchSide = (typeof benchSides)[number]

/** An address as a call takes it: numbers only, nothing is looked up. */
export type BenchAddress =
  | { readonly family: 'AF_INET'; readonly host: string; readonly port: number }
  | {
      readonly family: 'AF_INET6'
      readonly host: string
      readonly port: number
      readonly scope?: number | undefined
    }
  /** A path, or with `@` in front an abstract name. */
  | { readonly family: 'AF_UNIX'; readonly path: string }

interface On {
  readonly socket: BenchSocketId
}
interface Receiving extends On {
  readonly bufsize: number
  readonly flags: readonly BenchFlag[]
}
interface Sending extends On {
  readonly bytes: Uint8Array
  readonly flags: readonly BenchFlag[]
}

/** One call with its arguments, named as Python's socket module names them. */
export type BenchAct =
  | {
      readonly call: 'socket'
      readonly family: BenchFamily
      readonly type: BenchType
      readonly protocol: BenchProtocol
    }
  | ({ readonly call: 'bind' | 'connect' | 'connect_ex'; readonly address: BenchAddress } & On)
  | ({ readonly call: 'listen'; readonly backlog: number } & On)
  | ({ readonly call: 'recv' | 'recvfrom' } & Receiving)
  | ({ readonly call: 'send' | 'sendall' } & Sending)
  | ({ readonly call: 'sendto'; readonly address: BenchAddress } & Sending)
  | ({ readonly call: 'shutdown'; readonly how: BenchSide } & On)
  | ({ readonly call: 'setblocking'; readonly flag: boolean } & On)
  | ({ readonly call: 'settimeout'; readonly seconds: number | null } & On)
  | ({ readonly call: 'setsockopt'; readonly option: string; readonly value: BenchOptionValue } & On)
  | ({ readonly call: 'getsockopt'; readonly option: string } & On)
  | ({ readonly call: PlainCall } & On)

/** Calls that take nothing but their socket. */
export const plainCalls = [
  'accept',
  'close',
  'fileno',
  'getpeername',
  'getsockname',
  'gettimeout',
  'makefile',
  'readline',
] as const
export type PlainCall = (typeof plainCalls)[number]
export type BenchCallName = BenchAct['call']

/** A number, or for options that are a structure its bytes. */
export type BenchOptionValue = number | Uint8Array

/** How a socket waits. A timeout is a descriptor that does not block, and a poll(2) before each call, as Python has it. */
export type BenchMode =
  | { readonly kind: 'blocking' }
  | { readonly kind: 'nonBlocking' }
  | { readonly kind: 'timeout'; readonly seconds: number }

export interface Errno {
  readonly code: string
  readonly number: number
  /** strerror(3). */
  readonly message: string
}

/** One system call as strace would print it: text, then ` = `, the value, the errno, the note. */
export interface SystemCall {
  readonly name: string
  /** `recvfrom(23, "abc", 1024, 0, NULL, NULL)` */
  readonly text: string
  readonly returned: number
  readonly errno: Errno | null
  /** `(Timeout)`; empty for most. */
  readonly note: string
  readonly beganAtNanos: number
  readonly tookNanos: number
}

/** A call that has come to its end. */
export interface BenchCall {
  readonly bench: BenchId
  /** In its bench, from 1 on, in the order begun. */
  readonly number: number
  /** The socket it was made on, or that it made. */
  readonly socket: BenchSocketId | null
  readonly call: BenchCallName
  /** The line of Python, `data = s1.recv(1024)`. */
  readonly python: string
  /** What it gave: a value, or an exception. */
  readonly gave: string
  readonly isRaised: boolean
  readonly fd: number | null
  /** What the last system call returned, and with which errno; null where none was made. */
  readonly returned: number | null
  readonly errno: string | null
  readonly beganAtNanos: number
  readonly tookNanos: number
  readonly system: readonly SystemCall[]
}

/** A call that has not returned yet. */
export interface BlockedCall {
  readonly bench: BenchId
  readonly number: number
  readonly socket: BenchSocketId | null
  readonly call: BenchCallName
  readonly python: string
  readonly fd: number
  /** The system call that it is in, with its arguments. */
  readonly system: string
  readonly sinceNanos: number
  /** `no data has come` */
  readonly waitsFor: string
}

/** A row of a bench's log. */
export type BenchEntry =
  | { readonly state: 'done'; readonly of: BenchCall }
  /** `forNanos`: how long it has been in there, when this was told. */
  | {
      readonly state: 'blocked'
      readonly of: BlockedCall
      readonly done: readonly SystemCall[]
      readonly forNanos: number
    }

export interface BenchLog {
  /** Calls begun so far. */
  readonly count: number
  readonly entries: readonly BenchEntry[]
}

export type BenchSocketState =
  | { readonly phase: 'made' }
  | { readonly phase: 'bound'; readonly at: Endpoint; readonly peer: Endpoint | null }
  | { readonly phase: 'listening'; readonly at: Endpoint }
  | { readonly phase: 'open'; readonly local: Endpoint; readonly remote: Endpoint }
  | { readonly phase: 'halfClosed'; readonly by: Side; readonly local: Endpoint; readonly remote: Endpoint }
  | { readonly phase: 'closed'; readonly handedTo?: SocketId | undefined }

export interface BenchSummary {
  readonly kind: 'bench'
  readonly id: BenchId
  readonly asked: string
  readonly state: { readonly phase: 'open' } | { readonly phase: 'closed' }
  /** Calls begun, and those that have not returned. */
  readonly calls: number
  readonly blocked: number
}

export interface BenchSocketSummary {
  readonly kind: 'benchSocket'
  readonly id: BenchSocketId
  readonly bench: BenchId
  /** `AF_INET SOCK_STREAM` */
  readonly asked: string
  readonly state: BenchSocketState
  readonly family: BenchFamily
  readonly type: BenchType
  /** Null once it is closed. */
  readonly fd: number | null
  readonly mode: BenchMode
  /** What the kernel calls its state: ESTABLISHED, CLOSE_WAIT …; empty where it has none. */
  readonly kernel: string
  /** Calls on it that have not returned. */
  readonly blocked: number
}

/** `blocking`, `non-blocking`, `timeout 1.5 s` */
export function describeMode(mode: BenchMode): string {
  if (mode.kind === 'timeout') return `timeout ${mode.seconds} s`
  return mode.kind === 'blocking' ? 'blocking' : 'non-blocking'
}

/** A system call as strace prints it, without its time. */
export function straceLine({ text, returned, errno, note }: SystemCall): string {
  const failure = errno === null ? '' : ` ${errno.code} (${errno.message})`
  return `${text} = ${returned}${failure}${note === '' ? '' : ` ${note}`}`
}

/** Python's name for a socket of a bench. */
export function variableOf(id: BenchSocketId): string {
  return id.toLowerCase()
}
