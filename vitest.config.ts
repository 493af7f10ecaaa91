import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const alias = { '@shared': fileURLToPath(new URL('src/shared', import.meta.url)) }

export default defineConfig({
  test: {
    // Most of a test's time is waiting: for a program that starts, for a peer.
    maxWorkers: 3,
    // No `include` here: it would be merged into both projects.
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'node',
          environment: 'node',
          include: [
            'src/{shared,main,cli,preload}/**/*.test.ts',
            'e2e/**/*.test.ts',
            '{bench,build,scripts}/**/*.test.ts',
          ],
          // Real sockets on a busy machine: a slow answer is not a wrong one.
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        plugins: [vue()],
        resolve: { alias },
        test: {
          name: 'page',
          environment: 'happy-dom',
          include: ['src/renderer/**/*.test.ts'],
        },
      },
    ],
  },
})
