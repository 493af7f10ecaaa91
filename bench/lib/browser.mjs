import { mkdtempSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { inRoot } from '../../scripts/lib/paths.mjs'
import { Program } from './programs.mjs'

/** @typedef {import('./context.mjs').Context} Context */

/** A page with one character, without which nothing is ever painted. */
const EMPTIEST_PAGE = 'data:text/html,<!doctype html><title>empty</title>.'
const benchFolder = fileURLToPath(new URL('../electron', import.meta.url))
const LOOK_AGAIN_MS = 20

/**
 * A real Electron with a window, attached to from outside, as Chromium's tools do: nothing in the app is changed for it.
 * @typedef {object} OpenWindow
 * @property {Program} program
 * @property {import('@playwright/test').Page} page
 * @property {number} spawnedAtMs when the process was started, milliseconds since 1970
 * @property {() => string} recording the file that the app records into
 * @property {() => Promise<void>} close ends the app as a user does: by its window
 */

/**
 * Opens the built app, or the emptiest window.
 * @param {Context} context
 * @param {'app' | 'empty'} which
 * @returns {Promise<OpenWindow>}
 */
export async function openWindow(context, which) {
  const recordings = mkdtempSync(path.join(context.folder, 'window-'))
  const folder = which === 'app' ? inRoot() : benchFolder
  const args = [...context.electron.arguments(which), '--remote-debugging-port=0', folder]
  if (which === 'app') args.push(`--recordings=${recordings}`)
  const spawnedAtMs = performance.timeOrigin + performance.now()
  const program = new Program(context.electron.executable, args, {
    env: which === 'empty' ? { SWITCHBOARD_BENCH_PAGE: EMPTIEST_PAGE } : {},
  })
  const tools = await program.mentioned(/DevTools listening on ws:\/\/([^/]+)/)
  // Attached to only once the page is there: so its start is what it is without us.
  while (!(await hasPage(tools))) await setTimeout(LOOK_AGAIN_MS)
  const browser = await chromium.connectOverCDP(`http://${tools}`)
  const page = browser.contexts()[0]?.pages()[0]
  if (page === undefined) throw new Error('the window has no page')
  return {
    program,
    page,
    spawnedAtMs,
    recording: () =>
      path.join(recordings, readdirSync(recordings).find((name) => name.endsWith('.swb')) ?? ''),
    async close() {
      await page.close()
      await program.finish()
      await browser.close()
    },
  }
}

/** @param {string} tools host and port of the debugging interface */
async function hasPage(tools) {
  const answer = await fetch(`http://${tools}/json/list`)
  const targets = /** @type {{ type: string, title: string }[]} */ (await answer.json())
  return targets.some(({ type, title }) => type === 'page' && title !== '')
}
