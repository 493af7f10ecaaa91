import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { checkPackage } from './checkPackage.mjs'
import { onSomeDisplay } from './display.mjs'
import { checkLayers, checkPlantedViolations } from './layers.mjs'
import { inRoot } from './paths.mjs'
import { run, runTool } from './run.mjs'
import { missingCounterparts } from './system.mjs'

/** Long enough for a slow machine, short enough that a hung test does not hang the whole run. */
const UNIT_LIMIT_MS = 25 * 60_000
const E2E_LIMIT_MS = 25 * 60_000
const BENCH_LIMIT_MS = 5 * 60_000

/**
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} output shown when something failed or was skipped
 */

/**
 * All that `npm test` runs, in order. Its words choose among them: `npm test -- unit e2e`.
 * `beside`: others may run beside it. It reads the sources and does nothing else, or it waits most of its time and judges none.
 * @type {ReadonlyArray<{ name: string, title: string, beside?: 'reads' | 'waits', run: () => Promise<Result> }>}
 */
export const SUITES = [
  { name: 'counterparts', title: 'the programs that the tests need', run: counterparts },
  { name: 'lint', title: 'eslint', beside: 'reads', run: lint },
  {
    name: 'types',
    title: 'types of what runs in Node',
    beside: 'reads',
    run: () => types('tsconfig.node.json'),
  },
  {
    name: 'types',
    title: 'types of what runs in the page',
    beside: 'reads',
    run: () => types('tsconfig.web.json'),
  },
  {
    name: 'types',
    title: 'types of what touches both',
    beside: 'reads',
    run: () => types('tsconfig.both.json'),
  },
  { name: 'format', title: 'prettier', beside: 'reads', run: format },
  {
    name: 'layers',
    title: 'imports point one way',
    beside: 'reads',
    run: async () => oneCheck(await checkLayers()),
  },
  {
    name: 'layers',
    title: 'planted violations are noticed',
    beside: 'reads',
    run: async () => oneCheck(await checkPlantedViolations()),
  },
  { name: 'unused', title: 'no unused files, exports or packages', beside: 'reads', run: unused },
  { name: 'bench', title: 'the benchmarks still run', beside: 'waits', run: bench },
  { name: 'unit', title: 'unit tests', run: unit },
  { name: 'e2e', title: 'end-to-end tests, in a real Electron', run: endToEnd },
  { name: 'package', title: 'the packages, one of them installed and used', run: checkPackage },
]

/**
 * @param {{ ok: boolean, output: string }} check
 * @returns {Result}
 */
export function oneCheck({ ok, output }) {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, output }
}

/**
 * The one place that says what a missing program means: its tests are skipped with the reason (the tests read SWITCHBOARD_MISSING),
 * but where CI=true everything has to be there.
 */
async function counterparts() {
  const missing = missingCounterparts()
  process.env.SWITCHBOARD_MISSING = missing.join(' ')
  const output = missing.length > 0 ? `not installed: ${missing.join(' ')}` : ''
  if (missing.length > 0 && process.env.CI !== 'true') return { passed: 0, failed: 0, skipped: 1, output }
  return oneCheck({ ok: missing.length === 0, output })
}

/** @param {string} project */
async function types(project) {
  return oneCheck(await runTool('vue-tsc/bin/vue-tsc.js', ['--noEmit', '-p', project]))
}

async function lint() {
  const cache = ['--cache', '--cache-location', 'node_modules/.cache/eslint/', '--cache-strategy', 'content']
  return oneCheck(await runTool('eslint/bin/eslint.js', ['.', '--max-warnings', '0', ...cache]))
}

async function format() {
  return oneCheck(await runTool('prettier/bin/prettier.cjs', ['--check', '.', '--log-level', 'warn']))
}

async function unused() {
  return oneCheck(await runTool('knip/bin/knip.js', ['--no-progress']))
}

async function unit() {
  return withReport(async (file) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const result = await runTool('vitest/vitest.mjs', ['run', '--passWithNoTests=false', ...reporters], {
      timeoutMs: UNIT_LIMIT_MS,
      env: { NO_COLOR: '1' },
    })
    return {
      result,
      count: (/** @type {any} */ report) => ({
        passed: report.numPassedTests,
        // A file that cannot even be loaded is a failed suite without a failed test.
        failed: Math.max(report.numFailedTests, report.success ? 0 : 1),
        skipped: report.numPendingTests + report.numTodoTests,
      }),
    }
  })
}

async function endToEnd() {
  return withReport(async (file) => {
    const playwright = inRoot('node_modules', '@playwright', 'test', 'cli.js')
    const { command, args } = onSomeDisplay(process.execPath, [
      ...[playwright, 'test', '--reporter=list,json'],
      // Its own limit comes first: then it still counts what has run.
      `--global-timeout=${E2E_LIMIT_MS - 30_000}`,
    ])
    const result = await run(command, args, {
      timeoutMs: E2E_LIMIT_MS,
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file, NO_COLOR: '1', FORCE_COLOR: '0' },
      echo: process.stdout,
    })
    return {
      // It has been shown while it ran.
      result: { ...result, output: '' },
      count: (/** @type {any} */ { stats, errors }) => ({
        passed: stats.expected,
        failed: stats.unexpected + stats.flaky + errors.length,
        skipped: stats.skipped,
      }),
    }
  })
}

async function bench() {
  const script = inRoot('bench', 'run.mjs')
  const { command, args } = onSomeDisplay(process.execPath, [script, '--quick'])
  return oneCheck(await run(command, args, { timeoutMs: BENCH_LIMIT_MS }))
}

/**
 * Runs a test runner that writes its counts into a JSON file. No file, or an exit code that does not fit what the file says, is a failure.
 * @param {(file: string) => Promise<{
 *   result: { ok: boolean, output: string },
 *   count: (report: any) => { passed: number, failed: number, skipped: number },
 * }>} work
 * @returns {Promise<Result>}
 */
async function withReport(work) {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchboard-test-'))
  try {
    const file = path.join(folder, 'report.json')
    const { result, count } = await work(file)
    const report = await readFile(file, 'utf8').then(JSON.parse, () => undefined)
    if (report === undefined)
      return { passed: 0, failed: 1, skipped: 0, output: `${result.output}\nno report was written` }
    const { passed, failed, skipped } = count(report)
    const hidden = failed === 0 && (!result.ok || passed === 0)
    return { passed, failed: hidden ? 1 : failed, skipped, output: result.output }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
