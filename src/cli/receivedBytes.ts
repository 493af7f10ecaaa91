import { type ConnectionId, type DatagramId } from '../shared/model/ids'
import { hexdump } from '../shared/wire/hexdump'
import { type Engine } from '../main/engine/types'
import { type Output } from './output'

/** Past this much waiting for stdout's reader a connection is not read any further: TCP then slows the sender. */
const MAX_WAITING_BYTES = 1024 * 1024

/** Passes what comes in on to stdout: as it is, or as a hex dump whose offsets run on through the stream. */
export class ReceivedBytes {
  readonly #engine: Engine
  readonly #id: ConnectionId | DatagramId
  readonly #output: Output
  readonly #isHex: boolean
  #offset = 0
  #isPaused = false

  constructor(engine: Engine, id: ConnectionId | DatagramId, output: Output, isHex: boolean) {
    this.#engine = engine
    this.#id = id
    this.#output = output
    this.#isHex = isHex
    engine.onReceived(id, (bytes) => this.#pass(bytes))
  }

  stop(): void {
    this.#engine.onReceived(this.#id, null)
  }

  #pass(bytes: Uint8Array): void {
    // A copy, since the bytes lie in memory that is used again after this call. (Of a Buffer bytes.slice() would be a view.)
    this.#output.bytes(this.#isHex ? Buffer.from(`${hexdump(bytes, this.#offset)}\n`) : new Uint8Array(bytes))
    this.#offset += bytes.length
    if (this.#output.waitingBytes > MAX_WAITING_BYTES) this.#pause()
  }

  /** Datagrams cannot be held back: the kernel drops what is not read. They wait in memory until stdout takes them. */
  #pause(): void {
    const id = this.#id
    if (this.#isPaused || !isConnection(id)) return
    this.#isPaused = true
    this.#engine.pause(id)
    void this.#output.drained().then(() => {
      this.#isPaused = false
      this.#engine.resume(id)
    })
  }
}

function isConnection(id: ConnectionId | DatagramId): id is ConnectionId {
  return id.startsWith('C')
}
