// The window while 200 MB/s are received and recorded: how long a screenful takes to come, and how even the frames are.
import { isPayload } from './lib/payload.mjs'
import { openFirstConnection, openListening } from './lib/appWindow.mjs'
import { openWindow } from './lib/browser.mjs'
import { Program } from './lib/programs.mjs'
import { show } from './lib/report.mjs'
import { median, percentile } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */
/** @typedef {import('@playwright/test').Page} Page */

export const title = 'the window under load'

const RATE = 200e6
const ROWS_A_SCREEN = 60

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  const found = []
  for (let round = 1; round <= context.rounds; round++) {
    /** @type {{ busy?: Awaited<ReturnType<typeof underLoad>>, empty?: number[] }} */
    const one = {}
    for (const which of context.shuffle(/** @type {const} */ (['busy', 'empty']))) {
      if (which === 'busy') one.busy = await underLoad(context)
      else one.empty = await emptyFrames(context)
      context.clean()
    }
    if (one.busy === undefined || one.empty === undefined) throw new Error('a round was cut short')
    const result = {
      pull: percentile(one.busy.pulls, 99),
      pull50: percentile(one.busy.pulls, 50),
      frame: percentile(one.busy.frames, 99),
      scrolling: percentile(one.busy.scrolling, 99),
      empty: percentile(one.empty, 99),
    }
    context.say(
      `round ${round}: pull p50 ${show(result.pull50)} ms, p99 ${show(result.pull)} ms; frame p99 following ${show(result.frame)} ms, scrolling ${show(result.scrolling)} ms, empty ${show(result.empty)} ms`,
    )
    found.push(result)
  }
  return [
    {
      target: 'screenful',
      what: `screenful from a random place at ${RATE / 1e6} MB/s, p99`,
      ours: `p50 ${show(median(found.map(({ pull50 }) => pull50)))} ms`,
      other: '',
      values: found.map(({ pull }) => pull),
    },
    {
      target: 'frames',
      what: `frame p99 following at ${RATE / 1e6} MB/s / empty page`,
      ours: `${show(median(found.map(({ frame }) => frame)))} ms`,
      other: `${show(median(found.map(({ empty }) => empty)))} ms`,
      values: found.map(({ frame, empty }) => frame / empty),
    },
    {
      target: 'framesScrolling',
      what: `frame p99 scrolling at ${RATE / 1e6} MB/s / empty page`,
      ours: `${show(median(found.map(({ scrolling }) => scrolling)))} ms`,
      other: `${show(median(found.map(({ empty }) => empty)))} ms`,
      values: found.map(({ scrolling, empty }) => scrolling / empty),
    },
  ]
}

/** @param {Context} context */
async function underLoad(context) {
  const seconds = context.quick ? 1 : 5
  const bytes = RATE * (seconds * 3 + 4)
  const window = await openListening(context)
  const sender = new Program(context.program('sender'), ['127.0.0.1', window.port, bytes, RATE].map(String))
  const region = await openFirstConnection(window.page)
  const frames = await frameTimes(window.page, seconds)
  // Whoever looks at a random place does not follow the end.
  await region.getByRole('checkbox', { name: 'Follow', exact: true }).uncheck()
  const scrolling = await scrolledFrameTimes(region, seconds)
  const pulls = await pullTimes(window.page, seconds)
  const seen = await region.getByRole('status', { name: 'Counters', exact: true }).innerText()
  await region.getByRole('button', { name: 'Reset', exact: true }).click()
  await sender.stop()
  await window.close()
  // Less would have been another experiment.
  const received = Number(/in (\d+) B/.exec(seen)?.[1])
  if (received < RATE * seconds * 2.5)
    throw new Error(`only ${received} bytes came while the window was watched`)
  return { frames, scrolling, pulls }
}

/** @param {Context} context */
async function emptyFrames(context) {
  const window = await openWindow(context, 'empty')
  const frames = await frameTimes(window.page, context.quick ? 1 : 5)
  await window.close()
  return frames
}

