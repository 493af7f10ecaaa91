import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw, inflateRawSync } from 'node:zlib'

// The ZIP format as far as the set-up needs it, so that no `unzip` has to be installed: stored and deflated files, symbolic
// links and modes; no encryption, no ZIP64 (archives under 4 GB).
const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const END_BYTES = 22
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const LONGEST_COMMENT = 65_535

const FILE_KIND = 0o170000
const SYMBOLIC_LINK = 0o120000

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {number} mode
 * @property {number} method 0 stored, 8 deflated
 * @property {number} storedBytes
 * @property {number} bytes
 * @property {number} at where its local header stands
 */

/**
 * Unpacks a ZIP file. `place` says for each name in it where below `folder` it goes, or undefined to leave it out.
 * @param {string} file
 * @param {string} folder
 * @param {(name: string) => string | undefined} [place]
 */
export async function unzip(file, folder, place = (name) => name) {
  const handle = await open(file)
  try {
    for (const entry of await readDirectory(handle)) {
      const wanted = place(entry.name)
      if (wanted === undefined || wanted === '') continue
      const target = path.resolve(folder, wanted)
      if (!target.startsWith(path.resolve(folder) + path.sep))
        throw new Error(`${entry.name} leads out of the folder`)
      if (entry.name.endsWith('/')) await mkdir(target, { recursive: true })
      else await unpackEntry(file, handle, entry, target)
    }
  } finally {
    await handle.close()
  }
}

/**
 * @param {import('node:fs/promises').FileHandle} handle
 * @returns {Promise<Entry[]>}
 */
async function readDirectory(handle) {
  const { size } = await handle.stat()
  const tail = await readAt(
    handle,
    Math.max(0, size - END_BYTES - LONGEST_COMMENT),
    Math.min(size, END_BYTES + LONGEST_COMMENT),
  )
  let end = tail.length - END_BYTES
  while (end >= 0 && tail.readUInt32LE(end) !== END_OF_DIRECTORY) end--
  if (end < 0) throw new Error('not a ZIP file, or a torn one')
  const count = tail.readUInt16LE(end + 10)
  const directory = await readAt(handle, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))

  const entries = []
  for (let at = 0; entries.length < count;) {
    if (directory.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error('the ZIP directory is damaged')
    const nameBytes = directory.readUInt16LE(at + 28)
    entries.push({
      name: directory.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes),
      mode: directory.readUInt32LE(at + 38) >>> 16,
      method: directory.readUInt16LE(at + 10),
      storedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      at: directory.readUInt32LE(at + 42),
    })
    at += ENTRY_BYTES + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

/**
 * @param {string} file
 * @param {import('node:fs/promises').FileHandle} handle
 * @param {Entry} entry
 * @param {string} target
 */
async function unpackEntry(file, handle, entry, target) {
  if (entry.method !== 0 && entry.method !== 8)
    throw new Error(`${entry.name}: packed in an unknown way (${entry.method})`)
  await mkdir(path.dirname(target), { recursive: true })
  const local = await readAt(handle, entry.at, LOCAL_BYTES)
  const start = entry.at + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28)
  const mode = entry.mode & 0o777 || 0o644

  if ((entry.mode & FILE_KIND) === SYMBOLIC_LINK) {
    const stored = await readAt(handle, start, entry.storedBytes)
    return symlink((entry.method === 8 ? inflateRawSync(stored) : stored).toString('utf8'), target)
  }
  if (entry.storedBytes === 0) return writeFile(target, '', { mode })
  const stored = createReadStream(file, { start, end: start + entry.storedBytes - 1 })
  const output = createWriteStream(target, { mode })
  await (entry.method === 8 ? pipeline(stored, createInflateRaw(), output) : pipeline(stored, output))
  if (output.bytesWritten !== entry.bytes)
    throw new Error(`${entry.name}: ${output.bytesWritten} of ${entry.bytes} bytes`)
}

/**
 * @param {import('node:fs/promises').FileHandle} handle
 * @param {number} position
 * @param {number} length
 */
async function readAt(handle, position, length) {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await handle.read(buffer, 0, length, position)
  if (bytesRead !== length) throw new Error('the ZIP file is torn')
  return buffer
}
