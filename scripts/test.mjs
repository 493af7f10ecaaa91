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
 * Neighbours that only read run beside each other; whatever opens sockets or measures time runs alone.
 * @param {typeof SUITES} suites
 */
function groups(suites) {
  /** @type {(typeof SUITES)[number][][]} */
  const found = []
  for (const suite of suites) {
    const last = found.at(-1)
    if (suite.isReading && last?.[0]?.isReading) last.push(suite)
    else found.push([suite])
  }
  return found
}

/**
 * Each tool of ours uses one processor: two at a time. The longest should stand first.
 * @param {(typeof SUITES)[number][]} suites
 */
async function runTogether(suites) {
  const waiting = [...suites]
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await runSuite(next)
  }
  await Promise.all([lane(), lane()])
}

/** @param {(typeof SUITES)[number]} suite */
async function runSuite({ title, run, isReading }) {
  // What runs beside another is told at its end, or the lines of both would be mixed.
  if (!isReading) console.log(`\n== ${title}`)
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

  if (isReading) console.log(`\n== ${title}`)
  if (result.failed > 0 || result.skipped > 0) console.log(result.output.trimEnd())
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : ''
  console.log(
    `-- ${result.failed > 0 ? 'FAILED' : 'ok'}: ${result.passed} passed, ${result.failed} failed${skipped} (${seconds} s)`,
  )
}
