import { defineConfig } from '@playwright/test'
import { runtimeEnvironment } from './scripts/lib/runtime.mjs'

// So that `npx playwright test` finds the same Electron as `npm test` does.
Object.assign(process.env, runtimeEnvironment())

export default defineConfig({
  testDir: 'e2e/specs',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // Each worker runs a whole Electron with its own profile. More of them than this starve each other on a small machine.
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env['CI'] === 'true',
  reporter: [['list']],
  use: { trace: 'off', screenshot: 'off' },
})
