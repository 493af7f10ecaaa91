import { defineConfig } from '@playwright/test'
import base from '../playwright.config'

/** `npx playwright test -c e2e/screenshots.config.ts` writes the README's pictures anew. */
export default defineConfig({ ...base, testDir: '.', testMatch: 'screenshots.spec.ts' })
