const GATHERED_BYTES = 256 * 1024

/** Small pieces put together, so that each write is worth its call. Large ones pass as they are. A piece is good until the next one is asked for. */
export async function* gathered(pieces: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  const memory = Buffer.allocUnsafe(GATHERED_BYTES)
  let held = 0
  for await (const piece of pieces) {
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    const most = typeof piece === 'string' ? piece.length * 3 : piece.length
    if (held > 0 && held + most > GATHERED_BYTES) {
      yield memory.subarray(0, held)
      held = 0
    }
    if (most > GATHERED_BYTES) yield typeof piece === 'string' ? Buffer.from(piece) : piece
    else if (typeof piece === 'string') held += memory.write(piece, held)
    else {
      memory.set(piece, held)
      held += piece.length
    }
  }
  if (held > 0) yield memory.subarray(0, held)
}
