import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { pythonDials } from '../peers/python'
import { ROOT } from './program'

/**
 * Makes a recording with the command line: a listener that discards what a Python program sends it, so many bytes in pieces of so many.
 * @returns the bytes' SHA-256 as the sender reckoned it
 */
export async function recordFlood(file: string, bytes: number, pieceBytes: number): Promise<string> {
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
  await wire.flood(bytes, pieceBytes)
  await wire.finish()
  await wire.sawEof()
  const { sentSha256 } = await wire.sum()
  const [code] = (await ended) as [number]
  if (code !== 0) throw new Error(`the command line ended with ${code}`)
  return sentSha256
}
