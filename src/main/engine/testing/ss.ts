import { spawnSync } from 'node:child_process'

/** What ss(8) says of one socket: its words by their names as it writes them, `rtt:0.1/0.05` and `cwnd:10` alike. */
export interface SsSocket {
  readonly state: string
  readonly recvQ: number
  readonly sendQ: number
  readonly words: ReadonlyMap<string, string>
  /** Of `skmem:(…)`, by its letters. */
  readonly memory: Readonly<Record<string, number>>
}

export function hasSs(): boolean {
  return spawnSync('ss', ['-V']).status === 0
}

/** Asks ss for sockets. @param filter as it takes it: `sport = :80` */
export function ss(kind: '-t' | '-u' | '-x', ...filter: string[]): SsSocket[] {
  const flags = kind === '-x' ? ['-xaemH', '-O'] : [`${kind}aniemoH`, '-O']
  const { stdout, stderr, status } = spawnSync('ss', [...flags, ...filter], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ss failed: ${stderr}`)
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => socketOf(kind === '-x' ? line.trim().replace(/^\S+\s+/, '') : line.trim()))
}

function socketOf(line: string): SsSocket {
  const [state = '', recvQ = '', sendQ = '', ...rest] = line.split(/\s+/)
  const words = new Map<string, string>()
  for (const [n, word] of rest.entries()) {
    const colon = word.indexOf(':')
    if (colon > 0) words.set(word.slice(0, colon), word.slice(colon + 1))
    // `pacing_rate 1234bps` and the like have their number behind them.
    else if (/^[a-z_]+$/.test(word)) words.set(word, rest[n + 1] ?? '')
  }
  const memory: Record<string, number> = {}
  for (const [, name, value] of (/skmem:\(([^)]*)\)/.exec(line)?.[1] ?? '').matchAll(/([a-z]+)(\d+)/g))
    if (name !== undefined) memory[name] = Number(value)
  return { state, recvQ: Number(recvQ), sendQ: Number(sendQ), words, memory }
}
