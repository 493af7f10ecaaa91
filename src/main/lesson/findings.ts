import { MAX_PROBLEMS } from '../../shared/model/experiment'
import { type LessonProblem } from '../../shared/model/lesson'

/** Past this many nothing more is gathered. */
const MAX_GATHERED = 1000

/** What is wrong with a file of a lesson, gathered in whatever order it is found. */
export class Findings {
  readonly #file: string
  readonly #list: LessonProblem[] = []

  constructor(file: string) {
    this.#file = file
  }

  get count(): number {
    return this.#list.length
  }

  add(line: number, message: string): void {
    if (this.#list.length < MAX_GATHERED) this.#list.push({ file: this.#file, line, message })
  }

  /** The first of them, in the order of the file. */
  list(): readonly LessonProblem[] {
    return this.#list.toSorted((a, b) => a.line - b.line).slice(0, MAX_PROBLEMS)
  }
}
