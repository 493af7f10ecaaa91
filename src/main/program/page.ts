import { type ProgramLine } from '../../shared/model/program'
import { wrapped } from '../../shared/wire/wrap'

/** Between a line of a template and what it does. */
const MARK = ' § '

/** A program's lines while they are written, each with what it does and the steps that it belongs to. */
export class Page {
  readonly lines: ProgramLine[] = []
  readonly #unit: string
  #depth = 0
  #steps: readonly number[] = []

  /** @param unit one step of indentation */
  constructor(unit: string) {
    this.#unit = unit
  }

  /** What is written meanwhile belongs to these steps. */
  during(steps: readonly number[], write: () => void): void {
    const before = this.#steps
    this.#steps = steps
    write()
    this.#steps = before
  }

  line(text: string, about = ''): void {
    const indent = this.#unit.repeat(this.#depth)
    for (const [at, each] of text.split('\n').entries())
      this.lines.push({
        text: each === '' ? '' : indent + each,
        about: at === 0 ? about : '',
        steps: each === '' ? [] : this.#steps,
      })
  }

  /** Lines of a template, each with ` § ` and what it does behind it where there is something to say. */
  block(template: string): void {
    for (const each of template.replace(/^\n|\n\s*$/g, '').split('\n')) {
      const at = each.indexOf(MARK)
      if (at < 0) this.line(each.trimEnd())
      else this.line(each.slice(0, at).trimEnd(), each.slice(at + MARK.length))
    }
  }

  /** One empty line, unless there is one, or nothing before it. */
  gap(): void {
    const last = this.lines.at(-1)
    if (last !== undefined && last.text !== '') this.line('')
  }

  in(write: () => void): void {
    this.#depth++
    write()
    this.#depth--
  }

  /** Takes over what another page has, as it stands here. */
  take(other: Page): void {
    const indent = this.#unit.repeat(this.#depth)
    for (const each of other.lines)
      this.lines.push({ ...each, text: each.text === '' ? '' : indent + each.text })
  }
}

/** A comment of any length, in lines that fit. @param prefix what each line begins with: `# ` */
export function commentLines(text: string, prefix: string, width = 96): string[] {
  const plain = text
    .replace(/[\p{C}\u2028\u2029]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return wrapped(plain, width - prefix.length).map((line) => prefix + line)
}
