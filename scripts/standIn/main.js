// Electron from its makers contains a small program that, for `electron FOLDER`, starts the app in FOLDER. The runtime that npm
// ships has none: this takes its place. It runs inside Electron and is never part of a package.
import { app } from 'electron'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const preloads = []
let folder = process.cwd()
const words = process.argv.slice(1)
for (let word = words.shift(); word !== undefined; word = words.shift()) {
  if (word === '-r' || word === '--require') preloads.push(words.shift())
  else if (!word.startsWith('-')) {
    folder = path.resolve(word)
    break
  }
}

const { name, productName, version, main } = JSON.parse(
  readFileSync(path.join(folder, 'package.json'), 'utf8'),
)
app.setAppPath(folder)
if (productName ?? name) app.setName(productName ?? name)
if (version) app.setVersion(version)

// Playwright attaches itself this way, before the app starts.
const require = createRequire(import.meta.url)
for (const preload of preloads) if (preload) require(path.resolve(preload))

// Awaited: Electron waits for this module before it says `ready`, and so for the app's own first lines, which must run before it.
await import(pathToFileURL(path.resolve(folder, main ?? 'index.js')).href)
