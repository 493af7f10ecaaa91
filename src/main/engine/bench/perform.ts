import { type BenchAct, type BenchFlag } from '../../../shared/model/bench'
import { type Calls, errnoName, type Returned, type WithAddress } from '../posix/calls'
import { numbers } from '../posix/numbers'
import { type Address } from '../posix/sockaddr'
import { type FromCaller, type Job, type Outcome, SHARED } from './callerMessages'
import { optionCall } from './optionCall'
import { errnoNumber, protocolNumber, protocolText } from './protocols'
import { TracedCalls } from './tracedCalls'

/** What io.BufferedReader asks for at a time (io.DEFAULT_BUFFER_SIZE). */
const FILE_BUFFER_BYTES = 8192
const value = (of: Omit<Extract<Outcome, { kind: 'value' }>, 'kind'> = {}): Outcome => ({
  kind: 'value',
  ...of,
})
const timedOut: Outcome = { kind: 'timedOut' }
const cancelled: Outcome = { kind: 'cancelled' }

/** What a wait came to: go on with the call, or an outcome. */
type Waited = Outcome | null

/**
 * Makes one call as CPython's socket module makes it (Modules/socketmodule.c, sock_call_ex), on the thread that it blocks: a timeout is
 * a poll(2) before each try on a descriptor that does not block, EINTR is tried again unless it was cancelled, sendall is a loop of send.
 */
export class Performer {
  readonly #posix: Calls
  readonly #post: (message: FromCaller) => void

  constructor(posix: Calls, post: (message: FromCaller) => void) {
    this.#posix = posix
    this.#post = post
  }

