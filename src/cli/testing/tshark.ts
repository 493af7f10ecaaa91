import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

async function tshark(...args: readonly string[]): Promise<string> {
  return (await run('tshark', ['-n', ...args], { maxBuffer: 256 * 1024 * 1024 })).stdout
}

/** What each side of a TCP stream said, as Wireshark's Follow Stream puts it together; `first` is the side whose packet came first. */
export async function followTcp(file: string, stream: number): Promise<{ first: string; second: string }> {
  const printed = await tshark('-q', '-r', file, '-z', `follow,tcp,raw,${stream}`)
  const lines = printed.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line))
  const said = (isSecond: boolean): string =>
    Buffer.from(
      lines
        .filter((line) => line.startsWith('\t') === isSecond)
        .join('')
        .replaceAll('\t', ''),
      'hex',
    ).toString()
  return { first: said(false), second: said(true) }
}

/** The given fields of each packet that the display filter lets through. */
export async function fields(file: string, filter: string, ...names: readonly string[]): Promise<string[][]> {
  const printed = await tshark(
    '-r',
    file,
    '-Y',
    filter,
    '-T',
    'fields',
    ...names.flatMap((name) => ['-e', name]),
  )
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'))
}
