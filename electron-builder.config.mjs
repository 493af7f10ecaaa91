import path from 'node:path'
import { fileURLToPath } from 'node:url'
import afterPack from './build/afterPack.mjs'

const here = (/** @type {string} */ file) => path.join(path.dirname(fileURLToPath(import.meta.url)), file)

/**
 * @param {object} choices
 * @param {string} choices.changelog a file in Debian's form
 * @param {{ dist: string, version: string } | undefined} choices.runtime the Electron at hand; without it, electron-builder fetches the pinned one
 * @returns {import('electron-builder').Configuration}
 */
export function packageConfiguration({ changelog, runtime }) {
  return {
    appId: 'invalid.switchboard.app',
    productName: 'Switchboard',
    copyright: 'Copyright © 2026 The Switchboard makers',
    directories: { output: 'dist', buildResources: 'build' },
    ...(runtime ? { electronDist: runtime.dist, electronVersion: runtime.version } : {}),
    // Native parts are N-API binaries that their npm packages ship.
    npmRebuild: false,
    files: [
      'out/{main,preload,renderer}/**',
      '!**/*.map',
      // Its native part lies in a package of its own; what loads that stands among the sources of it.
      '!**/node_modules/koffi/{doc,vendor,lib}/**',
      '!**/node_modules/koffi/src/**/*.{cc,hh,inc,S,asm,txt}',
    ],
    asarUnpack: ['**/*.node'],
    // Read where they lie: by editors, and by whoever looks how a lesson is made.
    extraResources: [
      { from: here('docs/experiment.schema.json'), to: 'experiment.schema.json' },
      { from: here('lessons'), to: 'lessons' },
    ],
    electronLanguages: ['en-US'],
    afterPack,
    electronFuses: {
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    },
    fileAssociations: [
      {
        ext: 'swb',
        name: 'Switchboard session',
        description: 'Switchboard session',
        mimeType: 'application/x-switchboard-session',
        role: 'Editor',
      },
    ],
    publish: null,

    linux: {
      target: ['tar.gz', 'deb', 'AppImage'],
      executableName: 'switchboard',
      icon: here('build/icons'),
      category: 'Development',
      synopsis: 'Workbench for socket experiments',
      desktop: { entry: { Keywords: 'socket;tcp;udp;unix;network;netcat;wireshark;' } },
    },
    deb: {
      packageCategory: 'net',
      priority: 'optional',
      // Small enough, and tens of times faster to make than xz. dpkg reads it from Debian 12 and Ubuntu 18.04 on.
      compression: 'zst',
      fpm: [
        `--deb-changelog=${changelog}`,
        `${here('build/copyright')}=/usr/share/doc/switchboard/copyright`,
      ],
      depends: [
        ...['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libnotify4', 'libxss1', 'libxtst6'],
        ...['xdg-utils', 'libatspi2.0-0', 'libuuid1', 'libsecret-1-0'],
      ],
    },
    mac: {
      target: ['dmg', 'zip'],
      icon: here('build/icons/1024x1024.png'),
      category: 'public.app-category.developer-tools',
    },
    win: { target: ['nsis'], icon: here('build/icons/256x256.png') },
    nsis: { oneClick: false, allowToChangeInstallationDirectory: true },
  }
}
