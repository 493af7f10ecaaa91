import { type BenchFlag } from '../../../shared/model/bench'
import { type Calls, PollSet, type Returned, type WithAddress } from '../posix/calls'
import { numbers } from '../posix/numbers'
import { type Address, MAX_ADDRESS_BYTES } from '../posix/sockaddr'
import { type FromCaller } from './callerMessages'
import { addressText, bytesText, eventsText, flagsText, lengthOf, lengthText, UNFILLED } from './straceText'

type Post = (message: FromCaller) => void

/** The socket calls, each told before and after: what is shown as a bench's system calls is made here and nowhere else. */
export class TracedCalls {
  readonly #posix: Calls
  readonly #post: Post

  constructor(posix: Calls, post: Post) {
    this.#posix = posix
    this.#post = post
  }

  /**
   * @param text before the call, with what the kernel fills in left out; @param filled after it, by what was returned
   */
  #made<T>(
    name: string,
    text: string,
    act: () => T,
    returnedOf: (answer: T) => Returned,
    filled: (answer: T) => string = () => text,
    note: (answer: T) => string = () => '',
  ): T {
    const at = process.hrtime.bigint()
    this.#post({ type: 'entered', name, text, at })
    // Its own telling is not counted.
    const began = process.hrtime.bigint()
    const answer = act()
    const took = process.hrtime.bigint() - began
    const returned = returnedOf(answer)
    const told = returned < 0 ? text : filled(answer)
    this.#post({ type: 'left', name, text: told, returned, note: note(answer), at: began, took })
    return answer
  }

  #plain(name: string, text: string, act: () => Returned): Returned {
    return this.#made(name, text, act, (returned) => returned)
  }

  #addressed(name: string, text: (address: string, length: string) => string, act: () => WithAddress) {
    return this.#made(
      name,
      text(UNFILLED, `[${MAX_ADDRESS_BYTES}]`),
      act,
      ({ returned }) => returned,
      ({ address }) =>
        address === null
          ? text(UNFILLED, lengthText(MAX_ADDRESS_BYTES, 0))
          : text(addressText(address), lengthText(MAX_ADDRESS_BYTES, lengthOf(address))),
    )
  }

  socket(family: string, type: string, protocol: string, [f, t, p]: readonly [number, number, number]) {
    return this.#plain('socket', `socket(${family}, ${type}|SOCK_CLOEXEC, ${protocol})`, () =>
      this.#posix.socket(f, t, p),
    )
  }
  bind(fd: number, to: Address): Returned {
    const text = `bind(${fd}, ${addressText(to)}, ${lengthOf(to)})`
    return this.#plain('bind', text, () => this.#posix.bind(fd, to))
  }
  listen(fd: number, backlog: number): Returned {
    return this.#plain('listen', `listen(${fd}, ${backlog})`, () => this.#posix.listen(fd, backlog))
  }
  accept(fd: number): WithAddress {
    return this.#addressed(
      'accept4',
      (address, length) => `accept4(${fd}, ${address}, ${length}, SOCK_CLOEXEC)`,
      () => this.#posix.accept(fd, false),
    )
  }
  connect(fd: number, to: Address): Returned {
    const text = `connect(${fd}, ${addressText(to)}, ${lengthOf(to)})`
    return this.#plain('connect', text, () => this.#posix.connect(fd, to))
  }
  /** send(2) is sendto(2) without an address, on Linux in the kernel too. */
  send(fd: number, bytes: Uint8Array, flags: readonly BenchFlag[], to: Address | null): Returned {
    const where = to === null ? 'NULL, 0' : `${addressText(to)}, ${lengthOf(to)}`
    const text = `sendto(${fd}, ${bytesText(bytes)}, ${bytes.length}, ${flagsText(flags)}, ${where})`
    const bits = flagBits(flags)
    return this.#plain('sendto', text, () =>
      to === null ? this.#posix.send(fd, bytes, bits) : this.#posix.sendto(fd, bytes, bits, to),
    )
  }
  recv(fd: number, into: Uint8Array, flags: readonly BenchFlag[]): Returned {
    const text = (got: string): string =>
      `recvfrom(${fd}, ${got}, ${into.length}, ${flagsText(flags)}, NULL, NULL)`
    return this.#made(
      'recvfrom',
      text(UNFILLED),
      () => this.#posix.recv(fd, into, flagBits(flags)),
      (returned) => returned,
      (returned) => text(bytesText(into.subarray(0, Math.min(returned, into.length)))),
    )
  }
  recvfrom(fd: number, into: Uint8Array, flags: readonly BenchFlag[]): WithAddress {
    const text = (got: string, address: string, length: string): string =>
      `recvfrom(${fd}, ${got}, ${into.length}, ${flagsText(flags)}, ${address}, ${length})`
    return this.#made(
      'recvfrom',
      text(UNFILLED, UNFILLED, `[${MAX_ADDRESS_BYTES}]`),
      () => this.#posix.recvfrom(fd, into, flagBits(flags)),
      ({ returned }) => returned,
      ({ returned, address }) =>
        text(
          bytesText(into.subarray(0, Math.min(returned, into.length))),
          address === null ? UNFILLED : addressText(address),
          lengthText(MAX_ADDRESS_BYTES, address === null ? 0 : lengthOf(address)),
        ),
    )
  }
  shutdown(fd: number, name: string, how: number): Returned {
    return this.#plain('shutdown', `shutdown(${fd}, ${name})`, () => this.#posix.shutdown(fd, how))
  }
  close(fd: number): Returned {
    return this.#plain('close', `close(${fd})`, () => this.#posix.close(fd))
  }
  /** Closes the descriptor, and keeps its number. */
  replace(fd: number, placeholder: number): Returned {
    return this.#plain('dup3', `dup3(${placeholder}, ${fd}, O_CLOEXEC)`, () =>
      this.#posix.duplicateOnto(placeholder, fd),
    )
  }
  getsockname(fd: number): WithAddress {
    return this.#addressed(
      'getsockname',
      (address, length) => `getsockname(${fd}, ${address}, ${length})`,
      () => this.#posix.getsockname(fd),
    )
  }
  getpeername(fd: number): WithAddress {
    return this.#addressed(
      'getpeername',
      (address, length) => `getpeername(${fd}, ${address}, ${length})`,
      () => this.#posix.getpeername(fd),
    )
  }
  /** @param shown what the value says, once it is there */
  getsockopt(
    fd: number,
    [levelName, optionName]: readonly [string, string],
    [level, option]: readonly [number, number],
    into: Uint8Array,
    shown: (lengthBytes: number) => string,
  ): Returned {
    const text = (value: string, length: string): string =>
      `getsockopt(${fd}, ${levelName}, ${optionName}, ${value}, ${length})`
    return this.#made(
      'getsockopt',
      text(UNFILLED, `[${into.length}]`),
      () => this.#posix.getsockopt(fd, level, option, into),
      // The call itself returns 0; the length is our own.
      (returned) => Math.min(0, returned),
      (returned) => text(shown(returned), lengthText(into.length, returned)),
    )
  }
  setsockopt(
    fd: number,
    [levelName, optionName]: readonly [string, string],
    [level, option]: readonly [number, number],
    value: Uint8Array,
    shown: string,
  ): Returned {
    const text = `setsockopt(${fd}, ${levelName}, ${optionName}, ${shown}, ${value.length})`
    return this.#plain('setsockopt', text, () => this.#posix.setsockopt(fd, level, option, value))
  }
  /** Waits for one descriptor. @param timeoutMs -1 for ever */
  poll(fd: number, events: number, timeoutMs: number): Returned {
    const set = new PollSet(1)
    set.watch(0, fd, events)
    const text = `poll([{fd=${fd}, events=${eventsText(events)}}], 1, ${timeoutMs})`
    return this.#made(
      'poll',
      text,
      () => this.#posix.poll(set, timeoutMs),
      (returned) => returned,
      () => text,
      (returned) =>
        returned === 0
          ? '(Timeout)'
          : returned > 0
            ? `([{fd=${fd}, revents=${eventsText(set.told(0))}}])`
            : '',
    )
  }
  /** ioctl(FIONBIO), as CPython sets it. */
  setNonBlocking(fd: number, isNonBlocking: boolean): Returned {
    return this.#plain('ioctl', `ioctl(${fd}, FIONBIO, [${isNonBlocking ? 1 : 0}])`, () =>
      this.#posix.ioctlNonBlocking(fd, isNonBlocking),
    )
  }
}

export function flagBits(flags: readonly BenchFlag[]): number {
  return flags.reduce((bits, flag) => bits | (numbers?.sendAndReceive[flag] ?? 0), 0)
}
