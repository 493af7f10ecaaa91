import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Makes one program of a TypeScript source and what it imports, for a test that runs it as a process of its own. */
export async function bundle(source: URL, folder: string): Promise<string> {
  const name = path.basename(source.pathname, '.ts')
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(source),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  })
  return path.join(folder, `${name}.mjs`)
}
