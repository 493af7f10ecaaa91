import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { fault, FaultError, type Fault, type Reply } from '../../../shared/model/fault'
import { diskFault } from '../diskFault'
import { type ExportOptions } from './exporting'

export interface WrittenFile {
  readonly file: string
  readonly writtenBytes: number
}

/**
 * Writes an export to a file, which is there only once it is whole: until then it has another name beside, and a failed or cancelled
 * export leaves what was there before. What is no regular file (a pipe, a device) is written to as it is.
 * @param pieces what is written; each is good until the next one is asked for
 * @param of what it is made of, which must not be overwritten by it
 */
export async function exportToFile(
  pieces: AsyncIterable<Uint8Array>,
  of: Pick<ExportOptions, 'reader' | 'scope'>,
  file: string,
): Promise<Reply<WrittenFile>> {
  let target: Target | null = null
  try {
    target = await openTarget(of, path.resolve(file))
    let writtenBytes = 0
    for await (const piece of pieces) {
      await writeWhole(target.handle, piece)
      writtenBytes += piece.length
    }
    await target.handle.close()
    if (target.temporary !== null) await rename(target.temporary, target.file)
    return { ok: true, value: { file: target.file, writtenBytes } }
  } catch (error) {
    await giveUp(target)
    return { ok: false, fault: faultOf(error, file) }
  }
}

interface Target {
  readonly file: string
  readonly handle: FileHandle
  /** Its name until it is whole; null where it is written in place. */
  readonly temporary: string | null
}

async function openTarget(
  { reader, scope }: Pick<ExportOptions, 'reader' | 'scope'>,
  named: string,
): Promise<Target> {
  const file = await realpath(named).catch(() => named)
  const found = await stat(file).catch(() => null)
  if (found !== null && !found.isFile()) {
    return { file, handle: await open(file, 'w'), temporary: null }
  }
  const sources = new Set((scope.id === null ? reader.ids() : [scope.id]).map((id) => reader.fileOf(id)))
  for (const source of [reader.file, ...sources]) {
    const own = await stat(source).catch(() => null)
    if (found !== null && own?.ino === found.ino && own.dev === found.dev) {
      throw new FaultError(
        fault('SB_INPUT', 'The recording itself cannot be overwritten by its export.', {
          endpoint: file,
          hint: 'Choose another name.',
        }),
      )
    }
  }
  const temporary = path.join(path.dirname(file), `.switchboard-${randomBytes(6).toString('hex')}.part`)
  return { file, handle: await open(temporary, 'wx'), temporary }
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten
  }
}

/** Whatever fails here fails after something worse, which is told. */
async function giveUp(target: Target | null): Promise<void> {
  await target?.handle.close().catch(() => undefined)
  if (target !== null && target.temporary !== null)
    await rm(target.temporary, { force: true }).catch(() => undefined)
}

function faultOf(error: unknown, file: string): Fault {
  if (error instanceof FaultError) return error.fault
  const syscall =
    error instanceof Error && 'syscall' in error && typeof error.syscall === 'string'
      ? error.syscall
      : 'write'
  return diskFault(error, syscall, file, 'The export cannot be written')
}
