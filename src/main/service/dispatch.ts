import { randomUUID } from 'node:crypto'
import { type z } from 'zod'
import { commands, isCommandName, type CommandName } from '../../shared/contract/commands'
import { fault, FaultError, type Fault, type Reply } from '../../shared/model/fault'
import { type Log } from './api'
import { type HandlerContext } from './handlers/area'
import { handlers } from './handlers/handlers'

/** How much of what a caller sent may come back to it in a fault's words. */
const MAX_ECHO = 80

/**
 * One way in for every command: known name, parsed input, handler. Never rejects.
 * `SB_INPUT` names the field that is wrong; `SB_BUG` carries an id under which the log has the stack.
 */
export async function dispatch(
  name: unknown,
  input: unknown,
  context: HandlerContext,
  log: Log,
): Promise<Reply<unknown>> {
  if (!isCommandName(name)) {
    const shown = typeof name === 'string' ? `"${shorten(name, MAX_ECHO)}"` : `a ${typeof name}`
    return { ok: false, fault: fault('SB_INPUT', `There is no command ${shown}.`) }
  }
  try {
    const parsed = parse(name, input)
    if (!parsed.ok) return parsed
    // The table ties each name to its own input; TypeScript cannot follow that through a name known only at run time.
    const handler = handlers[name] as (input: unknown, context: HandlerContext) => unknown
    return (await handler(parsed.value, context)) as Reply<unknown>
  } catch (error) {
    return { ok: false, fault: error instanceof FaultError ? error.fault : bugFault(name, error, log) }
  }
}

/** A defect of ours as a fault: the stack stays in the log, under the id that the fault tells. */
export function bugFault(doing: string, error: unknown, log: Log): Fault {
  const id = randomUUID().slice(0, 8)
  log(`bug ${id} in ${doing}: ${error instanceof Error ? (error.stack ?? error.message) : typeof error}`)
  return fault('SB_BUG', `Something went wrong inside Switchboard during ${doing} (${id}).`, {
    hint: `The log has the details under ${id}; please report them.`,
  })
}

function parse(name: CommandName, input: unknown): Reply<unknown> {
  let result: z.ZodSafeParseResult<unknown>
  try {
    result = commands[name].input.safeParse(input)
  } catch {
    // Only an input whose own getters or proxy traps throw comes here; across threads and IPC there is none.
    return { ok: false, fault: fault('SB_INPUT', `${name}: the input cannot be read.`) }
  }
  if (result.success) return { ok: true, value: result.data }
  const issue = result.error.issues[0]
  const field =
    issue === undefined || issue.path.length === 0 ? 'the input' : issue.path.map(String).join('.')
  const what = shorten(issue?.message ?? 'invalid', 4 * MAX_ECHO)
  return { ok: false, fault: fault('SB_INPUT', `${name}: ${shorten(field, MAX_ECHO)}: ${what}.`) }
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}
