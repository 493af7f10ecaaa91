import { test } from '@playwright/test'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** True where a program of that name is on the PATH and may be run. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Says which programs a spec talks to. Where one is missing its tests are skipped, with the reason; with CI=true they fail,
 * so that a build machine cannot pass by leaving its counterparts out.
 */
export function needs(...programs: readonly string[]): void {
  const missing = programs.filter((program) => !isInstalled(program))
  const reason = `needs ${missing.join(', ')}, not installed here (\`npm test\` installs it on Debian as root)`
  test.beforeEach(() => {
    if (missing.length === 0) return
    if (process.env['CI'] === 'true') throw new Error(`${reason}, and CI=true takes no excuse`)
    test.skip(true, reason)
  })
}
