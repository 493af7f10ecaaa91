import { type MessagePort } from 'node:worker_threads'

/** What the thread begins with. */
export interface WatcherStart {
  readonly port: MessagePort
  /** The reading end of a pipe: a byte in it tells that there are messages. */
  readonly wake: number
}

export type ToWatcher =
  /** Tell once, when the descriptor is ready for one of the events of poll(2). */
  | { readonly type: 'watch'; readonly token: number; readonly fd: number; readonly events: number }
  | { readonly type: 'stop'; readonly token: number }
  | { readonly type: 'end' }

export type FromWatcher =
  | { readonly type: 'ready'; readonly token: number; readonly told: number }
  /** The thread does not look at the descriptor any more: it may be closed. */
  | { readonly type: 'stopped'; readonly token: number }
