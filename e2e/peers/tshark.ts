import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

async function tshark(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('tshark', ['-n', ...args], { maxBuffer: 512 * 1024 * 1024 })
  return stdout
}

/** The two directions of a TCP stream, as Wireshark's Follow Stream puts them together. */
export interface FollowedStream {
  /** From the side whose packet came first. */
  readonly fromFirst: Buffer
  readonly fromSecond: Buffer
}

/** `-z follow,tcp,raw,N`: hexadecimal lines, those of the second side begin with a tab. */
export async function followTcp(file: string, stream: number): Promise<FollowedStream> {
  const printed = await tshark('-q', '-r', file, '-z', `follow,tcp,raw,${stream}`)
  const lines = printed.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line))
  const join = (those: readonly string[]) => Buffer.from(those.map((line) => line.trim()).join(''), 'hex')
  return {
    fromFirst: join(lines.filter((line) => !line.startsWith('\t'))),
    fromSecond: join(lines.filter((line) => line.startsWith('\t'))),
  }
}

/** The given fields of each packet that the display filter lets through. */
export async function fields(file: string, filter: string, ...names: readonly string[]): Promise<string[][]> {
  const wanted = names.flatMap((name) => ['-e', name])
  const printed = await tshark('-r', file, '-Y', filter, '-T', 'fields', ...wanted)
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'))
}

/** The number of the stream in which a TCP port takes part. */
export async function streamOfPort(file: string, port: number): Promise<number> {
  const [first] = await fields(file, `tcp.port == ${port}`, 'tcp.stream')
  if (first?.[0] === undefined) throw new Error(`tshark sees no packet of port ${port}`)
  return Number(first[0])
}

/** What tshark's experts complain about: none, in a file of ours. */
export async function complaints(file: string): Promise<string[][]> {
  return await fields(
    file,
    '_ws.malformed || _ws.expert.severity >= 6291456',
    'frame.number',
    '_ws.expert.message',
  )
}