  perform(job: Job): Outcome {
    return new Performance(job, new TracedCalls(this.#posix, this.#post), this.#post).run()
  }
}

class Performance {
  readonly #job: Job
  readonly #traced: TracedCalls
  readonly #post: (message: FromCaller) => void
  readonly #shared: Int32Array
  readonly #descriptor: Int32Array | null

  constructor(job: Job, traced: TracedCalls, post: (message: FromCaller) => void) {
    this.#job = job
    this.#traced = traced
    this.#post = post
    this.#shared = new Int32Array(job.shared)
    this.#descriptor = job.descriptor === null ? null : new Int32Array(job.descriptor)
  }

  /** -1 once the socket is closed: its number may be another's by then. */
  get #fd(): number {
    return this.#descriptor === null ? -1 : Atomics.load(this.#descriptor, 0)
  }
  get #isCancelled(): boolean {
    return Atomics.load(this.#shared, SHARED.isCancelled) !== 0
  }

  run(): Outcome {
    const { act } = this.#job
    const traced = this.#traced
    switch (act.call) {
      case 'socket':
        return this.#socket(act)
      case 'bind':
        return this.#once('bind', () => traced.bind(this.#fd, act.address))
      case 'listen':
        return this.#once('listen', () => traced.listen(this.#fd, act.backlog))
      case 'accept':
        return this.#retried('accept', 'in', () => traced.accept(this.#fd))
      case 'connect':
      case 'connect_ex':
        return this.#connect(act.address, act.call === 'connect_ex')
      case 'recv':
        // CPython asks nobody for no bytes.
        return act.bufsize === 0 ? value({ bytes: new Uint8Array(0) }) : this.#recv(act.bufsize, act.flags)
      case 'recvfrom':
        return this.#recvfrom(act.bufsize, act.flags)
      case 'send':
        return this.#send(act.bytes, act.flags, null)
      case 'sendto':
        return this.#send(act.bytes, act.flags, act.address)
      case 'sendall':
        return this.#sendall(act.bytes, act.flags)
      case 'shutdown':
        return this.#once('shutdown', () =>
          traced.shutdown(this.#fd, act.how, numbers?.shutdown[act.how] ?? 0),
        )
      case 'close':
        return this.#close()
      case 'getsockname':
        return this.#named('getsockname', traced.getsockname(this.#fd))
      case 'getpeername':
        return this.#named('getpeername', traced.getpeername(this.#fd))
      case 'setblocking':
        return this.#once('ioctl', () => traced.setNonBlocking(this.#fd, !act.flag))
      case 'settimeout':
        return this.#once('ioctl', () => traced.setNonBlocking(this.#fd, act.seconds !== null))
      case 'setsockopt':
      case 'getsockopt':
        return optionCall(traced, this.#fd, act)
      case 'readline':
        return this.#readline()
      case 'fileno':
      case 'gettimeout':
      case 'makefile':
        return value()
    }
  }

  #socket({ family, type, protocol }: Extract<BenchAct, { call: 'socket' }>): Outcome {
    const returned = this.#traced.socket(family, type, protocolText(family, protocol), [
      numbers?.families[family] ?? 0,
      numbers?.types[type] ?? 0,
      protocolNumber(protocol),
    ])
    return returned < 0 ? failed(returned, 'socket') : value({ number: returned })
  }

  #once(call: string, act: () => Returned): Outcome {
    const returned = act()
    return returned < 0 ? failed(returned, call) : value({ number: returned })
  }

  #named(call: string, { returned, address }: WithAddress): Outcome {
    return returned < 0 ? failed(returned, call) : value({ address })
  }

  #close(): Outcome {
    const fd = this.#fd
    const { placeholder } = this.#job
    if (this.#descriptor === null) return value()
    // Nobody else may take the number for this socket from here on, and when it is free nobody has it any more.
    Atomics.store(this.#descriptor, 0, -1)
    const returned = placeholder === null ? this.#traced.close(fd) : this.#traced.replace(fd, placeholder)
    return returned < 0 ? failed(returned, 'close') : value()
  }

  /** sock_call_ex. @param deadline of several tries; null makes one of the socket's timeout */
  #retried(
    call: string,
    events: 'in' | 'out',
    act: () => WithAddress,
    deadline: number | null = this.#deadline(),
  ): Outcome {
    for (;;) {
      if (deadline !== null) {
        const waited = this.#wait(events === 'in' ? pollIn : pollOut, deadline)
        if (waited !== null) return waited
      }
      const { returned, address } = act()
      if (returned >= 0) return value({ number: returned, address })
      const errno = errnoName(returned)
      if (errno === 'EINTR') {
        if (this.#isCancelled) return cancelled
        continue
      }
      if (deadline !== null && errno === 'EAGAIN') continue
      return failed(returned, call)
    }
  }

  /** In ms of `performance.now()`; null where the socket has no timeout. */
  #deadline(): number | null {
    const { mode } = this.#job
    return mode.kind === 'timeout' ? performance.now() + mode.seconds * 1000 : null
  }

  /** internal_select: null when the descriptor is ready. */
  #wait(events: number, deadline: number | null): Waited {
    for (;;) {
      if (this.#isCancelled) return cancelled
      // Of a closed socket nothing is waited for, and the call itself says EBADF.
      if (this.#fd < 0) return null
      const left = deadline === null ? -1 : Math.ceil(deadline - performance.now())
      if (deadline !== null && left < 0) return timedOut
      const returned = this.#traced.poll(this.#fd, events, left)
      if (returned === 0) return timedOut
      if (returned > 0) return null
      if (errnoName(returned) !== 'EINTR') return failed(returned, 'poll')
    }
  }

  #connect(to: Address, isEx: boolean): Outcome {
    const raised = this.#tryConnect(to)
    if (!isEx) return raised.kind === 'value' ? value() : raised
    // connect_ex gives the errno; that of a timeout is EAGAIN (SOCK_TIMEOUT_ERR).
    if (raised.kind === 'failed') return value({ number: errnoNumber(raised.errno) })
    if (raised.kind === 'timedOut') return value({ number: errnoNumber('EAGAIN') })
    return raised.kind === 'value' ? value({ number: 0 }) : raised
  }

  /** internal_connect. */
  #tryConnect(to: Address): Outcome {
    const returned = this.#traced.connect(this.#fd, to)
    if (returned >= 0) return value()
    const errno = errnoName(returned)
    if (errno === 'EINTR' && this.#isCancelled) return cancelled
    const deadline = this.#deadline()
    if (errno !== 'EINTR' && !(errno === 'EINPROGRESS' && deadline !== null))
      return failed(returned, 'connect')
    const waited = this.#wait(pollOut | pollError, deadline)
    if (waited !== null) return waited
    const bytes = new Uint8Array(4)
    const word = new Int32Array(bytes.buffer)
    const asked = this.#traced.getsockopt(
      this.#fd,
      ['SOL_SOCKET', 'SO_ERROR'],
      soError,
      bytes,
      () => `[${errorText(word[0] ?? 0)}]`,
    )
    if (asked < 0) return failed(asked, 'getsockopt')
    const error = word[0] ?? 0
    return error === 0 ? value() : failed(-error, 'connect')
  }

  #recv(bufsize: number, flags: readonly BenchFlag[]): Outcome {
    const into = new Uint8Array(bufsize)
    const outcome = this.#retried('recvfrom', 'in', () => {
      const returned = this.#traced.recv(this.#fd, into, flags)
      this.#moved('in', into, returned, flags, null)
      return { returned, address: null }
    })
    return withBytes(outcome, into)
  }

  #recvfrom(bufsize: number, flags: readonly BenchFlag[]): Outcome {
    const into = new Uint8Array(bufsize)
    const outcome = this.#retried('recvfrom', 'in', () => {
      const answer = this.#traced.recvfrom(this.#fd, into, flags)
      this.#moved('in', into, answer.returned, flags, answer.address)
      return answer
    })
    return withBytes(outcome, into)
  }

  #send(
    bytes: Uint8Array,
    flags: readonly BenchFlag[],
    to: Address | null,
    deadline: number | null = this.#deadline(),
  ): Outcome {
    return this.#retried(
      'sendto',
      'out',
      () => {
        const returned = this.#traced.send(this.#fd, bytes, flags, to)
        this.#moved('out', bytes, returned, [], to)
        return { returned, address: null }
      },
      deadline,
    )
  }

  #sendall(bytes: Uint8Array, flags: readonly BenchFlag[]): Outcome {
    const deadline = this.#deadline()
    let sent = 0
    do {
      const outcome = this.#send(bytes.subarray(sent), flags, null, deadline)
      if (outcome.kind !== 'value') return outcome
      sent += outcome.number ?? 0
      if (this.#isCancelled) return cancelled
    } while (sent < bytes.length)
    return value()
  }

  /** BufferedReader.readline over SocketIO.readinto. What was read for a line that a timeout cuts is lost, as there. */
  #readline(): Outcome {
    let held = this.#job.rest
    for (;;) {
      const end = held.indexOf(0x0a)
      if (end >= 0) return value({ bytes: held.slice(0, end + 1), rest: held.slice(end + 1) })
      const outcome = this.#recv(FILE_BUFFER_BYTES, [])
      // Of a descriptor that does not block, what there is so far.
      if (outcome.kind === 'failed' && outcome.errno === 'EAGAIN') return value({ bytes: held, rest: none })
      if (outcome.kind !== 'value') return outcome
      const more = outcome.bytes ?? none
      if (more.length === 0) return value({ bytes: held, rest: none, isEnd: true })
      held = Buffer.concat([held, more])
    }
  }

  /** What was only looked at stays where it is. A stream's end is told too: by 0 bytes. */
  #moved(
    direction: 'in' | 'out',
    bytes: Uint8Array,
    returned: Returned,
    flags: readonly BenchFlag[],
    peer: Address | null,
  ): void {
    if (returned < 0 || flags.includes('MSG_PEEK')) return
    this.#post({ type: 'moved', direction, bytes: bytes.slice(0, Math.min(returned, bytes.length)), peer })
  }
}

const none = new Uint8Array(0)
const pollIn = numbers?.poll.in ?? 0
const pollOut = numbers?.poll.out ?? 0
const pollError = numbers?.poll.error ?? 0
/** SOL_SOCKET and SO_ERROR. */
const soError = process.platform === 'darwin' ? ([0xffff, 0x1007] as const) : ([1, 4] as const)

function failed(returned: Returned, call: string): Outcome {
  return { kind: 'failed', errno: errnoName(returned), call }
}

/** What recv(2) says it would have taken may be more than there is room for (MSG_TRUNC). */
function withBytes(outcome: Outcome, into: Uint8Array): Outcome {
  if (outcome.kind !== 'value') return outcome
  return { ...outcome, bytes: into.slice(0, Math.min(outcome.number ?? 0, into.length)) }
}

function errorText(error: number): string {
  return error === 0 ? '0' : errnoName(-error)
}
