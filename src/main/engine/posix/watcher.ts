import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { fault, FaultError } from '../../../shared/model/fault'
import { calls, type Calls, errnoName } from './calls'
import { numbers } from './numbers'
import { type FromWatcher, type ToWatcher, type WatcherStart } from './watcherMessages'

/** One descriptor that is watched. It is told once each time it is asked for. */
export interface Watch {
  /** Tell once more. */
  again(): void
  /** Resolves once nobody looks at the descriptor any more. Close it only then: poll(2) would keep the socket alive, and its port taken. */
  stop(): Promise<void>
}

interface Watched {
  readonly fd: number
  readonly events: number
  readonly ready: () => void
  stopped: (() => void) | null
}

interface Thread {
  readonly worker: Worker
  readonly port: MessagePort
  /** The writing end of the pipe that wakes it. */
  readonly wake: number
}

/**
 * Tells when descriptors are ready that Node's own loop cannot watch: listeners that do not accept by themselves, datagram sockets
 * of AF_UNIX, raw sockets. They are waited for by poll(2) in a thread of its own, which begins with the first of them.
 */
export class Watcher {
  readonly #entry: string | URL | undefined
  readonly #watched = new Map<number, Watched>()
  #thread: Thread | null = null
  #next = 1
  #isClosed = false

  /** @param entry the built thread, out/main/watcher.js */
  constructor(entry: string | URL | undefined) {
    this.#entry = entry
  }

  /**
   * Calls back once when the descriptor can be read (or a caller accepted), or written (or a connect has come to its end); an error and
   * a hang-up count as both. Whoever is told tries the call, and is answered EAGAIN at worst. Throws a `FaultError` where this cannot be done.
   */
  watch(fd: number, events: 'in' | 'out', ready: () => void): Watch {
    const thread = this.#start()
    const token = this.#next++
    const watched: Watched = { fd, events: numbers?.poll[events] ?? 0, ready, stopped: null }
    this.#watched.set(token, watched)
    const again = (): void => {
      if (this.#isClosed || watched.stopped !== null || !this.#watched.has(token)) return
      this.#post({ type: 'watch', token, fd, events: watched.events })
    }
    again()
    return {
      again,
      stop: () =>
        new Promise((resolve) => {
          if (!this.#watched.has(token) || this.#thread !== thread) return resolve()
          const before = watched.stopped
          watched.stopped = () => {
            before?.()
            resolve()
          }
          // Whoever waits for this holds the program.
          thread.port.ref()
          if (before === null) this.#post({ type: 'stop', token })
        }),
    }
  }

  /** Ends the thread. Nothing is told after this. */
  async close(): Promise<void> {
    this.#isClosed = true
    const thread = this.#thread
    if (thread === null) return
    const exited = new Promise<void>((resolve) => thread.worker.once('exit', () => resolve()))
    thread.worker.ref()
    this.#post({ type: 'end' })
    await exited
    this.#ended()
  }

  #start(): Thread {
    if (this.#thread !== null) return this.#thread
    const posix = calls()
    if (posix === null || this.#entry === undefined || this.#isClosed) throw new FaultError(missing())
    const ends = new Int32Array(2)
    const returned = posix.pipe(ends)
    if (returned < 0) throw new FaultError({ ...missing(), code: errnoName(returned), syscall: 'pipe' })
    const [reading = -1, writing = -1] = ends
    posix.setNonBlocking(writing, true)
    const { port1: port, port2 } = new MessageChannel()
    const start: WatcherStart = { port: port2, wake: reading }
    const worker = new Worker(this.#entry, { workerData: start, transferList: [port2] })
    worker.unref()
    port.on('message', (message: FromWatcher) => this.#told(message))
    port.unref()
    worker.on('error', () => this.#ended())
    this.#thread = { worker, port, wake: writing }
    return this.#thread
  }

  #post(message: ToWatcher): void {
    if (this.#thread === null) return
    this.#thread.port.postMessage(message)
    // A pipe that is full has woken it already.
    ;(calls() as Calls).write(this.#thread.wake, Uint8Array.of(1))
  }

  #told(message: FromWatcher): void {
    const watched = this.#watched.get(message.token)
    if (watched === undefined) return
    if (message.type === 'ready') {
      if (watched.stopped === null && !this.#isClosed) watched.ready()
      return
    }
    this.#watched.delete(message.token)
    watched.stopped?.()
    if ([...this.#watched.values()].every(({ stopped }) => stopped === null)) this.#thread?.port.unref()
  }

  #ended(): void {
    if (this.#thread === null) return
    const { port, wake } = this.#thread
    this.#thread = null
    port.close()
    ;(calls() as Calls).close(wake)
    for (const { stopped } of this.#watched.values()) stopped?.()
    this.#watched.clear()
  }
}

function missing(): ReturnType<typeof fault> {
  return fault('SB_UNSUPPORTED', 'This build cannot call the socket functions of this system directly.', {
    hint: 'It needs Linux or macOS, and the library koffi that comes with Switchboard.',
  })
}
