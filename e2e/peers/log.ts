/** How long a fact may take before its absence is a failure. Far above what anything here needs, below a test's own limit. */
export const FACT_LIMIT_MS = 20_000

/** What somebody said, in order, and a way to wait for more of it. Nothing here polls and nothing sleeps. */
export class Log<T> {
  readonly entries: T[] = []
  readonly #waiting = new Set<() => void>()
  #ending: string | undefined

  add(entry: T): void {
    this.entries.push(entry)
    for (const look of [...this.#waiting]) look()
  }

  /** Calls for each entry: those that there are, and those to come. */
  follow(listener: (entry: T) => void): void {
    let seen = 0
    const look = () => {
      for (; seen < this.entries.length; seen++) listener(this.entries[seen] as T)
    }
    this.#waiting.add(look)
    look()
  }

  /** No more will come. @param why goes into the message of whoever still waits */
  end(why: string): void {
    this.#ending = why
    for (const look of [...this.#waiting]) look()
  }

  /**
   * The first answer that is not undefined, asked again after each entry.
   * Rejects after `FACT_LIMIT_MS`, or when the log ends without it.
   * @param what for the message of the failure: "bytes from the app"
   */
  async until<R>(what: string, look: (entries: readonly T[]) => R | undefined): Promise<R> {
    const now = look(this.entries)
    if (now !== undefined) return now
    return await new Promise<R>((resolve, reject) => {
      const timer = setTimeout(() => stop(() => reject(this.#disappointment(what))), FACT_LIMIT_MS)
      const again = () => {
        const answer = look(this.entries)
        if (answer !== undefined) stop(() => resolve(answer))
        else if (this.#ending !== undefined) stop(() => reject(this.#disappointment(what)))
      }
      const stop = (then: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(again)
        then()
      }
      this.#waiting.add(again)
      again()
    })
  }

  #disappointment(what: string): Error {
    const last = this.entries.slice(-5).map((each) => JSON.stringify(each)?.slice(0, 300))
    return new Error(
      `waited for ${what}; ${this.#ending ?? 'nothing more came'}; last said: ${last.join(' ') || 'nothing'}`,
    )
  }
}
