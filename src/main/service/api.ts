import { type SocketId } from '../../shared/model/ids'
import { type Fault, type Reply } from '../../shared/model/fault'
import { type ServiceEvent } from '../../shared/contract/events'
import { type TapMessage } from '../../shared/contract/tap'

/** All that a host needs: Electron's main process talks to it across a worker, the command line directly. */
export interface Service {
  /** Parses the input, finds the handler, answers a reply; never rejects. */
  call(name: string, input: unknown): Promise<Reply<unknown>>
  onEvents(listener: (events: readonly ServiceEvent[]) => void): () => void
  /** Follows a socket's record from a row on. */
  openTap(id: SocketId, from: number, deliver: (message: TapMessage) => void): Tap
  /**
   * Lets a path be sent once, by the grant answered. Only the host calls this, after the user picked the file.
   * @param grant a random one is made if not given
   */
  grantFile(path: string, grant?: string): string
  /** Lets an export be written to a path once, likewise. */
  grantTarget(path: string, grant?: string): string
  /** Ends every socket, completes the capture. */
  close(): Promise<void>
}

export interface Tap {
  settle(bytes: number): void
  close(): void
}

/** Takes one line (or a stack) for the log: ids and counts, never payload. */
export type Log = (text: string) => void

export interface ServiceOptions {
  /** The capture's path. The folder is made if it is not there. */
  readonly file: string
  /**
   * `resume`: the file is a recording that has ended; its sockets are there as ended ones, and what comes is appended to it.
   * `new` if not given: the file is not there, or empty.
   */
  readonly mode?: 'new' | 'resume'
  /** Written into the file's header: "Switchboard 0.1.0". */
  readonly application: string
  /** The built scan thread (out/main/scanner.js). Without it nothing can be searched, filtered or framed. */
  readonly scanner?: string
  /** The built thread that watches descriptors (out/main/watcher.js). Without it sockets that Node has no handle for are refused. */
  readonly watcher?: string
  /** The built thread in which the calls of a syscall bench are made (out/main/caller.js). Without it there are no benches. */
  readonly caller?: string
  /** Where lessons lie. */
  readonly lessons?: LessonFolders
}

/** Folders of lessons, each lesson a folder in them; they need not be there. */
export interface LessonFolders {
  /** Those that come with the program. */
  readonly shipped?: string
  /** The user's own. */
  readonly own?: string
}

/** While a recording that is gone on with is read. */
export interface Opening {
  /** Told while its index is made anew: bytes of the file that have been passed, and its length. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
  /** Ends it with SB_CANCELLED. The file stays as it is. */
  readonly signal?: AbortSignal
}

/** Host to worker. */
export type ToWorker =
  | { readonly type: 'call'; readonly call: number; readonly name: string; readonly input: unknown }
  /** The host chooses the grant (a random UUID), so that it need not wait for an answer. */
  | { readonly type: 'grantFile' | 'grantTarget'; readonly grant: string; readonly path: string }
  | { readonly type: 'openTap'; readonly tap: number; readonly id: SocketId; readonly from: number }
  | { readonly type: 'settleTap'; readonly tap: number; readonly bytes: number }
  | { readonly type: 'closeTap'; readonly tap: number }
  /** Before it is ready: ends the reading of a recording that is gone on with. */
  | { readonly type: 'cancelOpening' }
  | { readonly type: 'close' }

/** Worker to host. */
export type FromWorker =
  | { readonly type: 'opening'; readonly doneBytes: number; readonly totalBytes: number }
  | { readonly type: 'ready'; readonly file: string }
  /** The recording goes on in another file. */
  | { readonly type: 'moved'; readonly file: string }
  | { readonly type: 'failed'; readonly fault: Fault }
  | { readonly type: 'reply'; readonly call: number; readonly reply: Reply<unknown> }
  /** JSON of `ServiceEvent[]`: of many small objects a third of the work that cloning them is, on both threads. */
  | { readonly type: 'events'; readonly json: string }
  | { readonly type: 'tap'; readonly tap: number; readonly message: TapMessage }
  /** The stack of a defect, for the host's log. */
  | { readonly type: 'log'; readonly text: string }
  | { readonly type: 'closed' }
