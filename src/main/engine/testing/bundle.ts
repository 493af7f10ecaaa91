import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** A program built from the sources as they are now, for tests that must run it as a process or a thread of its own. */
export interface Bundle extends AsyncDisposable {
  readonly file: string
}

/** Builds one entry, as the real build does but without the rest of the app. @param entry relative to the repository's top */
export async function bundle(entry: string): Promise<Bundle> {
  // Below node_modules, so that koffi, which stays outside the bundle, is found from there.
  const cache = join(root, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'switchboard-test-'))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['koffi'] },
    build: {
      ssr: entry,
      outDir: folder,
      target: 'node20.12',
      rolldownOptions: { output: { entryFileNames: 'entry.mjs' } },
    },
  })
  return {
    file: join(folder, 'entry.mjs'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
