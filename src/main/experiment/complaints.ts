import { MAX_PROBLEMS, type ExperimentProblem } from '../../shared/model/experiment'

/** Past this many nothing more is gathered: a file of a megabyte can hold a great many mistakes. */
const MAX_GATHERED = 1000

/** What is wrong with a file, gathered in whatever order it is found. */
export class Complaints {
  /** Where an offset of the text lies; set once the text has been gone through. */
  lines: (offset: number) => { readonly line: number; readonly col: number } = () => ({ line: 1, col: 1 })
  readonly #list: ExperimentProblem[] = []

  get count(): number {
    return this.#list.length
  }

  /** @param offset of the text, in UTF-16 units */
  add(offset: number, key: string, message: string): void {
    if (this.#list.length >= MAX_GATHERED) return
    const { line, col } = this.lines(offset)
    this.#list.push({ line: Math.max(1, line), column: Math.max(1, col), key, message })
  }

  lineOf(offset: number): number {
    return Math.max(1, this.lines(offset).line)
  }

  /** The first of them, in the order of the file. */
  list(): readonly ExperimentProblem[] {
    return this.#list.sort((a, b) => a.line - b.line || a.column - b.column).slice(0, MAX_PROBLEMS)
  }
}
