import { type Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { type Hub } from '../hub'
import { sockopt } from '../posix/sockopt'
import { type Track } from '../recorder'
import { type Remaining } from './ending'
import { hear, type Hearer } from './hearing'
import { adopt, descriptorOf, type Sleeper, type StreamHandle } from './internals'
import { pauses, Reading, type Sink } from './reading'
import { Writing, type WritingEvents } from './writing'

/** Who is told of all that happens to a transport. */
export type TransportOwner = Hearer & Sink & WritingEvents

/**
 * The socket of one connection with its reading and writing sides. An accepted one has no socket object until something
 * happens: for most of ten thousand silent callers it never is needed.
 */
export class Transport implements Sleeper {
  readonly reading: Reading
  readonly #hub: Hub
  readonly #owner: TransportOwner
  #socket: Socket | null = null
  /** The handle of an accepted connection on which nothing has happened yet. */
  #sleeping: StreamHandle | null = null
  #writing: Writing | null = null
  #isFinishing = false

  constructor(hub: Hub, track: Track, owner: TransportOwner) {
    this.#hub = hub
    this.#owner = owner
    this.reading = new Reading(hub.readMemory, track, owner)
  }

  /** A connected socket. @param isReadDirectly made with `reading.onread` */
  attach(socket: Socket, isReadDirectly: boolean): void {
    if (!this.#hub.recorder.hasRoom) this.reading.pause(pauses.room)
    this.#socket = socket
    hear(socket, this.#owner)
    this.reading.attach(socket, isReadDirectly)
  }

  /** An accepted handle. */
  attachAsleep(handle: StreamHandle): void {
    if (!this.#hub.recorder.hasRoom) this.reading.pause(pauses.room)
    this.#sleeping = handle
    if (!this.reading.attachAsleep(handle, this)) this.wake()
  }

  /** Something came in, or is to be done (Sleeper). */
  wake(): void {
    const handle = this.#sleeping
    if (handle === null) return
    this.#sleeping = null
    this.attach(adopt(handle, this.reading.onread), true)
  }

  /** The socket, as long as there is one. */
  socket(): Socket | null {
    this.wake()
    return this.#socket
  }

  /** False once our FIN is on its way, or the end has begun. */
  get canSend(): boolean {
    return !this.#isFinishing && (this.#socket ?? this.#sleeping) !== null
  }

  /** For whoever only looks: an accepted connection that sleeps is not woken by it. */
  get descriptor(): number | null {
    if (this.#sleeping !== null) return this.#sleeping.fd
    return this.#socket === null ? null : descriptorOf(this.#socket)
  }

  /** Bytes that we have and the kernel has not taken. */
  get queuedBytes(): number {
    return this.#writing?.queuedBytes ?? 0
  }

  /** @returns how many bytes the kernel took at once; 0 too when it is too late to send */
  write(bytes: Uint8Array): number {
    const socket = this.#isFinishing ? null : this.socket()
    if (socket === null) return 0
    // Many a connection is only listened to: its writing side is made when it is needed.
    this.#writing ??= new Writing(socket, this.#hub.staging, this.#owner)
    return this.#writing.write(bytes)
  }

  /** FIN after what is queued. @param finished called when it is on its way */
  finish(finished: () => void): void {
    const socket = this.socket()
    if (this.#isFinishing || socket === null) return
    this.#isFinishing = true
    // 'finish' comes when shutdown(2) is done.
    socket.once('finish', finished)
    if (this.#writing === null) socket.end()
    else this.#writing.finish()
  }

  /** libuv refuses to reset while a shutdown is under way (uv_tcp_close_reset), which takes one turn of the loop. */
  get isShuttingDown(): boolean {
    return this.#socket !== null && this.#socket.writableEnded && !this.#socket.writableFinished
  }

  /** Closes the descriptor; with `reset`, by RST. 'close' follows. @returns how many bytes the kernel never took */
  destroy(how: 'close' | 'reset'): number {
    const socket = this.socket()
    const unsentBytes = this.stop()
    if (how === 'reset') socket?.resetAndDestroy()
    else socket?.destroy()
    return unsentBytes
  }

  /** What the kernel has not taken by now it never will. @returns how many bytes that are */
  stop(): number {
    const unsentBytes = this.#writing?.stop() ?? 0
    this.#writing = null
    this.#isFinishing = true
    return unsentBytes
  }

  /** The descriptor is gone. */
  detach(): void {
    this.reading.detach()
    this.#socket = null
  }

  /** What a closing connection still waits for. */
  remaining(): Remaining {
    const descriptor = this.#descriptor()
    const unacknowledgedBytes = descriptor === null ? 0 : (sockopt()?.unacknowledgedBytes(descriptor) ?? 0)
    return { queuedBytes: this.queuedBytes, unacknowledgedBytes }
  }

  /** SO_ERROR: the errno's name of what has happened to the socket and nobody was told yet. Asking clears it (socket(7)). */
  untoldError(): string | null {
    const descriptor = this.#descriptor()
    const errno = descriptor === null ? 0 : (sockopt()?.get(descriptor, 'SO_ERROR') ?? 0)
    return typeof errno === 'number' && errno > 0 ? getSystemErrorName(-errno) : null
  }

  #descriptor(): number | null {
    const socket = this.socket()
    return socket === null ? null : descriptorOf(socket)
  }
}
