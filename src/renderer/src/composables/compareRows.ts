import type { ComparedRange, Difference } from '@shared/model/compare'

/** A piece of both sides that lies side by side: as long on both, or where one has more than the other, all of it a difference. */
interface Block {
  /** The first row that it takes. */
  readonly row: number
  readonly a: number
  readonly aLength: number
  readonly b: number
  readonly bLength: number
}

/** One row: bytes `from` to `to` (exclusive) of each side; none where the other side has more. */
export interface ComparedRow {
  readonly a: ComparedRange
  readonly b: ComparedRange
  /** All of it differs; else what differs is seen byte by byte. */
  readonly isGap: boolean
}

/**
 * Where the bytes of two sides lie in a list of rows, so that what is alike lies side by side. Where one side has more than the other,
 * both begin a new row after it. Logarithmic in the number of such places, whatever the length.
 */
export class ComparedRows {
  readonly count: number
  readonly #blocks: readonly Block[]
  readonly #width: number

  /** @param isCut there are more differences than these: only what lies before the last of them can be laid out */
  constructor(
    a: ComparedRange,
    b: ComparedRange,
    differences: readonly Difference[],
    isCut: boolean,
    width: number,
  ) {
    const blocks: Block[] = []
    let row = 0
    const add = (atA: number, aLength: number, atB: number, bLength: number): void => {
      if (aLength === 0 && bLength === 0) return
      blocks.push({ row, a: atA, aLength, b: atB, bLength })
      row += Math.ceil(Math.max(aLength, bLength) / width)
    }
    let atA = a.from
    let atB = b.from
    for (const { aFrom, aTo, bFrom, bTo } of differences) {
      if (aTo - aFrom === bTo - bFrom) continue
      add(atA, aFrom - atA, atB, bFrom - atB)
      add(aFrom, aTo - aFrom, bFrom, bTo - bFrom)
      atA = aTo
      atB = bTo
    }
    const last = differences.at(-1)
    if (!isCut) add(atA, a.to - atA, atB, b.to - atB)
    else if (last !== undefined) add(atA, last.aTo - atA, atB, last.bTo - atB)
    this.#blocks = blocks
    this.#width = width
    this.count = row
  }

  at(row: number): ComparedRow {
    const block = this.#last((each) => each.row <= row)
    if (block === undefined) return { a: { from: 0, to: 0 }, b: { from: 0, to: 0 }, isGap: false }
    const skipped = (row - block.row) * this.#width
    const part = (from: number, length: number): ComparedRange => ({
      from: from + Math.min(skipped, length),
      to: from + Math.min(skipped + this.#width, length),
    })
    return {
      a: part(block.a, block.aLength),
      b: part(block.b, block.bLength),
      isGap: block.aLength !== block.bLength,
    }
  }

  /** The row in which a difference begins. */
  rowOf({ aFrom, bFrom }: Difference): number {
    const block = this.#last((each) => each.a <= aFrom && each.b <= bFrom)
    return block === undefined ? 0 : block.row + Math.floor((aFrom - block.a) / this.#width)
  }

  /** The last block of which something holds that holds of all before it. */
  #last(holds: (block: Block) => boolean): Block | undefined {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >> 1
      const block = this.#blocks[middle]
      if (block !== undefined && holds(block)) low = middle + 1
      else high = middle
    }
    return this.#blocks[low - 1]
  }
}
