// Draws build/icon.svg into build/icons/*.png, in the sizes that desktops ask for. Run it after a change to the drawing:
// node scripts/icon.mjs. What draws is the Electron at hand.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { launch } from './lib/launch.mjs'
import { inRoot } from './lib/paths.mjs'
import { sandboxArguments } from './lib/runtime.mjs'
import { runScript, setUp } from './setup.mjs'

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024]

const DRAW = `
import { app, BrowserWindow } from 'electron'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const [from, to, sizes] = JSON.parse(process.env.SWITCHBOARD_ICON)
const drawing = 'data:image/svg+xml;base64,' + readFileSync(from).toString('base64')
mkdirSync(to, { recursive: true })
app.whenReady().then(async () => {
  const window = new BrowserWindow({ show: false })
  await window.loadURL('data:text/html,<title>icon</title>')
  for (const size of sizes) {
    const url = await window.webContents.executeJavaScript(\`(async () => {
      const image = new Image(\${size}, \${size})
      image.src = '\${drawing}'
      await image.decode()
      const canvas = Object.assign(document.createElement('canvas'), { width: \${size}, height: \${size} })
      canvas.getContext('2d').drawImage(image, 0, 0, \${size}, \${size})
      return canvas.toDataURL('image/png')
    })()\`)
    writeFileSync(\`\${to}/\${size}x\${size}.png\`, Buffer.from(url.split(',')[1], 'base64'))
  }
  app.quit()
})
`

await runScript(async () => {
  const { executable } = await setUp({ build: false })
  const folder = await mkdtemp(path.join(tmpdir(), 'switchboard-icon-'))
  try {
    await writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: 'icon', type: 'module', main: 'main.mjs' }),
    )
    await writeFile(path.join(folder, 'main.mjs'), DRAW)
    process.env.SWITCHBOARD_ICON = JSON.stringify([
      inRoot('build', 'icon.svg'),
      inRoot('build', 'icons'),
      SIZES,
    ])
    return await launch(executable, [...sandboxArguments(), folder])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
