// The benchmarks: `npm run bench [-- --quick] [--only NAME] [--rounds N] [--seed N] [--dir FOLDER]
// [--worker FILE]`. See README.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { arch, cpus, release, tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { inRoot } from '../scripts/lib/paths.mjs'
import { hasProgram } from '../scripts/lib/run.mjs'
import { electronRuntime } from '../scripts/lib/runtime.mjs'
import { createContext, isInMemory } from './lib/context.mjs'
import { stopAll } from './lib/programs.mjs'
import { judge, table } from './lib/report.mjs'
import { shuffler } from './lib/statistics.mjs'

/** In the order in which they run. */
const BENCHMARKS = [
  'receive',
  'roundTrips',
  'accepts',
  'udp',
  'firstPaint',
  'window',
  'memory',
  'records',
  'search',
  'index',
  'save',
  'replay',
  'kernel',
]

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    dir: { type: 'string' },
    worker: { type: 'string', default: inRoot('out', 'main', 'worker.js') },
  },
})
const unknown = given.only?.filter((name) => !BENCHMARKS.includes(name)) ?? []
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}: there are ${BENCHMARKS.join(', ')}`)
  process.exit(2)
}

/** What they are measured against and with. */
const PROGRAMS = ['cc', 'socat', 'ncat', 'taskset', 'tshark']
const missing = process.platform === 'linux' ? PROGRAMS.filter((name) => !hasProgram(name)) : ['Linux']
if (missing.length > 0) {
  console.log(`bench: not run, for want of ${missing.join(', ')}`)
  process.exit(process.env.CI === 'true' ? 2 : 0)
}

process.exitCode = await main()

async function main() {
  const { quick } = given
  const rounds = Number(given.rounds ?? (quick ? 1 : 6))
  const seed = Number(given.seed ?? Date.now() % 2 ** 32)
  const folder = mkdtempSync(path.join(realDisk(), 'switchboard-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(signal, () => process.exit(130))

  const machine = describeMachine()
  console.log(`bench: ${quick ? 'quick, ' : ''}${rounds} rounds, seed ${seed}, in ${folder}`)
  console.log(`bench: ${Object.values(machine).join(', ')}`)
  const context = createContext({
    quick,
    rounds,
    shuffle: shuffler(seed),
    folder,
    worker: path.resolve(given.worker),
    say: (line) => console.log(`  ${line}`),
  })

  /** @type {import('./lib/report.mjs').JudgedRow[]} */
  const rows = []
  const failures = []
  for (const name of given.only ?? BENCHMARKS) {
    const began = performance.now()
    /** @type {{ title: string, measure: (context: import('./lib/context.mjs').Context) => Promise<import('./lib/report.mjs').Row[]> }} */
    const benchmark = await import(`./${name}.mjs`)
    console.log(`\n${name}: ${benchmark.title}`)
    try {
      rows.push(...(await benchmark.measure(context)).map((row) => judge(row, !quick)))
    } catch (error) {
      failures.push(name)
      console.error(`${name} broke:`, error)
      await stopAll()
    }
    console.log(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }

  if (rows.length > 0) console.log(`\n${table(rows)}\n`)
  const when = new Date().toISOString()
  writeFileSync(
    inRoot('bench', 'results.json'),
    `${JSON.stringify({ when, quick, rounds, seed, machine, rows, failures }, null, 2)}\n`,
  )
  const missed = rows.filter((row) => row.verdict === 'missed')
  for (const row of missed) console.log(`bench: floor missed: ${row.what}`)
  if (failures.length > 0) console.log(`bench: ${rows.length} rows; broken: ${failures.join(', ')}`)
  else console.log(`bench: ${rows.length} rows, all verified`)
  return failures.length > 0 || missed.length > 0 ? 1 : 0
}

/** A folder that is no RAM disk: that would flatter some and not others, and knows no O_DIRECT. */
function realDisk() {
  const folders = given.dir === undefined ? [tmpdir(), inRoot('bench')] : [given.dir]
  const folder = folders.find((each) => !isInMemory(each))
  if (folder !== undefined) return folder
  throw new Error(`${folders.join(' and ')} lie in memory: name a folder on a disk with --dir`)
}

function describeMachine() {
  const [core] = cpus()
  const { version } = electronRuntime()
  return {
    cores: `${cpus().length} × ${core?.model.trim() ?? 'unknown'}`,
    system: `${process.platform} ${release()} ${arch()}`,
    node: `Node ${process.versions.node}`,
    electron: `Electron ${version}`,
  }
}
