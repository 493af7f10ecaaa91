import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { pythonDials } from '../peers/python'
import { ROOT } from './program'

export const CHUNK_BYTES = 65_536

/**
 * Makes a recording with the command line: a listener that discards what a Python program sends it.
 * @param parts one after the other: so many bytes as `flood` has them in chunks of 64 KiB, or a text
 */
export async function recordParts(file: string, parts: readonly (number | string)[]): Promise<void> {
  const words = ['listen', 'tcp://127.0.0.1:0', '--behaviour', 'discard', '--record', file, '--once']
  const program = spawn(process.execPath, [path.join(ROOT, 'bin/switchboard.mjs'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(program, 'exit')
  const [first] = (await once(program.stdout.setEncoding('utf8'), 'data')) as [string]
  program.stdout.resume()
  const url = /listening on (\S+)/.exec(first)?.[1]
  if (url === undefined) throw new Error(`the command line does not listen: ${first}`)
  await using caller = await pythonDials(url)
  const wire = await caller.wire()
  for (const part of parts) {
    if (typeof part === 'string') await wire.send(part)
    else await wire.flood(part, CHUNK_BYTES)
  }
  await wire.finish()
  await wire.sawEof()
  const [code] = (await ended) as [number]
  if (code !== 0) throw new Error(`the command line ended with ${code}`)
}
