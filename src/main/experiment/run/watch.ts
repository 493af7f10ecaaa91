/** Wakes whoever waits when something may have changed. */
export class Watch {
  #version = 0
  readonly #waiting = new Set<() => void>()

  /** To be read before one looks: what changes meanwhile is then not missed. */
  get version(): number {
    return this.#version
  }

  notify(): void {
    this.#version++
    for (const wake of this.#waiting) wake()
  }

  /**
   * Resolves with true once something has changed since `version`; with false at the deadline, or when it is aborted.
   * @param deadlineMs on the clock of performance.now()
   */
  changed(version: number, deadlineMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    if (this.#version !== version) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (isChanged: boolean): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', abort)
        resolve(isChanged)
      }
      const wake = (): void => settle(true)
      const abort = (): void => settle(false)
      const arm = () => setTimeout(look, Math.max(0, Math.ceil(deadlineMs - performance.now())))
      // Node's timers come up to a millisecond early.
      const look = (): void => {
        if (performance.now() < deadlineMs) timer = arm()
        else settle(false)
      }
      let timer = arm()
      this.#waiting.add(wake)
      signal.addEventListener('abort', abort)
    })
  }
}
