import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { has, loopback, openDescriptors, python, setUp } from '../testing/bench'
import { socketLimit } from './descriptors'

const prlimit = (...parts: string[]) =>
  spawnSync('prlimit', ['--pid', String(process.pid), ...parts], { encoding: 'utf8' }).stdout.trim()

test('the limit on sockets lies below the limit on descriptors', () => {
  expect(socketLimit()).toBeGreaterThan(0)
  if (process.platform === 'linux')
    expect(socketLimit()).toBeLessThan(Number(prlimit('--nofile', '-o', 'SOFT', '--noheadings')))
})

test.skipIf(process.platform !== 'linux' || !has('prlimit'))(
  'at the limit each caller is accepted, or counted as dropped',
  async () => {
    const before = prlimit('--nofile', '-o', 'SOFT', '--noheadings')
    prlimit(`--nofile=${openDescriptors() + 100}:`)
    try {
      await using bench = setUp()
      const listener = await bench.listen(loopback())
      await using callers = python(
        `import resource
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]; resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
s = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for i in range(200)]; say("connected"); sys.stdin.read()`,
        listener.port,
      )
      await callers.printed('connected')
      const summary = await bench.until(
        listener.id,
        (each) => each.kind === 'listener' && each.accepted + each.dropped === 200,
      )
      if (summary.kind !== 'listener') throw new Error('no listener')
      expect(summary.accepted).toBeGreaterThan(10)
      expect(summary.dropped).toBeGreaterThan(100)
      expect(bench.engine.connectionsOf(listener.id)).toHaveLength(summary.accepted)
    } finally {
      prlimit(`--nofile=${before}:`)
    }
  },
)
