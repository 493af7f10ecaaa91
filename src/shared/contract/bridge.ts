// Types only, as whole statements: the page and the preload shall not carry the schemas' library for a channel's name.
import type { Reply } from '../model/fault'
import type { CommandInput, CommandName, CommandOutput } from './commands'
import type { HostCommandInput, HostCommandName, HostCommandOutput } from './hostCommands'
import type { ServiceEvent } from './events'

/** What the preload puts on the page's `window.switchboard`, and nothing else. */
export interface Bridge {
  call<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<Reply<CommandOutput<Name>>>
  host<Name extends HostCommandName>(
    name: Name,
    input: HostCommandInput<Name>,
  ): Promise<Reply<HostCommandOutput<Name>>>
  /** Batches of events. Answers a function that stops listening. */
  onEvents(listener: (events: readonly ServiceEvent[]) => void): () => void
  /** Acts chosen in the application menu, by the id of the palette's action. */
  onAction(listener: (action: string) => void): () => void
  /** Opens a file that was dropped on the page, as if the user had named it. */
  openDropped(file: File): Promise<Reply<null>>
  readonly platform: string
}

/** IPC channels between preload and main. */
export const channels = {
  call: 'switchboard:call',
  host: 'switchboard:host',
  events: 'switchboard:events',
  /** preload -> main: the last batch has been handed to the page, the next may come. One is under way at most. */
  eventsTaken: 'switchboard:events-taken',
  action: 'switchboard:action',
  /** preload -> main: the path of a file that was dropped, which only the preload can tell. */
  dropped: 'switchboard:dropped',
  /** main -> preload with a port, and preload -> page as a window message of this type. */
  tap: 'switchboard:tap',
} as const

/** The window message with which the preload passes a port on (a MessagePort does not survive contextBridge). */
export interface TapArrival {
  readonly type: typeof channels.tap
  readonly tap: number
}
