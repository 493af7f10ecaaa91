import { type SocketId } from './ids'
import { type KernelField } from './kernelFields'
import { formatLength } from './units'

/** What kind of kernel socket was asked: each kind answers other fields. `afterlife`: its descriptor is gone, and sock_diag(7) was asked. */
export const kernelKinds = ['tcp', 'tcpListener', 'udp', 'unix', 'unixListener', 'afterlife'] as const
export type KernelKind = (typeof kernelKinds)[number]

/** So often sockets are asked, in times a second; 0 for never. */
export const kernelRates = [0, 1, 2, 5, 10, 20, 50] as const
export type KernelRate = (typeof kernelRates)[number]
export const DEFAULT_KERNEL_RATE: KernelRate = 2

export type KernelValues = Readonly<Partial<Record<KernelField, number>>>

/** What the kernel said of a socket at one moment. */
export interface KernelSample {
  /** Nanoseconds since the session began, when it had been asked. */
  readonly atNanos: number
  readonly of: KernelKind
  readonly values: KernelValues
  /** The congestion control algorithm of a TCP socket. */
  readonly congestion?: string | undefined
}

/** Rates that the kernel does not limit are the largest number it has. */
export const UNLIMITED = -1

/** How the sampling of a session stands. */
export interface KernelSampling {
  readonly rate: KernelRate
  /** All sockets are sampled, not only those that are looked at. */
  readonly isAll: boolean
  /** Sockets that are sampled now. */
  readonly sockets: number
  /** Samples a second that it really comes to. */
  readonly perSecond: number
  /** What one sample costs the thread that the sockets live in, on the average of the last seconds. */
  readonly costMicros: number
  /** Part of that thread's time, from 0 to 1. */
  readonly share: number
  /** Why nothing can be read here; undefined where it can. */
  readonly missing?: string | undefined
}

/** The last that is known of a socket. */
export interface KernelLatest {
  readonly id: SocketId
  /** The first and the last one; null where there are none. */
  readonly firstNanos: number | null
  readonly sample: KernelSample | null
  /** Where that is of a time after the descriptor was gone: the last one of the time before. */
  readonly before?: KernelSample | undefined
}

/** Floats of each part of a series: the least and greatest value in it, and the last. NaN where there is none. */
export const SPREAD = { min: 0, max: 1, last: 2 } as const
export const SPREAD_FLOATS = 3

/** Fields of one socket's samples in equal parts of a span. */
export interface KernelSeries {
  /** End exclusive; nanoseconds since the session began. */
  readonly fromNanos: number
  readonly toNanos: number
  readonly parts: number
  /** Samples that lie in the span. */
  readonly count: number
  /** Of one field after the other, each part's floats (see SPREAD). */
  readonly values: Float64Array
}

/** include/net/tcp_states.h */
const tcpStates: Readonly<Record<number, string>> = {
  1: 'ESTABLISHED',
  2: 'SYN_SENT',
  3: 'SYN_RECV',
  4: 'FIN_WAIT1',
  5: 'FIN_WAIT2',
  6: 'TIME_WAIT',
  7: 'CLOSE',
  8: 'CLOSE_WAIT',
  9: 'LAST_ACK',
  10: 'LISTEN',
  11: 'CLOSING',
  12: 'NEW_SYN_RECV',
}
export const TCP_CLOSE = 7

export function tcpStateName(state: number): string {
  return tcpStates[state] ?? `state ${state}`
}

/** Which timer runs in the kernel for the socket, by idiag_timer of <linux/inet_diag.h>. */
export function timerName(timer: number): string {
  return ['none', 'retransmission', 'keepalive', 'TIME_WAIT', 'window probe'][timer] ?? `timer ${timer}`
}

/** `200 ms`, `44.0 µs`, `0`: a time of the kernel's, in the unit that suits. */
export function formatKernelTime(value: number, unit: 'micros' | 'millis'): string {
  return value === 0 ? '0' : formatLength(value * (unit === 'micros' ? 1e3 : 1e6))
}

/** The state in words, as they stand beside that of the pane: `TIME_WAIT, 57 s left`. Null for what has no such state. */
export function describeKernelState({ of, values }: KernelSample, sinceNanos = 0): string | null {
  const { state, timer, timerMs } = values
  if (state === undefined) return null
  if (of !== 'afterlife') return tcpStateName(state)
  if (state === TCP_CLOSE) return 'gone'
  if (timer !== 3 || timerMs === undefined) return tcpStateName(state)
  return `${tcpStateName(state)}, ${Math.max(0, Math.ceil((timerMs - sinceNanos / 1e6) / 1000))} s left`
}
