import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { hasCode } from '../main/capture/dataFile'
import { diskFault } from '../main/capture/diskFault'
import { toFault } from '../main/engine/fault'
import { fault, FaultError, type Fault } from '../shared/model/fault'
import { temporaryFolder } from './temporaryFolder'
import { type Terminal } from './terminal'

/** Lets a command use standard input as a file, which is a temporary one: sessions are read here and there. Throws a FaultError. */
export async function withStdin<T>(
  { stdin, interrupt }: Terminal,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const folder = await temporaryFolder()
  const file = join(folder, 'stdin')
  try {
    await pipeline(stdin, createWriteStream(file, { mode: 0o600 }), { signal: interrupt }).catch(
      (error: unknown) => {
        throw new FaultError(
          interrupt.aborted
            ? fault('SB_CANCELLED', 'Reading standard input was cancelled.')
            : hasCode(error, 'EISDIR')
              ? toFault(error, { endpoint: 'stdin' })
              : diskFault(error, 'write', file, 'Standard input cannot be kept to be read'),
        )
      },
    )
    return await use(file)
  } catch (error) {
    throw error instanceof FaultError ? new FaultError(ofStdin(error.fault, file)) : error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whoever wrote `-` knows nothing of the file. */
function ofStdin(of: Fault, file: string): Fault {
  const endpoint = of.endpoint === file ? 'stdin' : of.endpoint
  return { ...of, endpoint, summary: of.summary.replaceAll(file, 'stdin') }
}
