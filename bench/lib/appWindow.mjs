import { openWindow } from './browser.mjs'

/** @typedef {import('./context.mjs').Context} Context */

/** Ten gigabytes take a while. */
const PATIENCE_MS = 120_000

/**
 * The app with a listener, opened as a person opens it.
 * @param {Context} context
 */
export async function openListening(context) {
  const window = await openWindow(context, 'app')
  const { page } = window
  await page.getByRole('textbox', { name: 'Address', exact: true }).fill('tcp://127.0.0.1:0')
  await page.getByRole('button', { name: 'Listen', exact: true }).click()
  const state = pane(page, 'L1').getByRole('status', { name: 'State', exact: true })
  await state.filter({ hasText: 'listening on' }).waitFor()
  const port = Number(/:(\d+)$/.exec((await state.innerText()).trim())?.[1])
  return { ...window, port }
}

/**
 * Opens the pane of the first connection, as soon as there is one. A new pane follows the tail.
 * @param {import('@playwright/test').Page} page
 */
export async function openFirstConnection(page) {
  const tree = page.getByRole('tree', { name: 'Endpoints', exact: true })
  await tree.getByRole('treeitem', { name: /^C1\b/ }).click({ position: { x: 40, y: 8 } })
  const region = pane(page, 'C1')
  await region.getByRole('grid', { name: 'Traffic', exact: true }).getByRole('row').first().waitFor()
  return region
}

/**
 * Waits until the pane counts so many bytes, and the last row in sight is the last of the record: it does follow.
 * @param {import('@playwright/test').Locator} region
 * @param {number} bytes
 */
export async function hasShown(region, bytes) {
  await region
    .getByRole('status', { name: 'Counters', exact: true })
    .filter({ hasText: `in ${bytes} B (` })
    .waitFor({ timeout: PATIENCE_MS })
  const grid = await region.getByRole('grid', { name: 'Traffic', exact: true }).elementHandle()
  await region.page().waitForFunction((element) => {
    const last = [...(element?.querySelectorAll('[role=row]') ?? [])].at(-1)
    return last?.getAttribute('aria-rowindex') === element?.getAttribute('aria-rowcount')
  }, grid)
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} id
 */
const pane = (page, id) => page.getByRole('region', { name: new RegExp(`^${id}\\b`) })
