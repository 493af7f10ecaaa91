import { Worker } from 'node:worker_threads'
import { fault, FaultError } from '../../../shared/model/fault'
import { calls } from '../posix/calls'
import { type FromCaller, type Job, SHARED, SHARED_BYTES, type ToCaller } from './callerMessages'
import { interrupts } from './interrupts'

/** Threads that may be blocked at once. One takes some 5 MB. */
const MOST_THREADS = 64
/** Idle threads that are kept for the next calls. */
const MOST_IDLE = 4
/** The signal may come just before the call is entered: it is sent again until the call has returned. */
const SIGNAL_EVERY_MS = 3

type Told = Exclude<FromCaller, { type: 'ready' }>

/** A call that goes on in a thread. */
export interface Running {
  /** Its system call returns EINTR, and no further one is made. */
  cancel(): void
}

interface Thread {
  readonly worker: Worker
  /** Null until it is there. */
  thread: number | null
  running: {
    readonly told: (message: Told) => void
    readonly shared: Int32Array
    timer: NodeJS.Timeout | null
  } | null
}

/**
 * Makes calls that block, each in a thread of its own: koffi's own asynchronous calls would take the few threads of libuv's pool, by
 * which files are read and written. A thread that has come back waits for the next call.
 */
export class Callers {
  readonly #entry: string | URL | undefined
  readonly #threads = new Set<Thread>()
  readonly #idle: Thread[] = []
  #isClosed = false

  /** @param entry the built thread, out/main/caller.js */
  constructor(entry: string | URL | undefined) {
    this.#entry = entry
  }

  /** Why no call can be made here; null where they can. */
  missing(): FaultError | null {
    if (calls() !== null && interrupts() !== null && this.#entry !== undefined) return null
    return new FaultError(
      fault('SB_UNSUPPORTED', 'This build cannot call the socket functions of this system directly.', {
        hint: 'It needs Linux or macOS, and the library koffi that comes with Switchboard.',
      }),
    )
  }

  /**
   * Begins a call. Throws a `FaultError` where that cannot be done.
   * @param told each step, `done` as the last one
   */
  run(job: Omit<Job, 'shared'>, told: (message: Told) => void): Running {
    const thread = this.#take()
    const shared = new SharedArrayBuffer(SHARED_BYTES)
    const running = { told, shared: new Int32Array(shared), timer: null as NodeJS.Timeout | null }
    thread.running = running
    // While a call goes on the program does: what ends it ends the call first (`close`).
    thread.worker.ref()
    post(thread, { type: 'job', job: { ...job, shared } })
    return {
      cancel: () => {
        if (thread.running !== running) return
        Atomics.store(running.shared, SHARED.isCancelled, 1)
        running.timer ??= setInterval(() => signal(thread), SIGNAL_EVERY_MS)
        signal(thread)
      },
    }
  }

  /** Cancels all that goes on, and ends the threads. */
  async close(): Promise<void> {
    this.#isClosed = true
    const ended: Promise<unknown>[] = []
    for (const thread of this.#threads) {
      // Whoever waits for its end keeps the program until then.
      thread.worker.ref()
      ended.push(new Promise((resolve) => thread.worker.once('exit', resolve)))
      if (thread.running !== null) {
        Atomics.store(thread.running.shared, SHARED.isCancelled, 1)
        thread.running.timer ??= setInterval(() => signal(thread), SIGNAL_EVERY_MS)
        signal(thread)
      } else post(thread, { type: 'end' })
    }
    await Promise.all(ended)
    process.off('exit', this.#atExit)
  }

  #take(): Thread {
    const missing = this.missing()
    if (missing !== null) throw missing
    if (this.#isClosed) throw new FaultError(fault('SB_CANCELLED', 'The session is ending.'))
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#threads.size >= MOST_THREADS) {
      throw new FaultError(
        fault('SB_STATE', `${MOST_THREADS} calls are blocked already: no more at once.`, {
          hint: 'Cancel some of them.',
        }),
      )
    }
    return this.#start()
  }

  #start(): Thread {
    if (this.#threads.size === 0) process.once('exit', this.#atExit)
    const worker = new Worker(this.#entry as string | URL)
    const thread: Thread = { worker, thread: null, running: null }
    this.#threads.add(thread)
    worker.on('message', (message: FromCaller) => {
      if (message.type === 'ready') thread.thread = message.thread
      else this.#told(thread, message)
    })
    worker.on('exit', () => {
      this.#threads.delete(thread)
      const at = this.#idle.indexOf(thread)
      if (at >= 0) this.#idle.splice(at, 1)
    })
    worker.on('error', () => {
      const { running } = thread
      if (running === null) return
      this.#release(thread)
      running.told({ type: 'done', outcome: { kind: 'cancelled' }, at: process.hrtime.bigint(), took: 0n })
    })
    return thread
  }

  #told(thread: Thread, message: Told): void {
    const { running } = thread
    if (running === null) return
    if (message.type === 'done') {
      this.#release(thread)
      if (this.#isClosed || this.#idle.length >= MOST_IDLE) post(thread, { type: 'end' })
      else this.#idle.push(thread)
      if (!this.#isClosed) thread.worker.unref()
    }
    running.told(message)
  }

  #release(thread: Thread): void {
    clearInterval(thread.running?.timer ?? undefined)
    thread.running = null
  }

  /** Node joins its threads as it exits, and one that is blocked in the kernel would keep it for ever. */
  readonly #atExit = (): void => {
    for (const thread of this.#threads) {
      if (thread.running === null) continue
      Atomics.store(thread.running.shared, SHARED.isCancelled, 1)
      signal(thread)
    }
  }
}

function post(thread: Thread, message: ToCaller): void {
  thread.worker.postMessage(message)
}

function signal(thread: Thread): void {
  if (thread.thread !== null && thread.running !== null) interrupts()?.interrupt(thread.thread)
}
