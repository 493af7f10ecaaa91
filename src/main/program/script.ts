import { type Helper } from './helper'
import { type Names } from './names'
import { type Page } from './page'
import { type Plan, type Sock, keyOf } from './plan/plan'

/** A program while it is written, whatever its language: its lines, what they need, and the names in it. */
export abstract class ProgramScript {
  readonly plan: Plan
  /** Where lines go now. */
  abstract page: Page
  /** Functions that answer, before `main`. */
  abstract readonly functions: Page
  /** What cannot be done in this language. */
  readonly notes: string[] = []
  readonly helpers = new Set<string>()
  /** Modules, or headers. */
  readonly imports: Set<string>
  readonly #known: Readonly<Record<string, Helper>>
  readonly #names: Names

  /** @param known the helpers of the language  @param imports those of every program */
  constructor(
    plan: Plan,
    known: Readonly<Record<string, Helper>>,
    names: Names,
    imports: readonly string[] = [],
  ) {
    this.plan = plan
    this.#known = known
    this.#names = names
    this.imports = new Set(imports)
  }

  use(helper: string): string {
    const { imports = [], needs = [] } = this.#known[helper] ?? {}
    for (const each of needs) this.use(each)
    this.helpers.add(helper)
    for (const each of imports) this.imports.add(each)
    return helper
  }

  variable(sock: Sock): string {
    return this.#names.of(keyOf(sock), sock.caller === null ? sock.name : `${sock.name}-${sock.caller}`)
  }

  /** What is bound by an endpoint, in a variable of its own. */
  bound(of: string, part: 'port' | 'path'): string {
    return this.#names.of(`${of}.${part}`, `${of}-${part}`)
  }

  /** Something that is no socket. */
  named(key: string, name = key): string {
    return this.#names.of(`:${key}`, name)
  }

  /** The variable for a key of the language's own. */
  protected of(key: string, name = key): string {
    return this.#names.of(key, name)
  }

  abstract comment(text: string): void

  /** Something that cannot be done in this language: said where it would be, and at the end. */
  cannot(text: string): void {
    this.comment(text)
    if (!this.notes.includes(text)) this.notes.push(text)
  }
}

/** How long what waits on each socket does so, as it was told last. */
export class Timeouts {
  readonly #known = new Map<string, number>()

  /** @returns whether that is another than before */
  set(sock: Sock, ms: number): boolean {
    const key = keyOf(sock)
    if (this.#known.get(key) === ms) return false
    this.#known.set(key, ms)
    return true
  }

  forget(sock: Sock): void {
    this.#known.delete(keyOf(sock))
  }
}
