import { decodeUtf8 } from '../../../shared/wire/utf8'
import { type ExportedData } from './exportedRows'

const NOTHING = new Uint8Array(0)
const BEFORE_BYTES = 3

/** Chunks as text with escapes, as the window shows them: a character that a chunk's edge cuts is told whole with its last byte. */
export class StreamText {
  /** The last bytes of each stream, by socket and direction. */
  readonly #before = new Map<string, Uint8Array>()

  /** @param from of the part of the chunk that is wanted; parts are asked for in their order */
  of({ id, direction, bytes, isDatagram }: ExportedData, from = 0, to = bytes.length): string {
    const key = `${id} ${direction}`
    const earlier = isDatagram ? NOTHING : (this.#before.get(key) ?? NOTHING)
    const before = from === 0 ? earlier : bytes.subarray(Math.max(0, from - BEFORE_BYTES), from)
    const part = bytes.subarray(from, to)
    if (!isDatagram && to === bytes.length) {
      this.#before.set(
        key,
        Uint8Array.from([...before, ...part.subarray(-BEFORE_BYTES)].slice(-BEFORE_BYTES)),
      )
    }
    return decodeUtf8(part, { before })
  }
}
