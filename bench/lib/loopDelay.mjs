// By how much the timers of a thread come late.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 1

/** Watches the event loop of the thread that calls it. @returns tells, in ms, what was since it was asked last */
export function watchLoop() {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  /** The histogram holds the time between two looks, which is the resolution where nothing comes late. @param {number} nanos */
  const late = (nanos) => Math.max(0, nanos / 1e6 - RESOLUTION_MS)
  return () => {
    const told = {
      p50: late(delay.percentile(50)),
      p99: late(delay.percentile(99)),
      max: late(delay.max),
    }
    delay.reset()
    return told
  }
}
