import { type Experiment, type ExperimentStep } from '../../shared/model/experiment'
import { nameText } from '../experiment/text'

/** What is known of the machine before any step. */
const ALWAYS = ['machine.system', 'machine.lan', 'machine.retries'] as const

/** What is told of a socket that a step is about, as far as it has it. */
const SOCKET = [
  'id',
  'fd',
  'address',
  'host',
  'port',
  'path',
  'mode',
  'peer',
  'error',
  'errno',
  'syscall',
] as const

/** For each step the names of the values that it may measure: `server.port`, `fitted`. */
export function measuredBySteps(steps: readonly ExperimentStep[]): readonly (readonly string[])[] {
  /** By the socket: the names that a call has left which is still under way. */
  const left = new Map<string, readonly string[]>()
  return steps.map((step) => {
    const kept = [step.as, step.took].filter((name) => name !== undefined)
    if (step.act === 'returns') return [...kept, ...named([step.on, ...(left.get(step.on) ?? [])])]
    if (step.act === 'call') {
      const on = 'on' in step.of ? [step.of.on] : []
      if (step.expected?.is === 'blocks') for (const name of on) left.set(name, step.names)
      return [...kept, ...named([...on, ...step.names])]
    }
    return 'at' in step ? [...kept, ...ofSocket(nameText(step.at))] : kept
  })
}

/** The names, as values and as sockets: which of the two they are a call tells. */
const named = (names: readonly string[]): string[] => names.flatMap((name) => [name, ...ofSocket(name)])

const ofSocket = (name: string): string[] => SOCKET.map((part) => `${name}.${part}`)

/** The values that can be known, each with the first step that may measure it; -1 for those known before any. */
export function measuredIn({ steps }: Experiment): ReadonlyMap<string, number> {
  const first = new Map<string, number>(ALWAYS.map((name) => [name, -1]))
  for (const [index, names] of measuredBySteps(steps).entries())
    for (const name of names) if (!first.has(name)) first.set(name, index)
  return first
}
