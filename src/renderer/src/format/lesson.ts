import type { Condition, ConditionName, StepOutcome } from '@shared/model/experiment'
import { isBenchId, isSocketId, type SocketId } from '@shared/model/ids'
import type { Inline, LessonBlock, LessonCard, TextRun, ValueRun, WatchPoint } from '@shared/model/lesson'

/** One step of a lesson: the experiment's steps `from` to `to` (exclusive), and where to look once they are done. */
export interface LessonPart {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly points: readonly WatchPoint[]
}

/** The steps of a lesson in their order. */
export function partsOf(blocks: readonly LessonBlock[]): readonly LessonPart[] {
  const parts: LessonPart[] = []
  for (const block of blocks.flatMap(holding)) {
    if (block.is === 'do') parts.push({ name: block.part, from: block.from, to: block.to, points: [] })
    const last = parts.at(-1)
    if (block.is === 'watch' && last !== undefined)
      parts[parts.length - 1] = { ...last, points: [...last.points, ...block.points] }
  }
  return parts
}

/** A block itself; of one that is true only somewhere what is in it, if that is here. */
function holding(block: LessonBlock): readonly LessonBlock[] {
  if (block.is !== 'where') return [block]
  return block.holds ? block.blocks.flatMap(holding) : []
}

/** What has been measured so far; what was measured again holds. */
export function valuesOf(
  machine: Readonly<Record<string, string>>,
  outcomes: readonly StepOutcome[],
): ReadonlyMap<string, string> {
  const values = new Map(Object.entries(machine))
  for (const outcome of outcomes)
    for (const [name, value] of Object.entries(outcome.values ?? {})) values.set(name, value)
  return values
}

/** Which socket goes by which name of the experiment's: `server`, `alice`, `server[2]`, `bench`, and what a call has called `line`. */
export function socketsByName(outcomes: readonly StepOutcome[]): ReadonlyMap<string, SocketId> {
  const found = new Map<string, SocketId>()
  for (const { values = {}, sockets = [] } of outcomes) {
    const bench = sockets.find((id) => isBenchId(id))
    if (bench !== undefined) found.set('bench', bench)
    for (const [name, value] of Object.entries(values))
      if (name.endsWith('.id') && isSocketId(value)) found.set(name.slice(0, -'.id'.length), value)
  }
  return found
}

/** As text alone: for titles, and for whoever hears it. */
export function plainText(runs: readonly Inline[], values: ReadonlyMap<string, string>): string {
  return runs
    .map((run) => {
      if (run.is === 'text' || run.is === 'value') return runText(run, values)
      if (run.is === 'code') return run.of.map((each) => runText(each, values)).join('')
      return plainText(run.of, values)
    })
    .join('')
}

export function runText(run: TextRun | ValueRun, values: ReadonlyMap<string, string>): string {
  return run.is === 'text' ? run.text : (values.get(run.name) ?? '…')
}

const conditions: Readonly<Record<ConditionName, readonly [holds: string, isNot: string]>> = {
  linux: ['on Linux', 'on other systems than Linux'],
  macos: ['on macOS', 'on other systems than macOS'],
  windows: ['on Windows', 'on other systems than Windows'],
  native: ['where the system’s calls can be made', 'where the system’s calls cannot be made'],
  ipv6: ['where there is IPv6', 'where there is no IPv6'],
  lan: ['where the machine has an address on a network', 'where the machine is on no network'],
  'low-ports': ['where ports under 1024 may be bound', 'where ports under 1024 may not be bound'],
  raw: ['where raw sockets may be made', 'where raw sockets may not be made'],
  superuser: ['where permissions of files do not hold for it', 'where permissions of files hold for it'],
}

/** `on Linux, and where ports under 1024 may not be bound`. */
export function conditionText(all: readonly Condition[]): string {
  return all.map(({ name, isNot }) => conditions[name][isNot ? 1 : 0]).join(', and ')
}

/** `01-phone-call` is lesson 1; one without a number has none. */
export function numberOf(id: string): string {
  return /^0*(\d+)-/.exec(id)?.[1] ?? ''
}

/** Own lessons may be called as those that came with the program. */
export function keyOf({ id, isOwn }: Pick<LessonCard, 'id' | 'isOwn'>): string {
  return isOwn ? `own/${id}` : id
}
