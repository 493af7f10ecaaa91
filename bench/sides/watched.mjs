// A worker whose event loop is watched: runs another worker's entry in its own thread, and tells on a channel of its own
// by how much timers of that thread came late since it was asked last.
import { BroadcastChannel, workerData } from 'node:worker_threads'
import { watchLoop } from '../lib/loopDelay.mjs'

const tell = watchLoop()
const channel = new BroadcastChannel('loopDelay')
channel.onmessage = (/** @type {any} */ { data }) => {
  if (data === 'tell') channel.postMessage(tell())
}
// It must not keep the thread alive by itself.
channel.unref()

await import(workerData.entry)
