// Makes src/main/capture/search/find.wasm.ts from find.wat beside it: `node scripts/wasm.mjs`. A test notices when they differ.
import { readFileSync, writeFileSync } from 'node:fs'
import wabt from 'wabt'
import { inRoot } from './lib/paths.mjs'

const folder = inRoot('src', 'main', 'capture', 'search')
const { parseWat } = await wabt()
const module = parseWat('find.wat', readFileSync(`${folder}/find.wat`, 'utf8'), { simd: true })
const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64')
writeFileSync(
  `${folder}/find.wasm.ts`,
  `/** find.wat beside this, as scripts/wasm.mjs has made it; in base64. */\nexport const FIND_WASM =\n  '${base64}'\n`,
)
