import { rm } from 'node:fs/promises'
import path from 'node:path'

/**
 * Electron's folder may hold a start program for development (its own, or our stand-in for it). Neither belongs into a package,
 * where only app.asar is started.
 * @param {{ packager: { getResourcesDir(folder: string): string }, appOutDir: string }} context
 */
export default async function afterPack({ packager, appOutDir }) {
  const resources = packager.getResourcesDir(appOutDir)
  for (const name of ['app', 'default_app.asar']) {
    await rm(path.join(resources, name), { recursive: true, force: true })
  }
}
