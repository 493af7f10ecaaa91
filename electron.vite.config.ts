import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

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
          scanner: here('src/main/capture/scan/worker.ts'),
          watcher: here('src/main/engine/posix/watcherThread.ts'),
          caller: here('src/main/engine/bench/callerThread.ts'),
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
    plugins: [vue(), inlineStyles()],
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

/**
 * Puts the styles that the page begins with into the page itself. A style sheet of its own holds up the first paint by
 * a request, which the main process answers while it has the most to do.
 */
function inlineStyles(): Plugin {
  return {
    name: 'inline-styles',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const page of Object.values(bundle)) {
        if (page.type !== 'asset' || !page.fileName.endsWith('.html')) continue
        page.source = page.source
          .toString()
          .replace(/<link rel="stylesheet"[^>]*href="\.\/([^"]+)"[^>]*>/g, (link, file: string) => {
            const styles = bundle[file]
            if (styles?.type !== 'asset') return link
            const text = styles.source.toString().trim()
            // Parts that are loaded later ask for it by name, too: they get nothing twice.
            styles.source = ''
            return `<style nonce="__NONCE__">${text}</style>`
          })
      }
    },
  }
}
