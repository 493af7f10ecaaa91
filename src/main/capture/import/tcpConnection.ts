import { formatEndpoint, type Endpoint } from '../../../shared/model/endpoint'
import { type Direction } from '../../../shared/model/record'
import { type Side } from '../../../shared/model/state'
import { type Track } from '../../engine/recorder'
import { type Tally } from './tally'
import { Reassembly, type Budget } from './reassembly'

export interface Ends {
  readonly local: Endpoint
  readonly remote: Endpoint
}

/** A TCP segment. There is one of them, filled anew for each. */
export interface Segment {
  sequence: number
  acknowledgement: number
  isSyn: boolean
  isAck: boolean
  isFin: boolean
  isReset: boolean
  /** Its data, as far as captured; and their length on the wire. */
  bytes: Uint8Array
  wireBytes: number
}

const OTHER: Readonly<Record<Direction, Direction>> = { in: 'out', out: 'in' }
const side = (direction: Direction): Side => (direction === 'out' ? 'local' : 'remote')

/** Makes the record of one TCP connection out of its segments, as the dialling end would have had it. */
export class TcpConnection {
  readonly #track: Track
  readonly #ends: Ends
  readonly #tally: Tally
  readonly #streams: Readonly<Record<Direction, Reassembly>>
  readonly #captured: Record<Direction, number> = { in: 0, out: 0 }
  #phase: 'new' | 'dialling' | 'open' | 'over' = 'new'
  #firstFinished: Side | null = null

  constructor(track: Track, ends: Ends, tally: Tally, budget: Budget) {
    this.#track = track
    this.#ends = ends
    this.#tally = tally
    this.#streams = { in: this.#stream('in', budget), out: this.#stream('out', budget) }
  }

  /** Both sides have finished, or one has reset it. */
  get isOver(): boolean {
    return this.#phase === 'over'
  }

  /** A SYN that is no repetition of this connection's own: the same addresses and ports, used again. */
  isOther(direction: Direction, segment: Segment): boolean {
    const { initial } = this.#streams[direction]
    return segment.isSyn && initial !== null && initial !== (segment.sequence + 1) >>> 0
  }

  take(direction: Direction, segment: Segment): void {
    if (segment.isReset) {
      this.#reset(direction)
      return
    }
    const stream = this.#streams[direction]
    let { sequence } = segment
    if (segment.isSyn) {
      sequence = (sequence + 1) >>> 0
      stream.begin(sequence)
    }
    this.#advance(segment)
    const { bytes, wireBytes, isFin } = segment
    if (bytes.length < wireBytes) this.#tally.cutPayloads++
    if (segment.isAck) this.#streams[OTHER[direction]].acknowledge(segment.acknowledgement)
    if (wireBytes > 0 || isFin || !segment.isSyn) stream.segment(sequence, bytes, wireBytes, isFin)
  }

  /** The capture is over. */
  end(): void {
    for (const stream of [this.#streams.out, this.#streams.in]) {
      stream.end()
      this.#tally.repeatedSegments += stream.repeated
      this.#tally.strays += stream.strays
    }
    this.#track.end()
  }

  #advance({ isSyn, isAck }: Segment): void {
    if (this.#phase === 'new' && isSyn && !isAck) {
      this.#phase = 'dialling'
      this.#track.event({ what: 'dialling', to: this.#ends.remote })
    } else if (this.#phase === 'new' || (this.#phase === 'dialling' && isAck)) {
      const isInMidStream = this.#phase === 'new' && !isSyn
      this.#open()
      if (isInMidStream) {
        this.#track.event({
          what: 'noted',
          text: 'The capture begins in the middle of this connection: what came before is not in it, and who dialled is guessed by the ports.',
        })
      }
    }
  }

  #open(): void {
    this.#phase = 'open'
    this.#track.event({ what: 'opened', ...this.#ends, by: 'local' })
  }

  #reset(direction: Direction): void {
    if (this.#phase === 'over') return
    if (this.#phase === 'dialling') {
      this.#phase = 'over'
      this.#track.event({ what: 'failed', fault: this.#refusal(direction) })
      return
    }
    if (this.#phase === 'new') this.#open()
    this.#streams.out.end()
    this.#streams.in.end()
    this.#phase = 'over'
    this.#track.event({ what: 'closed', how: 'reset', by: side(direction), unsentBytes: 0 })
  }

  #refusal(direction: Direction): { code: string; syscall: string; endpoint: string; summary: string } {
    const endpoint = formatEndpoint(this.#ends.remote)
    return direction === 'in'
      ? { code: 'ECONNREFUSED', syscall: 'connect', endpoint, summary: `${endpoint} answered with RST.` }
      : { code: 'ECONNABORTED', syscall: 'connect', endpoint, summary: 'The dialler gave up with RST.' }
  }

  #stream(direction: Direction, budget: Budget): Reassembly {
    return new Reassembly(
      {
        bytes: (bytes) => {
          this.#opened()
          this.#captured[direction] += bytes.length
          this.#tally.streamBytes += bytes.length
          this.#track.chunk(direction, bytes)
        },
        gap: (lengthBytes) => {
          this.#opened()
          this.#tally.gaps++
          this.#tally.gapBytes += lengthBytes
          this.#track.event({ what: 'gap', direction, offset: this.#captured[direction], lengthBytes })
        },
        finished: () => this.#finished(side(direction)),
      },
      budget,
    )
  }

  /** Data in a SYN (RFC 7413) come before the answer to it. */
  #opened(): void {
    if (this.#phase === 'new' || this.#phase === 'dialling') this.#open()
  }

  #finished(by: Side): void {
    if (this.#phase === 'over') return
    this.#opened()
    this.#track.event({ what: 'finished', by })
    if (this.#firstFinished === null) {
      this.#firstFinished = by
      return
    }
    this.#phase = 'over'
    this.#track.event({ what: 'closed', how: 'fin', by: this.#firstFinished, unsentBytes: 0 })
    this.#track.end()
  }
}
