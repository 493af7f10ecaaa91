import { type Counters } from '../../shared/model/summary'

/** Counters in the making: plain fields, since they move with every chunk. */
export class Counts {
  inBytes = 0
  inChunks = 0
  outBytes = 0
  outChunks = 0

  cameIn(lengthBytes: number): void {
    this.inBytes += lengthBytes
    this.inChunks++
  }

  wentOut(lengthBytes: number): void {
    this.outBytes += lengthBytes
    this.outChunks++
  }

  copy(rows: number): Counters {
    const { inBytes, inChunks, outBytes, outChunks } = this
    return { inBytes, inChunks, outBytes, outChunks, rows }
  }
}
