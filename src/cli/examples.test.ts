import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'vitest'
import { isMap, parseDocument, visit } from 'yaml'
import { dial, listen, stream, udp } from '../main/experiment/options'
import { expectations, payloads } from '../main/experiment/expectations'
import { acts } from '../main/experiment/steps'
import { commandLine } from './testing/commandLine'

const cli = commandLine()

const names = readdirSync('examples').filter((name) => name.endsWith('.yaml'))

/** An example with the first bytes that it expects made others, or its first error another; and the step's number. */
function broken(text: string): { text: string; step: number } {
  const document = parseDocument(text)
  const { steps } = document.toJS() as { steps: Record<string, unknown>[] }
  const ofBytes = steps.findIndex((each) => 'expect' in each && ('text' in each || 'hex' in each))
  const at = ofBytes < 0 ? steps.findIndex((each) => 'error' in each) : ofBytes
  const [key, other] =
    ofBytes < 0 ? ['error', 'EPERM'] : 'text' in (steps[at] ?? {}) ? ['text', '~~'] : ['hex', 'ba d0']
  document.setIn(['steps', at, key], other)
  return { text: document.toString(), step: at + 1 }
}

test.concurrent.for(names)(
  '%s passes, and with another expectation it does not',
  async (name, { expect }) => {
    await using run = cli.start('run', `examples/${name}`)
    expect(await run.exit(), run.stdout + run.stderr).toBe(0)
    expect(run.lines.at(-1)).toMatch(/^passed: \d+ steps? in \d+ ms$/)
    expect(run.stderr).toBe('')

    const { text, step } = broken(readFileSync(`examples/${name}`, 'utf8'))
    const file = cli.recording(join(name, 'broken.yaml'))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(join(dirname(file), 'hello.txt'), readFileSync('examples/hello.txt'))
    await writeFile(file, text)
    await using red = cli.start('run', file, '--json')
    expect(await red.exit(), red.stdout + red.stderr).toBe(1)
    const told = JSON.parse(red.stdout) as {
      outcome: string
      steps: { phase: string; note: string; difference?: object }[]
    }
    expect(told.outcome).toBe('failed')
    expect(told.steps.findIndex(({ phase }) => phase === 'failed') + 1).toBe(step)
    const failed = told.steps[step - 1]
    if (failed?.difference === undefined) expect(failed?.note).toMatch(/expected EPERM/)
    else expect(failed.difference).toMatchObject({ offset: 0 })
  },
)

test('every key there is has its place in every-key.yaml', ({ expect }) => {
  const used = new Set<string>()
  visit(parseDocument(readFileSync('examples/every-key.yaml', 'utf8')), {
    Pair(_key, { key }) {
      used.add(String(key))
    },
  })
  const known = [
    ...['switchboard', 'name', 'about', 'endpoints', 'steps'],
    ...['listen', 'dial', 'behaviour', 'options', 'accepted', 'within', 'to'],
    ...Object.keys(acts),
    ...payloads,
    ...expectations,
    ...[stream, dial, listen, udp].flatMap((kinds) => Object.keys(kinds)),
  ]
  expect(known.filter((key) => !used.has(key))).toEqual([])
})

test('what the documentation shows runs', async ({ expect }) => {
  const blocks = [...readFileSync('docs/experiments.md', 'utf8').matchAll(/```yaml\n(switchboard:[^`]*)```/g)]
  expect(blocks.length).toBeGreaterThan(0)
  for (const [at, [, text = '']] of blocks.entries()) {
    const file = cli.recording(`documented-${at}.yaml`)
    expect(isMap(parseDocument(text).contents)).toBe(true)
    await writeFile(
      file,
      text
        .replace('listen: "tcp://127.0.0.1:8060"', 'listen: "tcp://127.0.0.1:0"')
        .replaceAll('"tcp://127.0.0.1:8060"', '"tcp://127.0.0.1:{server.port}"'),
    )
    await using run = cli.start('run', file)
    expect(await run.exit(), run.stdout + run.stderr).toBe(0)
  }
})
