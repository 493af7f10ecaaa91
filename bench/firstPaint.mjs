// From the start of the process to the first paint that shows something, against a window with one character in it.
import { openWindow } from './lib/browser.mjs'
import { show } from './lib/report.mjs'
import { median } from './lib/statistics.mjs'

/** @typedef {import('./lib/context.mjs').Context} Context */
/** @typedef {import('./lib/report.mjs').Row} Row */

export const title = 'first paint'

/**
 * @param {Context} context
 * @returns {Promise<Row[]>}
 */
export async function measure(context) {
  /** @type {Record<'app' | 'empty', number[]>} */
  const times = { app: [], empty: [] }
  // The first start after a boot or a build reads from the disk: it is not counted.
  if (!context.quick)
    for (const which of /** @type {const} */ (['app', 'empty'])) await timeOf(context, which)
  for (let round = 1; round <= context.rounds; round++) {
    for (const which of context.shuffle(/** @type {const} */ (['app', 'empty']))) {
      const milliseconds = await timeOf(context, which)
      times[which].push(milliseconds)
      context.say(`round ${round}, ${which}: ${show(milliseconds)} ms`)
    }
  }
  return [
    {
      target: 'firstPaint',
      what: 'first paint / empty Electron window',
      ours: `${show(median(times.app))} ms`,
      other: `${show(median(times.empty))} ms`,
      values: times.app.map((time, i) => time / (times.empty[i] ?? NaN)),
    },
  ]
}

/**
 * @param {Context} context
 * @param {'app' | 'empty'} which
 */
async function timeOf(context, which) {
  const window = await openWindow(context, which)
  const paintedAtMs = await window.page.evaluate(
    () =>
      new Promise((resolve) => {
        const observer = new PerformanceObserver((list) => {
          for (const { name, startTime } of list.getEntries()) {
            if (name === 'first-contentful-paint') resolve(performance.timeOrigin + startTime)
          }
        })
        observer.observe(/** @type {any} */ ({ type: 'paint', buffered: true }))
      }),
  )
  await window.close()
  context.clean()
  return Number(paintedAtMs) - window.spawnedAtMs
}
