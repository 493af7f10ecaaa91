import { type Endpoint } from '../../shared/model/endpoint'
import { type Fault } from '../../shared/model/fault'
import { type ConnectionId, type SocketId, type DatagramId } from '../../shared/model/ids'
import { drop } from '../../shared/model/must'
import { type Engine } from '../engine/types'

/** A reset waits for acknowledgements: looks so often, and for so long at most. */
const LOOK_MS = 2
const MOST_WAITED_MS = 500

/** The socket on which a side is played. */
export interface Line {
  readonly id: SocketId
  /** @returns how many bytes wait for room in the kernel's buffer; with why, where it cannot be sent at all */
  send(bytes: Uint8Array): number | Fault
  /** FIN after what is queued. */
  finish(): void
  /** @param isPatient once the peer's kernel has what was sent: RST takes what is still under way with it */
  reset(isPatient: boolean): void
  /** FIN, and the end when the peer has finished too or keeps silent. */
  close(): void
}

/** A stream connection. What it brings goes to a reaction (see Behaviour). */
export class StreamLine implements Line {
  readonly id: ConnectionId
  readonly #engine: Engine
  #waitedMs = 0

  constructor(engine: Engine, id: ConnectionId) {
    this.#engine = engine
    this.id = id
  }

  send(bytes: Uint8Array): number | Fault {
    const sent = this.#engine.send(this.id, bytes)
    return sent.ok ? sent.value.queuedBytes : sent.fault
  }
  // Where it has ended in the meantime, its end has been told.
  finish(): void {
    drop(this.#engine.halfClose(this.id))
  }
  reset(isPatient: boolean): void {
    if (!isPatient || this.#engine.unheardBytes(this.id) === 0) {
      drop(this.#engine.reset(this.id))
      return
    }
    this.#waitedMs += LOOK_MS
    setTimeout(() => this.reset(this.#waitedMs < MOST_WAITED_MS), LOOK_MS)
  }
  close(): void {
    drop(this.#engine.close(this.id))
  }
}

/** What a datagram line tells. */
export interface DatagramHearer {
  received(bytes: Uint8Array): void
  drained(): void
  ended(): void
}

/** A UDP socket: it has one peer, or answers whoever sent last. */
export class DatagramLine implements Line {
  readonly id: DatagramId
  readonly #engine: Engine
  readonly #hearer: DatagramHearer
  readonly #hasPeer: boolean
  #lastSender: Endpoint | null = null
  /** Datagrams that the kernel does not have yet. */
  #waiting = 0
  #waitingBytes = 0
  #isClosing = false

  /** @param hasPeer the socket is connected */
  constructor(engine: Engine, id: DatagramId, hasPeer: boolean, hearer: DatagramHearer) {
    this.#engine = engine
    this.id = id
    this.#hasPeer = hasPeer
    this.#hearer = hearer
    engine.onReceived(id, (bytes, from) => {
      this.#lastSender = from
      hearer.received(bytes)
    })
  }

  send(bytes: Uint8Array): number {
    // A datagram for nobody is lost, as it would be on the way.
    if (!this.#hasPeer && this.#lastSender === null) return 0
    const lengthBytes = bytes.length
    this.#waitingBytes += lengthBytes
    this.#waiting++
    const sent = this.#engine.sendUdp(this.id, bytes, this.#hasPeer ? null : this.#lastSender)
    drop(
      sent.then(() => {
        this.#waitingBytes -= lengthBytes
        if (--this.#waiting > 0) return
        if (this.#isClosing) this.close()
        else this.#hearer.drained()
      }),
    )
    return this.#waitingBytes
  }
  finish(): void {
    // Datagrams have no end.
  }
  reset(): void {
    this.close()
  }
  close(): void {
    this.#isClosing = true
    if (this.#waiting === 0) drop(this.#engine.closeUdp(this.id).then(() => this.#hearer.ended()))
  }
}
