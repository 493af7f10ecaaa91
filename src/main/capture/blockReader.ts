import { open, stat, type FileHandle } from 'node:fs/promises'
import { fault, FaultError } from '../../shared/model/fault'
import { BLOCK, BYTE_ORDER_MAGIC } from './pcapng'

/** Where a block lies. One object serves a whole scan, and all of it is good only during the call that hands it over. */
export interface Block {
  readonly type: number
  /** File offset of its first byte. */
  readonly offset: number
  /** A piece of the file, in which all of the block lies. */
  readonly bytes: Uint8Array
  /** The same bytes. */
  readonly view: DataView
  /** Index of the block's first byte in them, and of the byte after its closing length. */
  readonly from: number
  readonly to: number
  readonly isLittleEndian: boolean
}

type MutableBlock = { -readonly [Key in keyof Block]: Block[Key] }

/** Why a scan came to its end. */
export type ScanStop =
  /** At the file's end. */
  | 'end'
  /** All after the last whole block is zeros: the file had been grown ahead. */
  | 'zeros'
  /** The last block is cut short. */
  | 'torn'
  /** Something that is no block, with more behind it than a writer can have had under way. */
  | 'damaged'

export interface Scan {
  readonly fileBytes: number
  /** Where the last whole block ends. */
  readonly goodBytes: number
  readonly stop: ScanStop
}

/** Longer blocks are not believed; Wireshark's limit is the same. */
const MAX_BLOCK_BYTES = 16 * 1024 * 1024
const READ_BYTES = 1024 * 1024
/** The byte-order magic as the other byte order writes it. */
const SWAPPED_MAGIC = 0x4d3c2b1a
/** The most that a writer of ours has under way at once, and more. */
const UNDER_WAY_BYTES = 8 * 1024 * 1024

/**
 * Reads all blocks of a pcapng file in order, in bounded memory, and stops where they end to make sense: lengths are
 * believed only as far as the file bears them out. Rejects with Node's error, or with a FaultError when this is no pcapng file.
 */
export async function scanBlocks(file: string, visit: (block: Block) => void): Promise<Scan> {
  // Before the file is opened: opening a FIFO that nobody writes to would never end (fifo(7)).
  const found = await stat(file)
  if (!found.isFile()) throw notRegular(file, found.isDirectory())
  const handle = await open(file, 'r')
  try {
    return await scan(handle, file, (await handle.stat()).size, visit)
  } finally {
    await handle.close()
  }
}

async function scan(
  handle: FileHandle,
  file: string,
  fileBytes: number,
  visit: (block: Block) => void,
): Promise<Scan> {
  let bytes = await readAt(handle, 0, Math.min(READ_BYTES, fileBytes))
  let view = viewOf(bytes)
  let bytesAt = 0
  const show = async (at: number, length: number) => {
    bytes = await readAt(handle, at, Math.min(Math.max(READ_BYTES, length), fileBytes - at))
    view = viewOf(bytes)
    bytesAt = at
  }
  const block: MutableBlock = {
    type: 0,
    offset: 0,
    bytes,
    view,
    from: 0,
    to: 0,
    isLittleEndian: checkMagic(bytes, file),
  }
  let at = 0
  while (at < fileBytes) {
    if (at + 12 > bytesAt + bytes.length) await show(at, 12)
    if (bytes.length - (at - bytesAt) < 12) break
    const type = view.getUint32(at - bytesAt, block.isLittleEndian)
    if (type === BLOCK.section) {
      const magic = view.getUint32(at - bytesAt + 8, true)
      if (magic !== BYTE_ORDER_MAGIC && magic !== SWAPPED_MAGIC) break
      block.isLittleEndian = magic === BYTE_ORDER_MAGIC
    }
    const length = view.getUint32(at - bytesAt + 4, block.isLittleEndian)
    if (
      type === 0 ||
      length < 12 ||
      length % 4 !== 0 ||
      length > MAX_BLOCK_BYTES ||
      length > fileBytes - at
    ) {
      break
    }
    if (at + length > bytesAt + bytes.length) await show(at, length)
    const from = at - bytesAt
    // Shorter than it was: somebody cuts the file while it is read.
    if (bytes.length < from + length) break
    if (view.getUint32(from + length - 4, block.isLittleEndian) !== length) break
    block.type = type
    block.offset = at
    block.bytes = bytes
    block.view = view
    block.from = from
    block.to = from + length
    visit(block)
    at += length
  }
  return { fileBytes, goodBytes: at, stop: at === fileBytes ? 'end' : await whyNot(handle, at, fileBytes) }
}

