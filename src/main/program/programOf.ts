import { type Experiment } from '../../shared/model/experiment'
import { type Program, type ProgramLanguage } from '../../shared/model/program'
import { writeNode } from './node/writeNode'
import { planOf } from './plan/planOf'
import { writeC } from './c/writeC'
import { writePython } from './python/writePython'

export interface ProgramOptions {
  readonly language: ProgramLanguage
  /** One endpoint alone, as somebody would write it by hand; null: the whole experiment in one program. */
  readonly only: string | null
}

/** An experiment as a program that does the same, line by line explained. */
export function programOf(experiment: Experiment, { language, only }: ProgramOptions): Program {
  const plan = planOf(experiment, only)
  const name = fileNameOf(experiment.name, only)
  const of = { language, only, sides: sidesOf(experiment) }
  switch (language) {
    case 'c': {
      const fileName = `${name}.c`
      const { hasThreads, ...written } = writeC(plan, fileName)
      const flags = `-std=c11 -Wall -Wextra${hasThreads ? ' -pthread' : ''}`
      return { ...of, fileName, run: [`cc ${flags} -o ${name} ${fileName}`, `./${name}`], ...written }
    }
    case 'node': {
      const fileName = `${name}.mjs`
      return { ...of, fileName, run: [`node ${fileName}`], ...writeNode(plan, fileName) }
    }
    case 'python': {
      const fileName = `${name}.py`
      return { ...of, fileName, run: [`python3 ${fileName}`], ...writePython(plan, fileName) }
    }
  }
}

/** The ends that can be a program of their own: all that are opened. */
export function sidesOf({ endpoints, steps }: Experiment): readonly string[] {
  const opened = new Set(steps.flatMap((step) => (step.act === 'open' ? [step.at.name] : [])))
  return endpoints.flatMap(({ name }) => (opened.has(name) ? [name] : []))
}

function fileNameOf(name: string, only: string | null): string {
  const plain = (text: string): string =>
    text
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
  return [plain(name).slice(0, 60) || 'experiment', ...(only === null ? [] : [plain(only)])].join('-')
}
