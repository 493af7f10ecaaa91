import { type Server, Socket } from 'node:net'

/**
 * Everything that rests on Node's internals, in one place, each with what happens where it is not there:
 *
 * - `handle.useUserBuffer(view)`, which `onread` itself calls: without it a socket keeps to the one buffer (reading.ts).
 * - `handle.writeQueueSize`, which `socket.bufferSize` once told: without it a write counts as taken only when it is whole.
 * - `server._handle.onconnection`, the function to which libuv's handle gives each caller, and `handle.onread`, to which it
 *   gives each read: without them callers are taken from the server's 'connection' event and read with 'data' events,
 *   which costs a socket object for each caller and a buffer for each read.
 *
 * They are alike in Node 18 to 24 (lib/net.js, src/stream_base.cc); `canAdoptHandles` below looks whether they are here.
 */
export interface StreamHandle {
  readonly fd: number
  /** Bytes of the write in progress that the kernel has not taken yet. */
  readonly writeQueueSize: number
  /** The next reads go there. Each call costs some 48 bytes until the socket closes. */
  useUserBuffer(view: Uint8Array): void
  /** Node's own note of whether it reads; a socket made around the handle goes by it. */
  reading: boolean
  readStart(): number
  readStop(): number
  /** Called for each read, end and error; how long it was, or which, Node's own function knows where to look up. */
  onread(this: StreamHandle, memory: unknown): unknown
  /** getsockname(2) and getpeername(2): fills the object in; not 0 when it failed. Pipes do not have them. */
  getsockname?(into: Partial<InetAddress>): number
  getpeername?(into: Partial<InetAddress>): number
  close(): void
}

export interface InetAddress {
  address: string
  port: number
}

interface ListeningHandle extends StreamHandle {
  onconnection(this: unknown, error: number, client: StreamHandle | undefined): void
}

/** The handle of an open socket, null before and after. */
export function handleOf(socket: Socket): StreamHandle | null {
  return (socket as Socket & { readonly _handle?: StreamHandle | null })._handle ?? null
}

/** The file descriptor of an open socket, null where there is none (closed, or on Windows). */
export function descriptorOf(socket: Socket | Server): number | null {
  const fd = (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd
  return fd === undefined || fd < 0 ? null : fd
}

/** Whether the next read's place can be changed from outside of a read. */
export function canRedirect(handle: StreamHandle | null): handle is StreamHandle {
  return handle !== null && typeof handle.useUserBuffer === 'function'
}

/** Whether the handle tells how much of a write waits. */
export function waitingBytes(handle: StreamHandle | null): number | null {
  return handle !== null && typeof handle.writeQueueSize === 'number' ? handle.writeQueueSize : null
}

export interface AcceptHandlers {
  /** Asked for each caller. False: the caller is closed at once and not made a socket. */
  mayAccept(): boolean
  accepted(handle: StreamHandle): void
  /** A negative errno of accept(2). */
  failed(errno: number): void
}

/**
 * Takes callers from the server's handle, before Node makes a socket of each: with a socket of our own we choose where its
 * bytes are read to, and one object per caller is spared. The server then counts no connections: it closes at once when told.
 * @returns false where this Node does not have what it needs; the server is left as it was
 */
export function interceptAccepts(server: Server, handlers: AcceptHandlers): boolean {
  const handle = (server as Server & { readonly _handle?: ListeningHandle | null })._handle
  if (handle === null || handle === undefined || typeof handle.onconnection !== 'function') return false
  // A listening handle is of the same class as those of its callers.
  if (!canSleep(handle) || !canAdoptHandles()) return false
  handle.onconnection = (error, client) => {
    if (error !== 0 || client === undefined) handlers.failed(error)
    else if (handlers.mayAccept()) handlers.accepted(client)
    else client.close()
  }
  return true
}

function canSleep(handle: StreamHandle): boolean {
  const needed = ['useUserBuffer', 'readStart', 'readStop', 'close'] as const
  return needed.every((name) => typeof handle[name] === 'function') && 'onread' in handle
}

const sleeper = Symbol('sleeper')
interface SleepingHandle extends StreamHandle {
  [sleeper]?: Sleeper
}

/** Whose handle has no socket yet. */
export interface Sleeper {
  /** Something came in: makes the socket around the handle, by `adopt`. */
  wake(): void
}

/**
 * Has an accepted handle wait for its first bytes, end or error without a socket around it: making one takes twice as
 * long as all the rest of an accept, and a kilobyte and a half. The first thing that comes wakes the owner and is then
 * given to the function of Node's that `adopt` has put in the place of ours.
 * @returns false when reading could not begin; the owner should wake, and its socket then tells why
 */
export function sleep(handle: SleepingHandle, owner: Sleeper, memory: Uint8Array): boolean {
  handle[sleeper] = owner
  handle.onread = wokenByRead
  handle.useUserBuffer(memory)
  return startReading(handle)
}

function wokenByRead(this: SleepingHandle, memory: unknown): unknown {
  this[sleeper]?.wake()
  return this.onread(memory)
}

export function startReading(handle: StreamHandle): boolean {
  handle.reading = handle.readStart() === 0
  return handle.reading
}

export function stopReading(handle: StreamHandle): void {
  handle.reading = false
  handle.readStop()
}

/**
 * A socket around a descriptor that is not connected yet: `connect()` then connects that descriptor, with its options and its bound
 * address, and makes none of its own. `manualStart` is an option of Node's own (net.connect sets it): without it the socket would
 * read at once, and be told ENOTCONN. Where Node knows it no more, the dial fails with that.
 */
export function unconnected(fd: number, onread: OnRead | null): Socket {
  const options = {
    fd,
    readable: true,
    writable: true,
    manualStart: true,
    allowHalfOpen: true,
    ...(onread === null ? {} : { onread }),
  }
  return new Socket(options)
}

/** A socket around an accepted handle, reading where `onread` says. */
export function adopt(handle: StreamHandle, onread: OnRead): Socket {
  // `handle` is the option by which net.Server itself makes its sockets; the types do not have it.
  const options = { handle, onread, allowHalfOpen: true }
  return new Socket(options)
}

/** Node's `onread`, whose `buffer` may be a function (https://nodejs.org/api/net.html#socketconnectoptions-connectlistener). */
export interface OnRead {
  buffer(): Uint8Array
  callback(lengthBytes: number, buffer: Uint8Array): boolean
}

let canAdopt: boolean | undefined

/** The self-test: gives `net.Socket` a handle of no kernel socket, and looks whether it asks for memory and passes on what is read. */
function canAdoptHandles(): boolean {
  canAdopt ??= test()
  return canAdopt
}

function test(): boolean {
  const memory = new Uint8Array(8)
  let given: unknown = null
  let isReading = false
  const handle = {
    fd: -1,
    reading: false,
    onread: () => undefined,
    useUserBuffer: (view: unknown) => void (given = view),
    readStart: () => ((isReading = true), 0),
    readStop: () => 0,
    getAsyncId: () => 0,
    close: (done?: () => void) => done?.(),
  }
  try {
    const socket = adopt(handle as unknown as StreamHandle, { buffer: () => memory, callback: () => true })
    const isAdopted = given === memory && isReading && handleOf(socket) === (handle as unknown)
    socket.destroy()
    return isAdopted
  } catch {
    return false // whatever is different in this Node: the other path works everywhere
  }
}
