import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { path7za } from '7zip-bin'
import { build, Platform } from 'electron-builder'
import { packageConfiguration } from '../../electron-builder.config.mjs'
import { inRoot } from './paths.mjs'
import { printedBy } from './run.mjs'
import { electronRuntime } from './runtime.mjs'
import { say } from './say.mjs'

/** The formats that need none of the tools that electron-builder downloads for itself. */
const WITHOUT_DOWNLOADS = ['tar.gz', 'deb']

/**
 * Makes the packages in dist/.
 * @param {{ all: boolean }} wanted all: every format that the configuration names for this system, by electron-builder's own downloads
 * @returns {Promise<string[]>} the files made
 */
export async function makePackages({ all }) {
  const epoch = lastChange()
  await useToolsAtHand(epoch)
  await mkdir(inRoot('dist'), { recursive: true })
  const changelog = inRoot('dist', '.debian-changelog')
  await writeFile(changelog, await debianChangelog(epoch))
  const runtime = electronRuntime()
  if (runtime.isFallback)
    say(`packaging with Electron ${runtime.version}, the one at hand: not for publishing`)
  try {
    return await build({
      targets: Platform.current().createTarget(
        process.platform === 'linux' && !all ? ['dir', ...WITHOUT_DOWNLOADS] : undefined,
      ),
      config: packageConfiguration({ changelog, runtime }),
      projectDir: inRoot(),
      publish: 'never',
    })
  } finally {
    await rm(changelog)
  }
}

/** @param {number} epoch */
async function useToolsAtHand(epoch) {
  process.env.SOURCE_DATE_EPOCH = String(epoch)
  if (process.platform === 'linux') {
    process.env.CUSTOM_FPM_PATH = inRoot('build', 'fpmDeb.mjs')
    // 98 MB instead of 93, made in seconds instead of minutes.
    process.env.ELECTRON_BUILDER_COMPRESSION_LEVEL ??= '1'
  }
  // npm does not keep its run bit.
  if (process.platform !== 'win32') await chmod(path7za, 0o755)
  process.env.ELECTRON_BUILDER_7ZIP_PATH = path7za
}

/** When what is packaged was last changed, in seconds: it goes into the packages in place of the time of day. */
function lastChange() {
  const given = Number(process.env.SOURCE_DATE_EPOCH)
  if (given > 0) return given
  const committed = Number(printedBy('git', ['-C', inRoot(), 'log', '-1', '--format=%ct']))
  return committed > 0 ? committed : Math.floor(Date.now() / 1000)
}

/** @param {number} epoch */
async function debianChangelog(epoch) {
  const { name, version, author } = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  return `${name} (${version}) unstable; urgency=medium\n\n  * See CHANGELOG.md in the sources.\n\n -- ${author.name} <${author.email}>  ${date}\n`
}
