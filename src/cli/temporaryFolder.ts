import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskFault } from '../main/capture/diskFault'
import { FaultError } from '../shared/model/fault'

/** A new folder for what is gone again when the command ends. Throws a FaultError where none can be made. */
export async function temporaryFolder(): Promise<string> {
  const within = tmpdir()
  try {
    return await mkdtemp(join(within, 'switchboard-'))
  } catch (error) {
    throw new FaultError({
      ...diskFault(error, 'mkdtemp', within, 'A folder for temporary files cannot be made'),
      hint: 'Name a folder that can be written to in TMPDIR.',
    })
  }
}
