import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Tests that talk to these programs. Where one is missing they are skipped, and their title tells why; with CI=true they run
 * all the same and fail, so that a build machine cannot pass by leaving its counterparts out.
 */
export function describeWith(programs: readonly string[], title: string, tests: () => void): void {
  const missing = programs.filter((program) => !isInstalled(program))
  if (missing.length === 0 || process.env['CI'] === 'true') describe(title, tests)
  else describe.skip(`${title} (needs ${missing.join(', ')}, not installed here)`, tests)
}
