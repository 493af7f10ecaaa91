import { type z } from 'zod'
import { type CommandName, type CommandOutput, type commands } from '../../../shared/contract/commands'
import { type Reply } from '../../../shared/model/fault'
import { type Capture, type CaptureReader } from '../../capture/types'
import { type Engine } from '../../engine/types'
import { type Compares } from '../compares'
import { type Arrangement } from '../arrangement'
import { type EarlierSockets } from '../earlierSockets'
import { type EventBatches } from '../eventBatches'
import { type Experiments } from '../experiments'
import { type Exports } from '../exports'
import { type FileSending } from '../fileSending'
import { type Filters } from '../filters'
import { type Grants } from '../grants'
import { type KernelView } from '../kernel/kernelView'
import { type Lessons } from '../lessons'
import { type Marks } from '../marks'
import { type OpenedRecordings } from '../openedRecordings'
import { type Framings } from '../framings'
import { type Ladders } from '../ladder/ladders'
import { type Saves } from '../saves'
import { type Programs } from '../programs'
import { type Replays } from '../replays'
import { type Scans } from '../scans'
import { type Searches } from '../searches'
import { type Statistics } from '../statistics'
import { type Throughputs } from '../throughputs'

/** What handlers work with. They know nothing of threads, windows or IPC. */
export interface HandlerContext {
  readonly engine: Engine
  /** What is being recorded. */
  readonly recording: Capture
  /** All that can be read: that, and recordings that were opened. */
  readonly capture: CaptureReader
  readonly earlier: EarlierSockets
  readonly opened: OpenedRecordings
  readonly arrangement: Arrangement
  /** Files to read, and files to write: a page that may do the one may not do the other. */
  readonly grants: Grants
  readonly targets: Grants
  readonly files: FileSending
  readonly saves: Saves
  readonly scans: Scans
  readonly statistics: Statistics
  readonly ladders: Ladders
  readonly throughputs: Throughputs
  readonly searches: Searches
  readonly filters: Filters
  readonly exports: Exports
  readonly experiments: Experiments
  readonly programs: Programs
  readonly lessons: Lessons
  readonly framings: Framings
  readonly marks: Marks
  readonly kernel: KernelView
  readonly compares: Compares
  readonly replays: Replays
  readonly events: EventBatches
}

/** Input as the schema hands it on, never as it came. */
type Parsed<Name extends CommandName> = z.output<(typeof commands)[Name]['input']>

type Handler<Name extends CommandName> = (
  input: Parsed<Name>,
  context: HandlerContext,
) => Reply<CommandOutput<Name>> | Promise<Reply<CommandOutput<Name>>>

export type Handlers = { readonly [Name in CommandName]: Handler<Name> }

/** The handlers of one area: exactly those of its commands, or it does not compile. */
export type Area<Prefix extends string> = {
  readonly [Name in CommandName as Name extends `${Prefix}.${string}` ? Name : never]: Handler<Name>
}
