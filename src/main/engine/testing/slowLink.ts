import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { start } from './bench'

/** For benchmarks and tests of networks (RFC 2544): nobody has these. */
const NEAR = '198.18.77.1'
const FAR = '198.18.77.2'

export interface LinkOptions {
  /** Each way. */
  readonly delayMs: number
  /** Of so many packets with data that go to the far side one is lost; 0: none. */
  readonly lostOneOf: number
}

/** A link from here into a network namespace of its own. Both are gone with it. */
export interface SlowLink extends AsyncDisposable {
  readonly far: string
  /** The words that run a program at the far side. */
  readonly inside: readonly string[]
  /** Takes the far device down: nothing gets through any more, and nobody at this side is told. */
  cut(): void
}

const run = (command: string, ...words: string[]): boolean => spawnSync(command, words).status === 0

function must(command: string, ...words: string[]): void {
  const { status, stderr, error } = spawnSync(command, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${error?.message ?? stderr}`)
}

/** Why no link can be made here; null where one can. */
export function whyNoLink(how: 'netem' | 'tun'): string | null {
  if (process.platform !== 'linux') return 'namespaces are Linux’s'
  if (process.getuid?.() !== 0) return 'a network namespace needs root'
  if (!run('ip', '-V')) return 'ip(8) is not installed'
  const name = `swb-try-${process.pid}`
  if (!run('ip', 'netns', 'add', name)) return 'a network namespace is not allowed here'
  try {
    if (how === 'tun') return existsSync('/dev/net/tun') ? null : 'there is no /dev/net/tun'
    if (!run('tc', '-V')) return 'tc(8) is not installed'
    const tc = ['netns', 'exec', name, 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms']
    return run('ip', ...tc) ? null : 'this kernel has no sch_netem'
  } finally {
    run('ip', 'netns', 'del', name)
  }
}

/** The kernel's own: a pair of virtual devices, each with a netem queue (tc-netem(8)). */
export function netemLink({ delayMs, lostOneOf }: LinkOptions): Promise<SlowLink> {
  const namespace = `swb-${process.pid}`
  const [here, there] = [`swbn${process.pid}`, `swbf${process.pid}`]
  must('ip', 'netns', 'add', namespace)
  const inside = ['ip', 'netns', 'exec', namespace]
  must('ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', namespace)
  must('ip', 'addr', 'add', NEAR, 'peer', FAR, 'dev', here)
  must('ip', 'link', 'set', here, 'up')
  must('ip', '-n', namespace, 'addr', 'add', FAR, 'peer', NEAR, 'dev', there)
  must('ip', '-n', namespace, 'link', 'set', there, 'up')
  const loss = lostOneOf === 0 ? [] : ['loss', `${100 / lostOneOf}%`]
  must('tc', 'qdisc', 'add', 'dev', here, 'root', 'netem', 'limit', '10000', 'delay', `${delayMs}ms`, ...loss)
  must('tc', '-n', namespace, 'qdisc', 'add', 'dev', there, 'root', 'netem', 'delay', `${delayMs}ms`)
  return Promise.resolve({
    far: FAR,
    inside,
    cut: () => must('ip', '-n', namespace, 'link', 'set', there, 'down'),
    [Symbol.asyncDispose]() {
      // The pair goes with the namespace.
      must('ip', 'netns', 'del', namespace)
      return Promise.resolve()
    },
  })
}

/** One of our own: a program that carries packets between two TUN devices, late, and not all of them. */
export async function tunLink({ delayMs, lostOneOf }: LinkOptions): Promise<SlowLink> {
  const namespace = `swb-${process.pid}`
  must('ip', 'netns', 'add', namespace)
  const script = fileURLToPath(new URL('slowLink.py', import.meta.url))
  const words = [script, namespace, NEAR, FAR, String(delayMs), String(lostOneOf)]
  const link = start('python3', words)
  await link.printed('up')
  return {
    far: FAR,
    inside: ['ip', 'netns', 'exec', namespace],
    cut: () => must('ip', '-n', namespace, 'link', 'set', 'swbfar', 'down'),
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]()
      must('ip', 'netns', 'del', namespace)
    },
  }
}
