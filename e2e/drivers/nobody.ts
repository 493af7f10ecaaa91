import { _electron, type ElectronApplication } from '@playwright/test'
import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Folder } from './places'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const AS_NOBODY = fileURLToPath(new URL('asNobody.sh', import.meta.url))

/**
 * Starts the built app as the user `nobody`, with Chromium's sandbox, from copies that this user may read. For tests that run as root.
 * @param folder where the copies go
 */
export async function launchAsNobody(folder: Folder): Promise<ElectronApplication> {
  const electron = process.env['ELECTRON_EXEC_PATH'] ?? ''
  const home = folder.join('home')
  const app = folder.join('app')
  const profile = path.join(home, 'profile')
  await mkdir(app, { recursive: true })
  await mkdir(home)
  await run('cp', ['-r', '--reflink=auto', path.dirname(electron), folder.join('electron')])
  for (const part of ['out', 'package.json', 'node_modules/koffi', 'node_modules/@koromix']) {
    await cp(path.join(ROOT, part), path.join(app, part), { recursive: true })
  }
  const { XAUTHORITY } = process.env
  if (XAUTHORITY !== undefined) await copyFile(XAUTHORITY, path.join(home, '.Xauthority'))
  await run('chown', ['-R', 'nobody', home])
  await run('chmod', ['-R', 'go+rX', folder.path])
  return await _electron.launch({
    executablePath: AS_NOBODY,
    args: [app, `--user-data-dir=${profile}`, `--recordings=${path.join(home, 'recordings')}`],
    chromiumSandbox: true,
    cwd: app,
    env: {
      ...(process.env as Record<string, string>),
      NOBODYS_HOME: home,
      NOBODYS_ELECTRON: folder.join(path.join('electron', path.basename(electron))),
    },
  })
}
