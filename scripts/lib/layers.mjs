import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { inRoot, ROOT } from './paths.mjs'
import { run } from './run.mjs'

const CONFIG = inRoot('.dependency-cruiser.cjs')

/**
 * A small tree that breaks no rule. The planted files are added to it, so that a rule which catches everything is found out too.
 * @type {Record<string, string>}
 */
const CLEAN_TREE = {
  'src/shared/model.ts': `export const one = 1\n`,
  'src/shared/contract.ts': `import { one } from './model'\nimport { z } from 'zod'\nexport const two = z.literal(one)\n`,
  'src/main/engine/engine.ts': `import net from 'node:net'\nimport { one } from '@shared/model'\nexport const open = () => net.connect(one)\n`,
  'src/main/behaviours/echo.ts': `import { open } from '../engine/engine'\nexport const echo = open\n`,
  'src/main/capture/capture.ts': `import type { open } from '../engine/engine'\nexport type Open = typeof open\n`,
  'src/main/session/session.ts': `import type { Open } from '../capture/capture'\nexport type Session = Open\n`,
  'src/main/replay/replay.ts': `import type { Open } from '../capture/capture'\nexport type Replay = Open\n`,
  'src/main/experiment/experiment.ts': `import type { Open } from '../capture/capture'\nexport type Experiment = Open\n`,
  'src/main/lesson/lesson.ts': `import type { Experiment } from '../experiment/experiment'\nexport type Lesson = Experiment\n`,
  'src/main/program/program.ts': `import type { Experiment } from '../experiment/experiment'\nexport type Program = Experiment\n`,
  'src/main/service/service.ts': `import { echo } from '../behaviours/echo'\nimport type { Session } from '../session/session'\nexport const serve = (session: Session) => [echo, session]\n`,
  'src/main/host/electron/main.ts': `import { app } from 'electron'\nimport { serve } from '../../service/service'\nserve(app as never)\n`,
  'src/cli/main.ts': `import { serve } from '../main/service/service'\nserve(0 as never)\n`,
  'src/preload/index.ts': `import { contextBridge } from 'electron'\nimport { one } from '../shared/model'\ncontextBridge.exposeInMainWorld('one', one)\n`,
  'src/renderer/App.vue': `<script setup lang="ts">\nimport { ref } from 'vue'\nimport { one } from '../shared/model'\nconst it = ref(one)\n</script>\n<template><p>{{ it }}</p></template>\n`,
  'src/renderer/main.ts': `import App from './App.vue'\nexport { App }\n`,
}

/**
 * One violation per line: the rule that must report it, the file that holds it, and what that file says.
 * @type {ReadonlyArray<readonly [rule: string, file: string, text: string]>}
 */
const PLANTED = [
  [
    'shared-imports-only-below',
    'src/shared/up.ts',
    `import type { open } from '../main/engine/engine'\nexport type Up = typeof open\n`,
  ],
  [
    'main-engine-imports-only-below',
    'src/main/engine/up.ts',
    `import type { Open } from '../capture/capture'\nexport type Up = Open\n`,
  ],
  [
    'main-behaviours-imports-only-below',
    'src/main/behaviours/up.ts',
    `import { serve } from '../service/service'\nexport { serve }\n`,
  ],
  [
    'main-capture-imports-only-below',
    'src/main/capture/aside.ts',
    `import { echo } from '../behaviours/echo'\nexport { echo }\n`,
  ],
  [
    'main-session-imports-only-below',
    'src/main/session/up.ts',
    `import { serve } from '../service/service'\nexport { serve }\n`,
  ],
  [
    'main-replay-imports-only-below',
    'src/main/replay/up.ts',
    `import { serve } from '../service/service'\nexport { serve }\n`,
  ],
  [
    'main-experiment-imports-only-below',
    'src/main/experiment/up.ts',
    `import { serve } from '../service/service'\nexport { serve }\n`,
  ],
  [
    'main-lesson-imports-only-below',
    'src/main/lesson/up.ts',
    `import { serve } from '../service/service'\nexport { serve }\n`,
  ],
  [
    'main-program-imports-only-below',
    'src/main/program/up.ts',
    `import { serve } from '../service/service'\nexport { serve }\n`,
  ],
  ['main-service-imports-only-below', 'src/main/service/up.ts', `import '../host/electron/main'\n`],
  ['main-host-imports-only-below', 'src/main/host/electron/aside.ts', `import '../../../renderer/main'\n`],
  ['cli-imports-only-below', 'src/cli/up.ts', `import '../main/host/electron/main'\n`],
  [
    'preload-imports-only-below',
    'src/preload/aside.ts',
    `import { open } from '../main/engine/engine'\nopen()\n`,
  ],
  [
    'renderer-imports-only-below',
    'src/renderer/reach.ts',
    `import { open } from '../main/engine/engine'\nopen()\n`,
  ],
  [
    'renderer-imports-only-below',
    'src/renderer/Reach.vue',
    `<script setup lang="ts">\nimport type { Open } from '../main/capture/capture'\ndefineProps<{ it: Open }>()\n</script>\n<template><p /></template>\n`,
  ],
  [
    'every-file-has-a-layer',
    'src/main/loose/new.ts',
    `import { one } from '../../shared/model'\nexport const three = one + 2\n`,
  ],
  ['electron-only-in-its-host', 'src/main/engine/window.ts', `import { app } from 'electron'\napp.quit()\n`],
  [
    'electron-only-in-its-host',
    'src/shared/window.ts',
    `import type { App } from 'electron'\nexport type It = App\n`,
  ],
  [
    'no-node-outside-main',
    'src/shared/file.ts',
    `import { readFileSync } from 'node:fs'\nexport { readFileSync }\n`,
  ],
  ['no-node-outside-main', 'src/renderer/net.ts', `import net from 'net'\nexport { net }\n`],
  [
    'no-node-outside-main',
    'src/preload/file.ts',
    `import { readFileSync } from 'node:fs'\nexport { readFileSync }\n`,
  ],
  ['vue-only-in-the-page', 'src/shared/state.ts', `import { ref } from 'vue'\nexport const state = ref(1)\n`],
  ['tests-are-not-imported', 'src/main/engine/uses.ts', `import './engine.test'\n`],
  ['no-circles', 'src/shared/circle.ts', `import type { B } from './circleB'\nexport type A = B | 1\n`],
  ['no-orphans', 'src/shared/alone.ts', `export const alone = 1\n`],
  ['everything-resolves', 'src/shared/missing.ts', `import './nowhere'\n`],
]

