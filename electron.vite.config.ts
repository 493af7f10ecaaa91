import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { fileURLToPath } from 'node:url'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const alias = { '@shared': here('src/shared') }

// The oldest of each that the app must run on: plain Node 20.12 for the command line, Chrome 130 for the window.
const NODE = 'node20.12'
const CHROME = 'chrome130'

export default defineConfig({
  main: {
    resolve: { alias },
    build: {
      target: NODE,
      sourcemap: true,
      // Of our packages only `dependencies` (koffi, which has a native part) stay outside the bundle.
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          index: here('src/main/host/electron/main.ts'),
          worker: here('src/main/service/worker.ts'),
          cli: here('src/cli/main.ts'),
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    resolve: { alias },
    build: {
      target: NODE,
      sourcemap: true,
      // A sandboxed preload can require nothing but electron: everything else is bundled, and the format is CommonJS.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: here('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: here('src/renderer'),
    resolve: { alias },
    plugins: [vue()],
    define: { __VUE_OPTIONS_API__: true, __VUE_PROD_DEVTOOLS__: false },
    // The host puts fresh random bytes in its place each time it serves the page.
    html: { cspNonce: '__NONCE__' },
    build: {
      target: CHROME,
      minify: true,
      sourcemap: true,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: { index: here('src/renderer/index.html') } },
    },
  },
})
