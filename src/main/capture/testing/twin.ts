import { expect } from 'vitest'
import { type Endpoint } from '../../../shared/model/endpoint'
import { type SocketId } from '../../../shared/model/ids'
import { type Direction, type SocketEvent, type StreamName } from '../../../shared/model/record'
import { type Side } from '../../../shared/model/state'
import { type Track } from '../../engine/recorder'
import { type Capture, type CaptureReader } from '../types'
import { value } from './folder'

type KeptRow =
  | {
      readonly kind: 'data'
      readonly direction: Direction
      readonly offset: number
      readonly combinedOffset: number
      readonly bytes: Buffer
      readonly peer: string | null
    }
  | { readonly kind: 'event'; readonly event: SocketEvent }

/** A track, and beside it all that was put into it: what a capture answers is compared with that. */
export class Twin {
  readonly rows: KeptRow[] = []
  readonly #capture: Capture
  readonly id: SocketId
  readonly track: Track
  readonly #streams: Record<StreamName, Buffer[]> = { in: [], out: [], both: [] }
  readonly #lengths = { in: 0, out: 0 }

  constructor(capture: Capture, id: SocketId, kind: 'tcp' | 'udp' | 'unix') {
    this.#capture = capture
    this.id = id
    this.track = capture.track(id, kind, `twin ${id}`)
  }

  chunk(direction: Direction, bytes: Uint8Array): void {
    this.track.chunk(direction, bytes)
    if (bytes.length > 0) this.#keep(direction, bytes, null)
  }

  /** As the engine does: the kernel writes where `readSpace` says. */
  chunkInPlace(direction: Direction, bytes: Uint8Array): void {
    const space = this.track.readSpace()
    if (space === null) {
      this.chunk(direction, bytes)
      return
    }
    space.set(bytes)
    this.track.chunk(direction, space.subarray(0, bytes.length))
    if (bytes.length > 0) this.#keep(direction, bytes, null)
  }

  datagram(direction: Direction, bytes: Uint8Array, local: Endpoint, remote: Endpoint, peer: string): void {
    this.track.datagram(direction, bytes, local, remote)
    this.#keep(direction, bytes, peer)
  }

  opened(local: Endpoint, remote: Endpoint, by: Side): void {
    this.event({ what: 'opened', local, remote, by })
  }

  event(event: SocketEvent): void {
    this.track.event(event)
    this.rows.push({ kind: 'event', event })
  }

  #keep(direction: Direction, bytes: Uint8Array, peer: string | null): void {
    const copy = Buffer.from(bytes)
    const combinedOffset = this.#lengths.in + this.#lengths.out
    this.rows.push({
      kind: 'data',
      direction,
      offset: this.#lengths[direction],
      combinedOffset,
      bytes: copy,
      peer,
    })
    this.#streams[direction].push(copy)
    this.#streams.both.push(copy)
    this.#lengths[direction] += bytes.length
  }

  stream(name: StreamName): Buffer {
    return Buffer.concat(this.#streams[name])
  }

  /** Reads rows and compares each of their facts. */
  async expectRows(from: number, to: number, reader: CaptureReader = this.#capture): Promise<void> {
    const wanted = this.rows.slice(from, Math.min(to, from + 512))
    const streams = { in: this.stream('in'), out: this.stream('out') }
    const found = value(await reader.read(this.id, from, to))
    expect(found.length).toBe(wanted.length)
    for (const [n, row] of found.entries()) {
      const own = wanted[n]
      expect(row.row).toBe(from + n)
      if (row.kind === 'event' || own === undefined || own.kind === 'event') {
        expect(row).toMatchObject(own ?? {})
        continue
      }
      const { direction, offset, combinedOffset, peer, bytes } = own
      expect(row).toMatchObject({ direction, offset, combinedOffset, peer, lengthBytes: bytes.length })
      expect(bytes.subarray(0, 512).equals(row.head)).toBe(true)
      const before =
        peer === null ? streams[direction].subarray(Math.max(0, offset - 3), offset) : Buffer.alloc(0)
      expect(before.equals(row.before)).toBe(true)
      expect(row.head.byteLength).toBe(row.head.buffer.byteLength)
    }
    const times = found.map(({ atNanos }) => atNanos)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  }

  /** Reads bytes and compares them, and that the spans tell the rows that they came from. */
  async expectBytes(
    stream: StreamName,
    from: number,
    to: number,
    reader: CaptureReader = this.#capture,
  ): Promise<void> {
    const end = Math.min(to, from + 256 * 1024)
    const wanted = this.stream(stream).subarray(from, Math.max(from, end))
    const found = value(await reader.bytes(this.id, stream, from, to))
    expect(found.from).toBe(from)
    expect(wanted.equals(found.bytes)).toBe(true)
    let at = 0
    for (const span of found.spans) {
      const row = this.rows[span.row]
      if (row?.kind !== 'data') throw new Error(`span of row ${span.row}, which carries nothing`)
      expect(span.start).toBe(at)
      expect(span.direction).toBe(row.direction)
      const skipped = from + at - (stream === 'both' ? row.combinedOffset : row.offset)
      const part = row.bytes.subarray(skipped, skipped + span.lengthBytes)
      expect(part.equals(found.bytes.subarray(at, at + span.lengthBytes))).toBe(true)
      at += span.lengthBytes
    }
    expect(at).toBe(wanted.length)
  }
}
