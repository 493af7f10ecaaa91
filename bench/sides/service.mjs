// The app's own worker, out/main/worker.js, as its host speaks to it: see ToWorker and FromWorker in src/main/service/api.ts.
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { BroadcastChannel, Worker } from 'node:worker_threads'
import { watchLoop } from '../lib/loopDelay.mjs'
import { isPayload } from '../lib/payload.mjs'

/** @typedef {import('../../src/main/service/api').ToWorker} ToWorker */
/** @typedef {import('../../src/main/service/api').FromWorker} FromWorker */
/** @typedef {import('../../src/shared/model/summary').SocketSummary} SocketSummary */

const SAMPLE_BYTES = 64 * 1024
const SAMPLES = 50
const QUIET_MS = 100

/** @param {{ worker: string, file: string, isWatched?: boolean }} options `isWatched`: the delays of its event loop, and of this thread's, can be asked for */
export async function startService({ worker: entry, file, isWatched = false }) {
  const worker = new Worker(isWatched ? new URL('./watched.mjs', import.meta.url) : entry, {
    workerData: { file, application: 'Switchboard bench', entry: pathToFileURL(entry).href },
    // As in workerClient.ts.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  })
  const mainLoop = isWatched ? watchLoop() : null
  /** @type {Map<number, (value: any) => void>} */
  const calls = new Map()
  /** @type {Map<string, SocketSummary>} */
  const sockets = new Map()
  /** @type {Map<number, import('../../src/shared/model/search').SearchStatus>} */
  const searches = new Map()
  /** @type {Set<() => void>} */
  const watchers = new Set()
  let lastCall = 0

  const ready = new Promise((resolve, reject) => {
    worker.on('message', (/** @type {FromWorker} */ message) => {
      if (message.type === 'ready') resolve(undefined)
      else if (message.type === 'failed') reject(new Error(message.fault.summary))
      else if (message.type === 'reply') take(message.call, message.reply)
      else if (message.type === 'events') hear(JSON.parse(message.json))
    })
    worker.on('error', reject)
  })
  const exited = new Promise((resolve) => worker.on('exit', resolve))

  /** @param {ToWorker} message */
  const post = (message) => worker.postMessage(message)

  /**
   * @param {number} number
   * @param {import('../../src/shared/model/fault').Reply<unknown>} reply
   */
  function take(number, reply) {
    if (!reply.ok) throw new Error(`${reply.fault.code}: ${reply.fault.summary}`)
    calls.get(number)?.(reply.value)
    calls.delete(number)
  }

  /** @param {readonly import('../../src/shared/contract/events').ServiceEvent[]} events */
  function hear(events) {
    for (const event of events) {
      if (event.name === 'socket.changed') sockets.set(event.value.id, event.value)
      if (event.name === 'search.progressed') searches.set(event.value.search, event.value)
      if (event.name === 'problem.arose') throw new Error(`${event.value.id}: ${event.value.fault.summary}`)
    }
    for (const look of watchers) look()
  }

  /**
   * @param {string} name
   * @param {object} input
   * @returns {Promise<any>}
   */
  function call(name, input) {
    const number = ++lastCall
    return new Promise((resolve) => {
      calls.set(number, resolve)
      post({ type: 'call', call: number, name, input })
    })
  }

  /** Resolves once the sockets, as the events tell of them, are as wanted. @param {() => boolean} isSo */
  function until(isSo) {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return
        watchers.delete(look)
        resolve(undefined)
      }
      watchers.add(look)
      look()
    })
  }

  const asks = {
    /** @param {{ at?: string, behaviour: string }} request */
    async listen({ at = 'tcp://127.0.0.1:0', behaviour }) {
      const { state } = await call('listener.open', { at, behaviour })
      return { port: state.at.port }
    },

    /** @param {{ bytes: number }} request */
    async bind({ bytes }) {
      const { id, state } = await call('udp.bind', {
        at: 'udp://127.0.0.1:0',
        options: { receiveBufferBytes: bytes },
      })
      return { id, port: state.at.port }
    },

    /**
     * When a connection that brought so many bytes is in the file as a whole. At full speed the file is grown ahead; it has the
     * length that the recording tells only once all of that is written.
     */
    async recorded(/** @type {{ bytes: number }} */ { bytes }) {
      for (;;) {
        const { counters, recording } = await call('socket.list', {})
        const found = counters.find(
          (/** @type {any} */ [id, each]) => id.startsWith('C') && each.inBytes === bytes,
        )
        if (found !== undefined && statSync(file).size === recording.bytes) {
          return { recordedAtNanos: Number(process.hrtime.bigint()) }
        }
      }
    },

    /** Reads pieces all over the record, through the capture, and holds them against the payload. */
    async sample(/** @type {{ bytes: number }} */ { bytes }) {
      for (let i = 0; i < SAMPLES; i++) {
        const from = Math.floor((Math.max(0, bytes - SAMPLE_BYTES) * i) / (SAMPLES - 1))
        const range = await call('capture.bytes', {
          id: 'C1',
          stream: 'in',
          from,
          to: Math.min(bytes, from + SAMPLE_BYTES),
        })
        if (range.bytes.length === 0 || !isPayload(range.bytes, from))
          throw new Error(`the capture reads other bytes at ${from}`)
      }
      return { samples: SAMPLES }
    },

    /** Looks for bytes in all that came in, letters among them in any case if so wished. */
    async search(/** @type {{ id: string, hex: string, isAnyCase?: boolean }} */ { id, hex, isAnyCase }) {
      const began = process.hrtime.bigint()
      const query = isAnyCase
        ? { kind: 'text', pattern: hex.replaceAll(/../g, '\\x$&'), matchCase: false, stream: 'in' }
        : { kind: 'hex', pattern: hex, matchCase: true, stream: 'in' }
      const { search } = await call('search.begin', { id, query })
      await until(() => searches.get(search)?.isDone === true)
      const seconds = Number(process.hrtime.bigint() - began) / 1e9
      await call('search.end', { search })
      return { found: searches.get(search)?.found, seconds }
    },

    /** Moves the recording to another file; `isMoved` where it had no name yet. */
    async save(/** @type {{ file: string, isMoved?: boolean }} */ { file: target, isMoved = false }) {
      const began = process.hrtime.bigint()
      const grant = randomUUID()
      post({ type: 'grantTarget', grant, path: target })
      await call('session.saveAs', { grant, isMoved })
      return { seconds: Number(process.hrtime.bigint() - began) / 1e9 }
    },

    /** Opens a recording, and pulls its first rows. Times are from the beginning. */
    async open(/** @type {{ file: string }} */ { file: recording }) {
      const began = process.hrtime.bigint()
      const since = () => Number(process.hrtime.bigint() - began) / 1e9
      const grant = randomUUID()
      post({ type: 'grantFile', grant, path: recording })
      const { ids } = await call('session.open', { grant })
      const openedSeconds = since()
      const id = ids.find((/** @type {string} */ each) => each.startsWith('C'))
      const { size } = await call('capture.read', { id, from: 0, to: 50 })
      const firstRowsSeconds = since()
      for (const each of ids) await call('socket.forget', { id: each })
      return { openedSeconds, firstRowsSeconds, inBytes: size.inBytes }
    },

    /** Has the kernel asked about every connection that is open, so often a second; 0 for not at all. */
    async askKernel(/** @type {{ rate: number }} */ { rate }) {
      const open = [...sockets.values()].filter(
        ({ kind, state }) => kind === 'connection' && state.phase === 'open',
      )
      const sampled = open.map(({ id }) => id)
      await call('kernel.look', { sampled, shown: sampled })
      await call('kernel.configure', { rate, isAll: false })
      return { sampled: sampled.length }
    },

    /** Has so many calls of a syscall bench blocked, each in recvfrom on a socket of its own. */
    async block(/** @type {{ count: number }} */ { count }) {
      const { id } = await call('bench.open', {})
      const log = () => call('bench.log', { id, from: 1 })
      const made = async (/** @type {object} */ act) => {
        const { number } = await call('bench.call', { id, act })
        for (;;) {
          const { entries } = await log()
          const entry = entries.find((/** @type {any} */ each) => each.of.number === number)
          if (entry?.state === 'done') return entry.of
          await setTimeout(1)
        }
      }
      const address = { family: 'AF_INET', host: '127.0.0.1', port: 0 }
      for (let n = 0; n < count; n++) {
        const { socket } = await made({
          call: 'socket',
          family: 'AF_INET',
          type: 'SOCK_DGRAM',
          protocol: '0',
        })
        await made({ call: 'bind', socket, address })
        await call('bench.call', { id, act: { call: 'recvfrom', socket, bufsize: 1, flags: [] } })
      }
      for (;;) {
        const { entries } = await log()
        const blocked = entries.filter(
          (/** @type {any} */ { state, of }) => state === 'blocked' && of.system !== '',
        )
        if (blocked.length === count) return { id }
        await setTimeout(1)
      }
    },
    unblock: (/** @type {{ id: string }} */ { id }) => call('bench.close', { id }),

    /** What the sampling comes to. */
    sampling: () => call('kernel.sampling', {}),

    /** By how much its event loop, and this thread's, was late since this was asked last. */
    loopDelay() {
      return new Promise((resolve) => {
        const channel = new BroadcastChannel('loopDelay')
        channel.onmessage = (/** @type {any} */ { data }) => {
          if (data === 'tell') return
          channel.close()
          resolve({ service: data, main: mainLoop?.() })
        }
        channel.postMessage('tell')
      })
    },

    async accepted(/** @type {{ count: number }} */ { count }) {
      await until(() =>
        [...sockets.values()].some((each) => each.kind === 'listener' && each.accepted === count),
      )
      return { accepted: count }
    },

    async allClosed() {
      await until(() =>
        [...sockets.values()].every((each) => each.kind !== 'connection' || each.state.phase === 'closed'),
      )
      return { allClosed: true }
    },

    /** How many datagrams have come, once no more do. */
    async received(/** @type {{ id: string }} */ { id }) {
      for (let last = -1; ; await setTimeout(QUIET_MS)) {
        const { counters } = await call('socket.list', {})
        const received = counters.find((/** @type {any} */ [each]) => each === id)?.[1].inChunks ?? 0
        if (received === last) return { received }
        last = received
      }
    },
  }

  await ready
  return {
    /** @param {any} request */
    answer: (request) => asks[/** @type {keyof typeof asks} */ (request.ask)](request),
    /** Closes everything; the capture is complete when this is done. */
    async end() {
      post({ type: 'close' })
      await exited
    },
  }
}
