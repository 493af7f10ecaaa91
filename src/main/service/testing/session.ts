import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandInput, type CommandName, type CommandOutput } from '../../../shared/contract/commands'
import { type EventName, type EventTable, type ServiceEvent } from '../../../shared/contract/events'
import { describeFault, type Reply } from '../../../shared/model/fault'
import { type Service } from '../api'

/** A folder for one test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'switchboard-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A service under test: typed calls, and all events that came, to look through and to wait for. */
export class Session implements AsyncDisposable {
  readonly events: ServiceEvent[] = []
  readonly service: Service
  readonly #waiting = new Set<() => void>()

  constructor(service: Service) {
    this.service = service
    service.onEvents((events) => {
      this.events.push(...events)
      for (const look of [...this.#waiting]) look()
    })
  }

  async ask<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
  ): Promise<Reply<CommandOutput<Name>>> {
    return (await this.service.call(name, input)) as Reply<CommandOutput<Name>>
  }

  async call<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandOutput<Name>> {
    const reply = await this.ask(name, input)
    if (!reply.ok) throw new Error(describeFault(reply.fault))
    return reply.value
  }

  /** The code of the fault with which it is refused. */
  async refusal<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<string> {
    const reply = await this.ask(name, input)
    return reply.ok ? 'accepted' : reply.fault.code
  }

  /** The first event of that name, past or to come, that fits. The test's own time limit ends the wait. */
  async until<Name extends EventName>(
    name: Name,
    fits: (value: EventTable[Name]) => boolean,
  ): Promise<EventTable[Name]> {
    const find = (): ServiceEvent | undefined =>
      this.events.find((event) => event.name === name && fits(event.value as EventTable[Name]))
    const now = find()
    if (now !== undefined) return now.value as EventTable[Name]
    return new Promise((resolve) => {
      const look = (): void => {
        const found = find()
        if (found === undefined) return
        this.#waiting.delete(look)
        resolve(found.value as EventTable[Name])
      }
      this.#waiting.add(look)
    })
  }

  async phase(id: string, phase: string): Promise<EventTable['socket.changed']> {
    return this.until('socket.changed', (summary) => summary.id === id && summary.state.phase === phase)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.close()
  }
}
