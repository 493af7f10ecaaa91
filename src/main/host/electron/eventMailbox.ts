import { type EventTable, type ServiceEvent } from '../../../shared/contract/events'
import { type SocketId } from '../../../shared/model/ids'
import { missingCase } from '../../../shared/model/must'
import { type Counters } from '../../../shared/model/summary'

/** Failures are told one by one; of more than these in one batch the oldest are left out. */
const MAX_PROBLEMS = 100

/**
 * What a window has not been told yet, while an earlier batch is still with it. Only the latest of each socket is kept:
 * a window that hangs for an hour costs as much memory as the list of its sockets, and is up to date with one batch.
 */
export class EventMailbox {
  /** By what they are about; a later one goes to the end, so that order between sockets stays as it happened. */
  readonly #latest = new Map<string, ServiceEvent>()
  readonly #counters = new Map<SocketId, Counters>()
  #problems: EventTable['problem.arose'][] = []

  add(events: readonly ServiceEvent[]): void {
    for (const event of events) this.#addOne(event)
  }

  get isEmpty(): boolean {
    return this.#latest.size === 0 && this.#counters.size === 0 && this.#problems.length === 0
  }

  /** Everything that waits, as one batch; nothing waits afterwards. */
  take(): ServiceEvent[] {
    const events = [...this.#latest.values()]
    if (this.#counters.size > 0) events.push({ name: 'counters.ticked', value: [...this.#counters] })
    for (const value of this.#problems) events.push({ name: 'problem.arose', value })
    this.#latest.clear()
    this.#counters.clear()
    this.#problems = []
    return events
  }

  /** Leaves only what a page cannot ask for again, problems and what the user named: a new page lists all sockets by itself. */
  forNewPage(): void {
    for (const [key, { name }] of this.#latest)
      if (name !== 'experiment.named' && name !== 'lesson.named') this.#latest.delete(key)
    this.#counters.clear()
  }

  #addOne(event: ServiceEvent): void {
    switch (event.name) {
      case 'socket.changed':
        this.#replace(`socket ${event.value.id}`, event)
        break
      case 'socket.forgotten':
        this.#counters.delete(event.value.id)
        this.#latest.delete(`file ${event.value.id}`)
        this.#latest.delete(`kernel ${event.value.id}`)
        this.#replace(`socket ${event.value.id}`, event)
        break
      case 'file.progressed':
        this.#replace(`file ${event.value.id}`, event)
        break
      case 'recording.changed':
        this.#replace('recording', event)
        break
      case 'compare.progressed':
        this.#replace(`compare ${event.value.compare}`, event)
        break
      case 'stats.progressed':
        this.#replace(`stats ${event.value.stats}`, event)
        break
      case 'search.progressed':
        this.#replace(`search ${event.value.search}`, event)
        break
      case 'session.opening':
        this.#replace(`opening ${event.value.opening}`, event)
        break
      case 'session.opened':
      case 'session.closed':
        this.#replace(`opened ${event.value.opened}`, event)
        break
      case 'experiment.named':
        this.#replace('experiment', event)
        break
      case 'lesson.named':
        this.#replace('lesson', event)
        break
      case 'settings.changed':
        this.#replace(`settings ${event.value.key}`, event)
        break
      case 'session.saving':
        this.#replace('saving', event)
        break
      case 'kernel.sampled':
        this.#replace(`kernel ${event.value.id}`, event)
        break
      case 'kernel.sampling':
        this.#replace('kernel', event)
        break
      case 'marks.changed':
        this.#replace(`marks ${event.value.id}`, event)
        break
      case 'filter.progressed':
        this.#replace(`filter ${event.value.filter}`, event)
        break
      case 'export.progressed':
        this.#replace(`export ${event.value.number}`, event)
        break
      case 'experiment.progressed':
        this.#replace(`experiment ${event.value.experiment}`, event)
        break
      case 'frames.progressed':
        this.#replace(`frames ${event.value.frames}`, event)
        break
      case 'replay.progressed':
        this.#replace(`replay ${event.value.replay}`, event)
        break
      case 'counters.ticked':
        for (const [id, counters] of event.value) this.#counters.set(id, counters)
        break
      case 'problem.arose':
        this.#problems.push(event.value)
        if (this.#problems.length > MAX_PROBLEMS) this.#problems.shift()
        break
      default:
        missingCase(event)
    }
  }

  #replace(key: string, event: ServiceEvent): void {
    this.#latest.delete(key)
    this.#latest.set(key, event)
  }
}
