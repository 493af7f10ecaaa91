#!/usr/bin/env node
// The command line, out of a clone: builds it when it is missing or stale (that talk goes to stderr), then runs it.
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { ensureBuild } from '../scripts/lib/build.mjs'
import { checkNode, ensurePackages } from '../scripts/lib/packages.mjs'
import { inRoot } from '../scripts/lib/paths.mjs'
import { SetupError, speakOnStderr } from '../scripts/lib/say.mjs'

speakOnStderr()
try {
  checkNode()
  await ensurePackages()
  await ensureBuild()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`switchboard: ${error.message}`)
  process.exit(2)
}
await import(pathToFileURL(inRoot('out', 'main', 'cli.js')).href)
