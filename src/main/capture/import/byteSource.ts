import { type FileHandle } from 'node:fs/promises'
import { createGunzip, type Gunzip } from 'node:zlib'
import { type ByteWindow } from './byteWindow'

/** Where the bytes of a capture come from: a file as it is, or unpacked. */
export interface ByteSource {
  readonly isGzip: boolean
  /** Bytes of the file read so far. */
  readonly readBytes: number
  /** What came amiss with the packing, as a sentence; null while nothing has. */
  readonly trouble: string | null
  /** Adds more bytes to the window. False at the end. Rejects with Node's error when the file cannot be read. */
  more(window: ByteWindow): Promise<boolean>
  close(): void
}

const READ_BYTES = 256 * 1024
/** Deflate packs at most 1,032 to 1, so that this unpacks to no more than some 17 MB at once. */
const PACKED_BYTES = 16 * 1024

/** @param handle stays the caller's to close */
export async function sourceOf(handle: FileHandle): Promise<ByteSource> {
  const head = Buffer.alloc(3)
  const { bytesRead } = await handle.read(head, 0, 3, 0)
  // The magic number, and deflate, the one method there is (RFC 1952, 2.3.1).
  const isPacked = bytesRead === 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8
  return isPacked ? new PackedSource(handle) : new PlainSource(handle)
}

class PlainSource implements ByteSource {
  readonly isGzip = false
  readonly trouble = null
  readBytes = 0
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async more(window: ByteWindow): Promise<boolean> {
    window.reserve(READ_BYTES)
    const { bytesRead } = await this.#handle.read(window.bytes, window.to, READ_BYTES, this.readBytes)
    window.to += bytesRead
    this.readBytes += bytesRead
    return bytesRead > 0
  }

  close(): void {
    // The handle is the caller's.
  }
}

/**
 * Unpacks gzip (RFC 1952), several members too. The stream is given a little at a time and all that comes of it is taken at
 * once, so that damage costs nothing of what came before it.
 */
class PackedSource implements ByteSource {
  readonly isGzip = true
  trouble: string | null = null
  readBytes = 0
  readonly #handle: FileHandle
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: 256 * 1024 })
  readonly #packed = Buffer.allocUnsafeSlow(PACKED_BYTES)
  #unpacked: Buffer[] = []
  #isOver = false
  #step: () => void = () => undefined

  constructor(handle: FileHandle) {
    this.#handle = handle
    this.#gunzip.on('data', (bytes: Buffer) => this.#unpacked.push(bytes))
    this.#gunzip.on('end', () => {
      this.#isOver = true
      this.#step()
    })
    this.#gunzip.on('error', (error: NodeJS.ErrnoException) => {
      this.#isOver = true
      this.trouble =
        error.code === 'Z_BUF_ERROR'
          ? 'The gzip file is cut short: what is missing at its end is lost.'
          : `The gzip data are damaged near byte ${this.readBytes} of the file: all from there on is lost.`
      this.#step()
    })
  }

  async more(window: ByteWindow): Promise<boolean> {
    while (!this.#isOver && this.#unpacked.length === 0) {
      const { bytesRead } = await this.#handle.read(this.#packed, 0, PACKED_BYTES, this.readBytes)
      this.readBytes += bytesRead
      await new Promise<void>((resolve) => {
        this.#step = resolve
        if (bytesRead === 0) this.#gunzip.end()
        else this.#gunzip.write(this.#packed.subarray(0, bytesRead), () => resolve())
      })
    }
    const unpacked = this.#unpacked
    this.#unpacked = []
    for (const bytes of unpacked) window.append(bytes)
    return unpacked.length > 0
  }

  close(): void {
    this.#gunzip.destroy()
  }
}
