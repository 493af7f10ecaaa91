// Which folder may import which. ARCHITECTURE.md draws the same picture; scripts/lib/layers.mjs proves that each rule here bites.

/** Folders of src/, each with those it may import besides itself. Anything not named is refused. */
const LAYERS = {
  shared: [],
  'main/engine': ['shared'],
  'main/behaviours': ['shared', 'main/engine'],
  'main/capture': ['shared', 'main/engine'],
  'main/session': ['shared', 'main/engine', 'main/behaviours', 'main/capture'],
  'main/experiment': ['shared', 'main/engine', 'main/behaviours', 'main/capture'],
  'main/lesson': ['shared', 'main/engine', 'main/capture', 'main/experiment'],
  'main/replay': ['shared', 'main/engine', 'main/behaviours', 'main/capture'],
  'main/program': ['shared', 'main/engine', 'main/behaviours', 'main/capture', 'main/experiment'],
  'main/service': [
    'shared',
    'main/engine',
    'main/behaviours',
    'main/capture',
    'main/session',
    'main/replay',
    'main/experiment',
    'main/program',
    'main/lesson',
  ],
  'main/host': [
    'shared',
    'main/engine',
    'main/behaviours',
    'main/capture',
    'main/session',
    'main/replay',
    'main/experiment',
    'main/program',
    'main/lesson',
    'main/service',
    // The installed program answers the command line too.
    'cli',
  ],
  cli: [
    'shared',
    'main/engine',
    'main/behaviours',
    'main/capture',
    'main/session',
    'main/replay',
    'main/experiment',
    'main/program',
    'main/lesson',
    'main/service',
  ],
  preload: ['shared'],
  renderer: ['shared'],
}

const TEST = '\\.test\\.ts$'
const ELECTRON = '(^|node_modules/)electron(/|$)'
const PAGE_LIBRARIES = '(^|node_modules/)(@?vue|@vueuse|@lucide|pinia|dockview[^/]*|tinykeys)(/|$)'

const directions = Object.entries(LAYERS).map(([layer, allowed]) => ({
  name: `${layer.replaceAll('/', '-')}-imports-only-below`,
  severity: 'error',
  comment: `src/${layer} may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing else of ours'}.`,
  from: { path: `^src/${layer}/` },
  to: { path: '^(src|e2e|bench|scripts|build)/', pathNot: `^src/(${[layer, ...allowed].join('|')})/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'every-file-has-a-layer',
      severity: 'error',
      comment: 'A folder that is not in the table above has no rules: give it its place there first.',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(LAYERS).join('|')})/` },
      to: {},
    },
    {
      name: 'electron-only-in-its-host',
      severity: 'error',
      comment:
        'The engine and its service run under plain Node: only the host and the preload know Electron.',
      from: { path: '^src/', pathNot: '^src/(main/host/electron|preload)/' },
      to: { path: ELECTRON },
    },
    {
      name: 'no-node-outside-main',
      severity: 'error',
      comment: "shared runs anywhere, and the page and its sandboxed preload have none of Node's modules.",
      from: { path: '^src/(shared|renderer|preload)/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'vue-only-in-the-page',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/renderer/' },
      to: { path: PAGE_LIBRARIES },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Types count too: two files that need each other are one file, or a third is missing.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A file that nobody imports and that imports nobody.',
      from: { orphan: true, pathNot: [TEST, '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count: they are what ties two layers together.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.vue', '.mjs', '.js', '.cjs', '.d.ts', '.json'],
    },
  },
}
