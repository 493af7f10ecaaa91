// A worker whose event loop is watched: runs another worker's entry in its own thread, and tells on a channel of its own
// by how much timers of that thread came late since it was asked last.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { BroadcastChannel, workerData } from 'node:worker_threads'

const RESOLUTION_MS = 1
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

const channel = new BroadcastChannel('loopDelay')
channel.onmessage = (/** @type {any} */ { data }) => {
  if (data !== 'tell') return
  /** The histogram holds the time between two looks, which is the resolution where nothing comes late. @param {number} nanos */
  const late = (nanos) => Math.max(0, nanos / 1e6 - RESOLUTION_MS)
  const { count, max } = delay
  channel.postMessage({
    count,
    p50: late(delay.percentile(50)),
    p99: late(delay.percentile(99)),
    max: late(max),
  })
  delay.reset()
}
// It must not keep the thread alive by itself.
channel.unref()

await import(workerData.entry)