/** Needed by planted files, and harmless by themselves. @type {Record<string, string>} */
const HELPERS = {
  'src/main/engine/engine.test.ts': `import { open } from './engine'\nopen()\n`,
  'src/shared/circleB.ts': `import type { A } from './circle'\nexport type B = A | 2\n`,
}

/** @typedef {{ ok: boolean, output: string }} Verdict */

/** Whether the sources keep to the layers. @returns {Promise<Verdict>} */
export async function checkLayers() {
  const { violations, cruised } = await cruise(ROOT)
  const lines = violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)
  return { ok: lines.length === 0 && cruised > 0, output: [...lines, `${cruised} files`].join('\n') }
}

/** Whether the check above would notice: every rule must report what is planted for it, and nothing in a clean tree. @returns {Promise<Verdict>} */
export async function checkPlantedViolations() {
  await mkdir(inRoot('out'), { recursive: true })
  // Below this project, so that `electron` and `vue` resolve as they do in src/.
  const folder = await mkdtemp(inRoot('out', 'planted-'))
  try {
    const problems = []
    await writeTree(folder, {
      ...CLEAN_TREE,
      'tsconfig.base.json': await readFile(inRoot('tsconfig.base.json'), 'utf8'),
    })
    for (const { rule, from, to } of (await cruise(folder)).violations) {
      problems.push(`the clean tree is reported: ${rule.name}: ${from} -> ${to}`)
    }

    await writeTree(folder, {
      ...HELPERS,
      ...Object.fromEntries(PLANTED.map(([, file, text]) => [file, text])),
    })
    const { violations } = await cruise(folder)
    for (const [name, file] of PLANTED) {
      if (!violations.some(({ rule, from }) => rule.name === name && from === file)) {
        problems.push(`not noticed: ${file} breaks ${name}`)
      }
    }
    for (const name of ruleNames()) {
      if (!PLANTED.some(([planted]) => planted === name))
        problems.push(`nothing is planted for the rule ${name}`)
    }
    return {
      ok: problems.length === 0,
      output: [...problems, `${PLANTED.length} violations planted`].join('\n'),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns {string[]} */
function ruleNames() {
  return createRequire(import.meta.url)(CONFIG).forbidden.map(
    (/** @type {{ name: string }} */ rule) => rule.name,
  )
}

/**
 * @param {string} folder
 * @returns {Promise<{ violations: { rule: { name: string }, from: string, to: string }[], cruised: number }>}
 */
async function cruise(folder) {
  const tool = inRoot('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const result = await run(process.execPath, [tool, '--config', CONFIG, '--output-type', 'json', 'src'], {
    cwd: folder,
  })
  try {
    const { summary } = JSON.parse(result.stdout)
    return { violations: summary.violations, cruised: summary.totalCruised }
  } catch {
    throw new Error(`dependency-cruiser gave no report:\n${result.output}`)
  }
}

/**
 * @param {string} folder
 * @param {Record<string, string>} files
 */
async function writeTree(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}