/** What lies behind the last whole block of a file. Rejects with Node's error. @param from where that block ends */
export async function tailOf(file: string, from: number, fileBytes: number): Promise<ScanStop> {
  if (from === fileBytes) return 'end'
  const handle = await open(file, 'r')
  try {
    return await whyNot(handle, from, fileBytes)
  } finally {
    await handle.close()
  }
}

async function whyNot(handle: FileHandle, from: number, fileBytes: number): Promise<ScanStop> {
  const zeros = Buffer.alloc(READ_BYTES)
  let lastNonZero = -1
  for (let at = from; at < fileBytes; at += READ_BYTES) {
    const bytes = await readAt(handle, at, Math.min(READ_BYTES, fileBytes - at))
    // Most of it is zeros: compared as a whole before it is looked at byte by byte.
    if (!zeros.subarray(0, bytes.length).equals(bytes))
      lastNonZero = at + bytes.findLastIndex((byte) => byte !== 0)
    if (lastNonZero - from > UNDER_WAY_BYTES) return 'damaged'
  }
  if (lastNonZero < 0) return 'zeros'
  return (await endsInBlock(handle, from, fileBytes)) ? 'damaged' : 'torn'
}

/** Whether the file ends with a whole block all the same: then it was closed, and something happened to its middle. */
async function endsInBlock(handle: FileHandle, from: number, fileBytes: number): Promise<boolean> {
  if (fileBytes - from < 24) return false
  const last = await readAt(handle, fileBytes - 4, 4)
  const length = last.length < 4 ? 0 : viewOf(last).getUint32(0, true)
  if (length < 12 || length % 4 !== 0 || length > MAX_BLOCK_BYTES || length > fileBytes - from) return false
  const head = await readAt(handle, fileBytes - length, 8)
  return (
    head.length === 8 && viewOf(head).getUint32(0, true) !== 0 && viewOf(head).getUint32(4, true) === length
  )
}

async function readAt(handle: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** Answers the byte order of the first section. */
function checkMagic(bytes: Uint8Array, file: string): boolean {
  const no = (summary: string, hint: string) =>
    new FaultError(fault('SB_CAPTURE', summary, { endpoint: file, hint }))
  if (bytes.length === 0)
    throw no(`${file} is empty.`, 'The recording had not begun, or something emptied the file.')
  const first = bytes.length >= 4 ? viewOf(bytes).getUint32(0, true) : 0
  if (OLD_PCAP.has(first)) {
    throw no(
      `${file} is a pcap file of the old form.`,
      'Convert it with Wireshark’s editcap: editcap -F pcapng OLD NEW.',
    )
  }
  const magic = bytes.length >= 12 ? viewOf(bytes).getUint32(8, true) : 0
  if (first !== BLOCK.section || (magic !== BYTE_ORDER_MAGIC && magic !== SWAPPED_MAGIC)) {
    throw no(
      `${file} is no capture file: it does not begin as pcapng does.`,
      'Choose a .swb, .pcapng or .ntar file.',
    )
  }
  return magic === BYTE_ORDER_MAGIC
}

/** pcap's magic numbers: micro- and nanoseconds, in both byte orders. */
const OLD_PCAP: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1])

function notRegular(file: string, isFolder: boolean): FaultError {
  return new FaultError(
    isFolder
      ? {
          code: 'EISDIR',
          syscall: 'read',
          endpoint: file,
          summary: `${file} is a folder.`,
          hint: 'Name a file in it.',
        }
      : fault('SB_CAPTURE', `${file} is no regular file.`, {
          endpoint: file,
          hint: 'Choose a file on a disk.',
        }),
  )
}
