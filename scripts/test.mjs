// npm test [-- SUITE …]: sets up what is missing, builds, and runs everything. Its last line adds it all up.
import { SUITES } from './lib/suites.mjs'
import { SetupError } from './lib/say.mjs'
import { setUp } from './setup.mjs'

const chosen = process.argv.slice(2)
const unknown = chosen.filter((word) => !SUITES.some(({ name }) => name === word))
const total = { passed: 0, failed: 0, skipped: 0 }

if (unknown.length > 0) {
  const names = [...new Set(SUITES.map(({ name }) => name))]
  console.error(`no such suite: ${unknown.join(' ')}. There are: ${names.join(' ')}`)
  process.exitCode = 2
} else {
  await runAll()
}

async function runAll() {
  try {
    await setUp({ forTests: true })
    // What is missing is told to every run.
    const wanted = SUITES.filter(
      ({ name }) => chosen.length === 0 || chosen.includes(name) || name === 'counterparts',
    )
    for (const together of groups(wanted)) await runTogether(together)
  } catch (error) {
    // Set-up or build: nothing after it would mean anything.
    console.log(error instanceof SetupError ? error.message : error)
    total.failed += 1
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

/**
 * Neighbours that mind nobody run beside each other; tests run alone.
 * @param {typeof SUITES} suites
 */
function groups(suites) {
  /** @type {(typeof SUITES)[number][][]} */
  const found = []
  for (const suite of suites) {
    const last = found.at(-1)
    if (suite.beside && last?.[0]?.beside) last.push(suite)
    else found.push([suite])
  }
  return found
}

/**
 * Each tool that reads uses one processor: two at a time. The longest should stand first.
 * @param {(typeof SUITES)[number][]} suites
 */
async function runTogether(suites) {
  const left = suites.filter(({ beside }) => beside !== 'waits')
  const lane = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await runSuite(next)
  }
  const waiting = suites.filter(({ beside }) => beside === 'waits')
  await Promise.all([lane(), lane(), ...waiting.map(runSuite)])
}

/** @param {(typeof SUITES)[number]} suite */
async function runSuite({ title, run, beside }) {
  // What runs beside another is told at its end, or the lines of both would be mixed.
  if (!beside) console.log(`\n== ${title}`)
  const started = performance.now()
  const result = await run().catch((error) => ({
    passed: 0,
    failed: 1,
    skipped: 0,
    output: String(error.stack),
  }))
  total.passed += result.passed
  total.failed += result.failed
  total.skipped += result.skipped

  if (beside) console.log(`\n== ${title}`)
  if (result.failed > 0 || result.skipped > 0) console.log(result.output.trimEnd())
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : ''
  console.log(
    `-- ${result.failed > 0 ? 'FAILED' : 'ok'}: ${result.passed} passed, ${result.failed} failed${skipped} (${seconds} s)`,
  )
}
