import { libc, type Libc } from '../posix/libc'

/** Ends the system call that a thread is in. */
export interface Interrupts {
  /** Of the thread that asks. */
  ownThread(): number
  /** Its system call returns EINTR. Nothing happens to a thread that is in none. The thread must not have ended. */
  interrupt(thread: number): void
}

/** struct sigaction of <bits/sigaction.h>, glibc and musl: handler, 128 bytes of mask, flags, restorer. macOS: handler, mask, flags. */
const SIGACTION_BYTES = process.platform === 'darwin' ? 16 : 152
/** Signals that nobody uses for anything else, the first of them that has no handler: real-time ones on Linux; SIGURG and SIGIO, which are passed over otherwise, on macOS. */
const candidates = process.platform === 'darwin' ? [16, 23] : [50, 49, 48, 47, 46, 45, 44, 43, 42]

let bound: Interrupts | null | undefined

/** Null where the C library cannot be called, or no signal is free. */
export function interrupts(): Interrupts | null {
  bound ??= load()
  return bound
}

function load(): Interrupts | null {
  const library = process.platform === 'linux' || process.platform === 'darwin' ? libc() : null
  if (library === null) return null
  const self = library.func('unsigned long pthread_self()') as () => number
  const kill = library.func('int pthread_kill(unsigned long thread, int signal)') as (
    thread: number,
    signal: number,
  ) => number
  let signal: number | null = null
  return {
    ownThread: () => self(),
    interrupt(thread) {
      signal ??= handled(library)
      if (signal !== null) kill(thread, signal)
    },
  }
}

/**
 * A signal whose handler does nothing: abs(3) takes an int, as a handler does, and touches nothing. Without SA_RESTART, so that a system
 * call that it comes into returns EINTR (signal(7)); the handler is the process's, and only our threads are sent the signal.
 */
function handled(library: Libc): number | null {
  // RTLD_DEFAULT: NULL on Linux, -2 on macOS (dlsym(3)).
  const address = library.func('uintptr_t dlsym(intptr_t handle, const char *name)') as (
    handle: number,
    name: string,
  ) => number | bigint
  const sigaction = library.func('int sigaction(int signal, const void *act, void *old)') as (
    signal: number,
    act: Uint8Array | null,
    old: Uint8Array | null,
  ) => number
  const harmless = BigInt(address(process.platform === 'darwin' ? -2 : 0, 'abs'))
  if (harmless === 0n) return null
  const act = Buffer.alloc(SIGACTION_BYTES)
  act.writeBigUInt64LE(harmless)
  const old = Buffer.alloc(SIGACTION_BYTES)
  for (const each of candidates) {
    if (sigaction(each, null, old) !== 0) continue
    const now = old.readBigUInt64LE()
    if (now !== 0n && now !== harmless) continue // somebody else's
    if (sigaction(each, act, null) === 0) return each
  }
  return null
}
