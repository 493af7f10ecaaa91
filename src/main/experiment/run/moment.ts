import { setImmediate } from 'node:timers/promises'
import { type Places } from './places'

/** A step's time and place. */
export interface Moment {
  readonly places: Places
  readonly signal: AbortSignal
  readonly withinMs: number
  /** On the clock of performance.now(). */
  readonly deadlineMs: number
}

/** Looks, and looks again whenever something has happened, until there is an answer or the time is over (null). */
export async function until<T>(
  { places, deadlineMs, signal }: Moment,
  look: () => T | null | Promise<T | null>,
): Promise<T | null> {
  for (;;) {
    const { version } = places.watch
    const found = await look()
    if (found !== null) return found
    if (await places.watch.changed(version, deadlineMs, signal)) continue
    if (signal.aborted) return null
    // On a busy machine what came in time may be told only after the timer has been.
    await setImmediate()
    return look()
  }
}
