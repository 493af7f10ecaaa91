import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { version } from '../../package.json'
import { type CommandInput, type CommandName, type CommandOutput } from '../shared/contract/commands'
import { type Reply } from '../shared/model/fault'
import { createService, type LocalService } from '../main/service/service'
import { complaint } from './complaint'
import { must } from './must'
import { drop } from '../shared/model/must'
import { temporaryFolder } from './temporaryFolder'
import { threads } from './threads'
import { type Terminal } from './terminal'

/** A service with its recording, for as long as one command runs. */
export interface Recording {
  readonly service: LocalService
  /** The recording's path. */
  readonly file: string
  /** A command of the contract; what it refuses is thrown as a `FaultError`, which ends the program with exit code 2. */
  readonly call: <Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
  ) => Promise<CommandOutput<Name>>
  /** Ends the sockets, completes the file, and removes it if it is a temporary one. */
  close(): Promise<void>
  /** Ends the sockets, completes the file, and leaves it where it is. */
  keep(): Promise<void>
}

/**
 * @param keepAs where the user wants it; without it a file of that name in a new folder for temporary files
 * @param terminal told at once when the recording cannot be written any more; the sockets go on
 * @param temporaryName the name it has there
 */
export async function openRecording(
  keepAs: string | undefined,
  terminal: Pick<Terminal, 'stderr' | 'lost'>,
  temporaryName = 'session.swb',
): Promise<Recording> {
  const folder = keepAs === undefined ? await temporaryFolder() : null
  const removeFolder = async (): Promise<void> => {
    if (folder !== null) await rm(folder, { recursive: true, force: true })
  }
  const file = folder === null ? resolve(keepAs ?? '') : join(folder, temporaryName)
  const created = await createService({
    file,
    application: `Switchboard ${version}`,
    ...threads(),
  })
  if (!created.ok) await removeFolder()
  const service = must(created)
  service.capture.onFailed((of) => {
    drop(terminal.stderr.line(complaint(of)))
    if (keepAs !== undefined) terminal.lost()
  })
  return {
    service,
    file: service.capture.file,
    call: async (name, input) => must((await service.call(name, input)) as Reply<CommandOutput<typeof name>>),
    async close() {
      await service.close()
      await removeFolder()
    },
    keep: () => service.close(),
  }
}
