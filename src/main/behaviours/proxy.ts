import { isSameEndpoint, type Endpoint } from '../../shared/model/endpoint'
import { type ConnectionId } from '../../shared/model/ids'
import { drop } from '../../shared/model/must'
import { type BehavedConnection, type Behaviour, type Engine, type Reaction } from '../engine/types'

/** What one side has not taken yet; the other is not read any further then. */
const MOST_WAITING_BYTES = 1024 * 1024

/**
 * Dials the target for each caller and passes on what either side sends, and how it ends: FIN as FIN, all else as a reset.
 * The two connections are recorded each by itself.
 */
export function proxyTo(target: Endpoint): Behaviour['greet'] {
  return (caller, engine) => {
    const upstream = isAt(engine, caller, target) ? null : dialFor(caller, engine, target)
    if (upstream !== null) return new Early(engine, caller, upstream)
    // In a turn of its own: the listener is about to tell of the caller.
    setImmediate(() => drop(engine.reset(caller.id as ConnectionId)))
    return { received: () => undefined, peerFinished: () => undefined }
  }
}

function dialFor(caller: BehavedConnection, engine: Engine, target: Endpoint): BehavedConnection | null {
  const dialled = engine.dial(target)
  if (!dialled.ok) return null
  caller.passesTo(dialled.value.id)
  let upstream: BehavedConnection | null = null
  engine.attend(dialled.value.id, {
    name: 'proxy',
    greet: (connection) => {
      upstream = connection
      return new Passing(engine, connection, caller)
    },
  })
  return upstream
}

/** It would call itself without end. */
function isAt(engine: Engine, { id }: BehavedConnection, target: Endpoint): boolean {
  const state = engine.summary(id)?.state
  if (state === undefined || !('local' in state)) return false
  const { local } = state
  return isSameEndpoint(local, target)
}

/** What comes from one side goes to the other. */
class Passing implements Reaction {
  readonly #engine: Engine
  readonly #from: BehavedConnection
  readonly #to: BehavedConnection

  constructor(engine: Engine, from: BehavedConnection, to: BehavedConnection) {
    this.#engine = engine
    this.#from = from
    this.#to = to
  }

  received(bytes: Uint8Array): void {
    // Not `write`, which would stop the reading of the other side: the directions do not wait for each other.
    this.#engine.send(this.#to.id as ConnectionId, bytes)
    if (this.#to.queuedBytes > MOST_WAITING_BYTES) this.#from.hold(true)
  }

  peerFinished(): void {
    this.#to.finish()
  }

  /** What the other side sent has all been taken by this one. */
  drained(): void {
    this.#to.hold(false)
  }

  ended(): void {
    const other = this.#to.id as ConnectionId
    const state = this.#engine.summary(this.#from.id)?.state
    if (state !== undefined && 'how' in state && state.how === 'fin') drop(this.#engine.close(other))
    else drop(this.#engine.reset(other))
  }
}

/** The caller's side: it is not read until somebody is there to whom it can be passed on. */
class Early extends Passing {
  readonly #to: BehavedConnection
  #isOpen = false
  #hasFinished = false
  #waiting: Uint8Array[] | null = []

  constructor(engine: Engine, caller: BehavedConnection, to: BehavedConnection) {
    super(engine, caller, to)
    this.#to = to
    caller.hold(true)
    drop(
      engine.dialled(to.id as ConnectionId).then(() => {
        this.#isOpen = true
        for (const bytes of this.#waiting ?? []) super.received(bytes)
        this.#waiting = null
        caller.hold(to.queuedBytes > MOST_WAITING_BYTES)
        if (this.#hasFinished) to.finish()
      }),
    )
  }

  override received(bytes: Uint8Array): void {
    if (this.#isOpen) super.received(bytes)
    else this.#waiting?.push(new Uint8Array(bytes))
  }

  override peerFinished(): void {
    this.#hasFinished = true
    if (this.#isOpen) this.#to.finish()
  }
}
