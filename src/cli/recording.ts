import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { version } from '../../package.json'
import { type CommandInput, type CommandName, type CommandOutput } from '../shared/contract/commands'
import { FaultError, type Reply } from '../shared/model/fault'
import { createService, type LocalService } from '../main/service/service'

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
  /** Ends the sockets, completes the file, and removes it if nobody asked to keep it. */
  close(): Promise<void>
}

/** @param keepAs where the user wants it; without it a temporary file that `close()` removes */
export async function openRecording(keepAs: string | undefined): Promise<Recording> {
  const folder = keepAs === undefined ? await mkdtemp(join(tmpdir(), 'switchboard-')) : null
  const file = keepAs === undefined ? join(folder ?? '', 'session.swb') : resolve(keepAs)
  const service = must(await createService({ file, application: `Switchboard ${version}` }))
  return {
    service,
    file: service.capture.file,
    call: async (name, input) => must((await service.call(name, input)) as Reply<CommandOutput<typeof name>>),
    async close() {
      await service.close()
      if (folder !== null) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A folder of its own for a recording that stays where temporary files live. */
export async function temporaryRecordingPath(name: string): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'switchboard-')), name)
}

/** The value, or a `FaultError`. */
export function must<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new FaultError(reply.fault)
  return reply.value
}
