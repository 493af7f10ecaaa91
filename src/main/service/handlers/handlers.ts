import { type z } from 'zod'
import { type CommandName, type CommandOutput, type commands } from '../../../shared/contract/commands'
import { type Reply } from '../../../shared/model/fault'
import { type Capture } from '../../capture/types'
import { type Engine } from '../../engine/types'
import { type EventBatches } from '../eventBatches'
import { type FileSending } from '../fileSending'
import { captureHandlers } from './captureHandlers'
import { connectionHandlers } from './connectionHandlers'
import { listenerHandlers } from './listenerHandlers'
import { socketHandlers } from './socketHandlers'
import { udpHandlers } from './udpHandlers'
import { unixHandlers } from './unixHandlers'

/** What handlers work with. They know nothing of threads, windows or IPC. */
export interface HandlerContext {
  readonly engine: Engine
  readonly capture: Capture
  readonly files: FileSending
  readonly events: EventBatches
}

/** Input as the schema hands it on, never as it came. */
type Parsed<Name extends CommandName> = z.output<(typeof commands)[Name]['input']>

export type Handler<Name extends CommandName> = (
  input: Parsed<Name>,
  context: HandlerContext,
) => Reply<CommandOutput<Name>> | Promise<Reply<CommandOutput<Name>>>

type Handlers = { readonly [Name in CommandName]: Handler<Name> }

/** The handlers of one area: exactly those of its commands, or it does not compile. */
export type Area<Prefix extends string> = {
  readonly [Name in CommandName as Name extends `${Prefix}.${string}` ? Name : never]: Handler<Name>
}

/** Every command has its handler, or this does not compile. */
export const handlers: Handlers = {
  ...listenerHandlers,
  ...connectionHandlers,
  ...udpHandlers,
  ...socketHandlers,
  ...captureHandlers,
  ...unixHandlers,
}