/**
 * Milliseconds from each frame to the next.
 * @param {Page} page
 * @param {number} seconds
 * @returns {Promise<number[]>}
 */
function frameTimes(page, seconds) {
  return page.evaluate(
    (milliseconds) =>
      new Promise((resolve) => {
        /** @type {number[]} */
        const frames = []
        let last = performance.now()
        const until = last + milliseconds
        const frame = (/** @type {number} */ now) => {
          frames.push(now - last)
          last = now
          if (now < until) requestAnimationFrame(frame)
          else resolve(frames.slice(1))
        }
        requestAnimationFrame(frame)
      }),
    seconds * 1000,
  )
}

/**
 * The same while the scroll bar is moved in each frame, a screenful on, there and back over all that is recorded by then. Rows in
 * sight must have come, and be others than before: a view that does not keep up would have quick frames, too.
 * @param {import('@playwright/test').Locator} region
 * @param {number} seconds
 * @returns {Promise<number[]>}
 */
async function scrolledFrameTimes(region, seconds) {
  const grid = region.getByRole('grid', { name: 'Traffic', exact: true })
  const { frames, drawn } = await grid.evaluate(
    (element, milliseconds) =>
      new Promise((resolve) => {
        /** @type {number[]} */
        const frames = []
        let drawn = 0
        let step = element.clientHeight
        let shown = ''
        let last = performance.now()
        const until = last + milliseconds
        const frame = (/** @type {number} */ now) => {
          frames.push(now - last)
          last = now
          const first = element.querySelector('[role=row][aria-rowindex]:not([aria-rowindex="1"])')
          const text = first?.textContent ?? ''
          // One that has not come yet is an ellipsis alone.
          if (text !== shown && text !== '…') drawn++
          shown = text
          const end = element.scrollHeight - element.clientHeight - step
          if (element.scrollTop + step > end || element.scrollTop + step < 0) step = -step
          element.scrollTop += step
          if (now < until) requestAnimationFrame(frame)
          else resolve({ frames: frames.slice(1), drawn })
        }
        requestAnimationFrame(frame)
      }),
    seconds * 1000,
  )
  if (drawn < frames.length / 4) throw new Error(`only ${drawn} of ${frames.length} frames showed other rows`)
  return frames
}

/**
 * Milliseconds that each screenful took, asked for by what the page itself has. What came is held against the payload.
 * @param {Page} page
 * @param {number} seconds
 */
async function pullTimes(page, seconds) {
  const { times, samples, fault } = await page.evaluate(
    async ({ milliseconds, screen }) => {
      /** @type {import('../src/shared/contract/bridge').Bridge} */
      const bridge = /** @type {any} */ (window).switchboard
      const times = []
      const samples = []
      let rows = screen
      for (const until = performance.now() + milliseconds; performance.now() < until;) {
        const from = Math.floor(Math.random() * Math.max(0, rows - screen))
        const began = performance.now()
        const reply = await bridge.call('capture.read', { id: 'C1', from, to: from + screen })
        times.push(performance.now() - began)
        if (!reply.ok) return { times, samples, fault: reply.fault.summary }
        rows = reply.value.size.rows
        // As `unpackRows` does, which the page does not offer.
        const { json, bytes } = reply.value.rows
        const first = JSON.parse(json).find((/** @type {{ kind: string }} */ row) => row.kind === 'data')
        if (first !== undefined)
          samples.push({
            offset: first.offset,
            head: [...bytes.subarray(first.before, first.before + first.head)],
          })
      }
      return { times, samples, fault: undefined }
    },
    { milliseconds: seconds * 1000, screen: ROWS_A_SCREEN },
  )
  if (fault !== undefined) throw new Error(`a screenful did not come: ${fault}`)
  for (const { offset, head } of samples) {
    if (!isPayload(Uint8Array.from(head), offset))
      throw new Error(`the row at offset ${offset} shows other bytes`)
  }
  // The first one finds nothing warm: it is none of many.
  return times.slice(1)
}
