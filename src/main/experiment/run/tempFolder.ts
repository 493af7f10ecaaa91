import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of the run's own, for Unix sockets and the like: made when somebody asks for it, gone with the run. */
export class TempFolder {
  #path: string | null = null

  /** Short: the path of a Unix socket has 107 bytes (unix(7)). Throws where no folder can be made. */
  path(): string {
    this.#path ??= mkdtempSync(join(tmpdir(), 'swb-'))
    return this.#path
  }

  async remove(): Promise<void> {
    if (this.#path === null) return
    await rm(this.#path, { recursive: true, force: true })
    this.#path = null
  }
}
