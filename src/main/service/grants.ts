import { randomUUID } from 'node:crypto'

/** Grants that were never used: a person picks a file or two, no more. The oldest goes first. */
const MAX_GRANTS = 64

/** Paths that the user has picked in a dialog of the host, each good for one use. A page knows only the grant, and chooses no path. */
export class Grants {
  readonly #paths = new Map<string, string>()

  /** @param grant chosen by the host where it must know it before the worker answers */
  give(path: string, grant: string = randomUUID()): string {
    this.#paths.set(grant, path)
    for (const oldest of this.#paths.keys()) {
      if (this.#paths.size <= MAX_GRANTS) break
      this.#paths.delete(oldest)
    }
    return grant
  }

  /** The path, which is not used up by asking. Undefined for what was not given, or has been used. */
  pathOf(grant: string): string | undefined {
    return this.#paths.get(grant)
  }

  use(grant: string): void {
    this.#paths.delete(grant)
  }
}
