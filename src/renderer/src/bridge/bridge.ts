import type { Bridge } from '@shared/contract/bridge'
import type { CommandInput, CommandName, CommandOutput } from '@shared/contract/commands'
import type { ServiceEvent } from '@shared/contract/events'
import type { HostCommandInput, HostCommandName, HostCommandOutput } from '@shared/contract/hostCommands'
import { fault, type Reply } from '@shared/model/fault'

/** The only place that touches `window.switchboard`. */
function bridge(): Bridge {
  return window.switchboard
}

/** Asks the service. Never rejects: a bridge that is gone (the program is ending) is a fault like any other. */
export async function call<Name extends CommandName>(
  name: Name,
  input: CommandInput<Name>,
): Promise<Reply<CommandOutput<Name>>> {
  try {
    return await bridge().call(name, input)
  } catch (error) {
    return unreachable(name, error)
  }
}

/** Asks the host: files, clipboard, settings. Never rejects. */
export async function host<Name extends HostCommandName>(
  name: Name,
  input: HostCommandInput<Name>,
): Promise<Reply<HostCommandOutput<Name>>> {
  try {
    return await bridge().host(name, input)
  } catch (error) {
    return unreachable(name, error)
  }
}

/** Opens a file that was dropped on the page. Never rejects. */
export async function openDropped(file: File): Promise<Reply<null>> {
  try {
    return await bridge().openDropped(file)
  } catch (error) {
    return unreachable(`opening ${file.name}`, error)
  }
}

export function onEvents(listener: (events: readonly ServiceEvent[]) => void): () => void {
  return bridge().onEvents(listener)
}

export function onAction(listener: (action: string) => void): () => void {
  return bridge().onAction(listener)
}

export function platform(): string {
  return bridge().platform
}

function unreachable(name: string, error: unknown): Reply<never> {
  const told = error instanceof Error ? error.message : String(error)
  return { ok: false, fault: fault('SB_BUG', `${name} could not be asked: ${told}`) }
}
