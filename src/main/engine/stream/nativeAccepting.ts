import { type AcceptMode } from '../../../shared/model/options'
import { type Fault, fault, FaultError } from '../../../shared/model/fault'
import { type ConnectionId } from '../../../shared/model/ids'
import { calls, errnoName } from '../posix/calls'
import { type Watch, type Watcher } from '../posix/watcher'

/** What a listener does when its callers are taken one by one. */
export interface AcceptingOwner {
  /** How many of those whom it accepted are there still. */
  readonly openCount: number
  /** An accepted descriptor, non-blocking. Null where it had to be closed at once. */
  take(fd: number): ConnectionId | null
  /** accept(2) failed, by the errno's name. */
  acceptFailed(code: string): void
  /** The queue may be another, or who waits for it. */
  moved(): void
}

interface Waiting {
  readonly accepted: (id: ConnectionId) => void
  readonly refused: (of: Error) => void
}

/** How often the queue is looked at: nothing tells when somebody joins it whom nobody accepts. */
const LOOK_MS = 100

/** Accepts from a listening descriptor of its own when it is told to, and never by itself. */
export class NativeAccepting {
  readonly fd: number
  readonly #watcher: Watcher
  readonly #owner: AcceptingOwner
  readonly #waiting: Waiting[] = []
  readonly #looking: NodeJS.Timeout
  #mode: AcceptMode
  #watch: Watch | null = null
  #isArmed = false
  #isOver = false

  constructor(fd: number, mode: AcceptMode, watcher: Watcher, owner: AcceptingOwner) {
    this.fd = fd
    this.#mode = mode
    this.#watcher = watcher
    this.#owner = owner
    // It holds the program, as Node's own listeners do.
    this.#looking = setInterval(() => owner.moved(), LOOK_MS)
  }

  /** accept(2) calls that wait for a caller. */
  get waiting(): number {
    return this.#waiting.length
  }

  setMode(mode: AcceptMode): void {
    this.#mode = mode
    if (mode !== 'manually') this.#refuseAll('callers are accepted in another way now')
    this.goOn()
  }

  /** One accept(2): resolves with the caller, as soon as there is one. Rejects with a `FaultError` when the listener closes first. */
  accept(): Promise<ConnectionId> {
    return new Promise((accepted, refused) => {
      this.#waiting.push({ accepted, refused })
      this.goOn()
    })
  }

  /** Accepts as many as are wanted now. */
  goOn(): void {
    const posix = calls()
    while (posix !== null && !this.#isOver && this.#isWanted()) {
      const { returned } = posix.accept(this.fd, true)
      if (returned >= 0) this.#took(returned)
      else if (!this.#mayTryAgain(errnoName(returned))) break
    }
    this.#owner.moved()
  }

  /** Resolves once nobody looks at the descriptor any more; it is not closed. */
  async stop(why: string): Promise<void> {
    this.#isOver = true
    clearInterval(this.#looking)
    this.#refuseAll(why)
    await this.#watch?.stop()
  }

  #isWanted(): boolean {
    return this.#mode === 'serially' ? this.#owner.openCount === 0 : this.#waiting.length > 0
  }

  #took(fd: number): void {
    const id = this.#owner.take(fd)
    if (id !== null) this.#waiting.shift()?.accepted(id)
  }

  /** @returns whether the next call may go otherwise at once */
  #mayTryAgain(code: string): boolean {
    if (code === 'EINTR' || code === 'ECONNABORTED') return true
    if (code === 'EAGAIN') this.#arm()
    else this.#owner.acceptFailed(code)
    return false
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    if (this.#watch !== null) return this.#watch.again()
    this.#watch = this.#watcher.watch(this.fd, 'in', () => {
      this.#isArmed = false
      this.goOn()
    })
  }

  #refuseAll(why: string): void {
    const of: Fault = fault('SB_CANCELLED', `Nobody was accepted: ${why}.`)
    for (const { refused } of this.#waiting.splice(0)) refused(new FaultError(of))
  }
}
