import { type BenchAct, type BenchMode } from '../../../shared/model/bench'
import { type Address } from '../posix/sockaddr'

/** Places in the memory that a call's thread shares with its owner. */
export const SHARED = {
  /** Not 0 once the call is to end. */
  isCancelled: 0,
  words: 1,
} as const
export const SHARED_BYTES = 4 * SHARED.words

/** Places in the memory that all calls on one socket share: its descriptor, -1 once it is closed. */
export const SOCKET_BYTES = 4

/** A call to be made. */
export interface Job {
  readonly act: BenchAct
  readonly mode: BenchMode
  /** Int32: see `SHARED`. */
  readonly shared: SharedArrayBuffer
  /** Int32: the socket's descriptor. Null for `socket`. */
  readonly descriptor: SharedArrayBuffer | null
  /** Of `close`, while other calls are on the descriptor: what keeps its number from being given to another. */
  readonly placeholder: number | null
  /** Of `readline`: what was read before and belongs to the next line. */
  readonly rest: Uint8Array
}

export type ToCaller = { readonly type: 'job'; readonly job: Job } | { readonly type: 'end' }

/** How a call came out, before it is put in words. */
export type Outcome =
  | {
      readonly kind: 'value'
      readonly number?: number
      readonly bytes?: Uint8Array
      readonly address?: Address | null
      /** Of `readline`: what was read behind the line, and whether the stream has ended. */
      readonly rest?: Uint8Array
      readonly isEnd?: boolean
    }
  | { readonly kind: 'failed'; readonly errno: string; readonly call: string }
  | { readonly kind: 'timedOut' }
  /** Of `readline` after one that timed out. */
  | { readonly kind: 'timedOutBefore' }
  | { readonly kind: 'cancelled' }

export type FromCaller =
  /** The thread is there. @see interrupts.ts */
  | { readonly type: 'ready'; readonly thread: number }
  /** A system call begins. Times are of `process.hrtime.bigint()`, which is one for all threads. */
  | { readonly type: 'entered'; readonly name: string; readonly text: string; readonly at: bigint }
  | {
      readonly type: 'left'
      readonly name: string
      /** With what the kernel filled in. */
      readonly text: string
      readonly returned: number
      readonly note: string
      readonly at: bigint
      readonly took: bigint
    }
  /** The kernel took these bytes, or gave them. */
  | {
      readonly type: 'moved'
      readonly direction: 'in' | 'out'
      readonly bytes: Uint8Array
      /** Of a datagram. */
      readonly peer: Address | null
    }
  | { readonly type: 'done'; readonly outcome: Outcome; readonly at: bigint; readonly took: bigint }
