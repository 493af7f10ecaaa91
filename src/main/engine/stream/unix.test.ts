import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Endpoint } from '../../../shared/model/endpoint'
import { echo, faultOf, has, ok, python, scratchFolder, setUp, silent, start, utf8 } from '../testing/bench'

const unix = (path: string): Endpoint => ({ kind: 'unix', path })

/** A socket file whose listener was killed. */
async function staleSocket(path: string): Promise<void> {
  await using peer = python(
    's = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); say("bound"); sys.stdin.readline()',
    path,
  )
  await peer.printed('bound')
  peer.child.kill('SIGKILL')
  await peer.ended()
}

describe('a Unix socket', () => {
  test.skipIf(!has('socat'))(
    'answers socat on its path, and takes the path away when it closes',
    async () => {
      await using bench = setUp()
      using folder = scratchFolder()
      const path = join(folder.path, 'echo.sock')
      const listener = await bench.listen(unix(path), echo)
      await using client = start('socat', ['-', `UNIX-CONNECT:${path}`])
      client.child.stdin.end('over a path\n')
      expect((await client.ended()).output).toBe('over a path\n')
      const id = await bench.accepted(listener.id)
      expect((await bench.phase(id, 'closed')).state).toMatchObject({
        how: 'fin',
        local: { path },
        remote: { path: '' },
      })
      ok(await bench.engine.closeListener(listener.id))
      expect(existsSync(path)).toBe(false)
    },
  )

  test('dials a Python server, with half-close kept', async () => {
    await using bench = setUp()
    using folder = scratchFolder()
    const path = join(folder.path, 'server.sock')
    await using peer = python(
      `s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); say("bound"); c, _ = s.accept(); got = b""
while True:
  b = c.recv(100)
  if not b: break
  got += b
c.sendall(got[::-1]); c.close()`,
      path,
    )
    await peer.printed('bound')
    const { id, state } = await bench.dial(unix(path))
    expect(state).toMatchObject({ phase: 'open', local: { kind: 'unix', path: '' }, remote: { path } })
    ok(bench.engine.send(id, utf8('abc')))
    ok(await bench.engine.halfClose(id))
    expect((await bench.phase(id, 'closed')).state).toMatchObject({ how: 'fin', by: 'local' })
    expect(bench.recorder.of(id).text('in')).toBe('cba')
  })

  test.skipIf(process.platform !== 'linux')('can have an abstract name', async () => {
    await using bench = setUp()
    const name = `@switchboard-test-${process.pid}`
    await bench.listen(unix(name), echo)
    await using client = python(
      'c = socket.socket(socket.AF_UNIX); c.connect("\\0" + sys.argv[1]); c.sendall(b"abstract"); say(c.recv(100).decode())',
      name.slice(1),
    )
    await client.printed('abstract')
    const { id } = await bench.dial(unix(name))
    ok(bench.engine.send(id, utf8('hi')))
    await bench.untilTrue(() => bench.recorder.of(id).text('in') === 'hi')
    expect(faultOf(await bench.engine.listen(unix(name), silent))).toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
    })
  })

  test('that is reset says that there is no RST, and the peer sees the end', async () => {
    await using bench = setUp()
    using folder = scratchFolder()
    const listener = await bench.listen(unix(join(folder.path, 's')))
    const { id } = await bench.dial(listener.at)
    const other = await bench.accepted(listener.id)
    expect(ok(await bench.engine.reset(id)).state).toMatchObject({ how: 'reset', by: 'local' })
    expect(bench.recorder.of(id).story()).toContain('noted')
    await bench.phase(other, 'halfClosed')
  })

  test('whose peer goes with data unread sees a reset', async () => {
    await using bench = setUp()
    using folder = scratchFolder()
    const path = join(folder.path, 's')
    await using peer = python(
      's = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); say("bound"); c, _ = s.accept(); sys.stdin.readline(); c.close(); say("gone")',
      path,
    )
    await peer.printed('bound')
    const { id } = await bench.dial(unix(path))
    ok(bench.engine.send(id, utf8('unread')))
    peer.child.stdin.write('\n')
    expect((await bench.phase(id, 'closed')).state).toMatchObject({
      how: 'reset',
      by: 'remote',
      fault: { code: 'ECONNRESET' },
    })
  })
})

describe('a path that is taken', () => {
  test('by a listener is in use, and nothing is offered', async () => {
    await using bench = setUp()
    using folder = scratchFolder()
    const listener = await bench.listen(unix(join(folder.path, 's')))
    const fault = faultOf(await bench.engine.listen(listener.at, silent))
    expect(fault).toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' })
    expect(fault.remedy).toBeUndefined()
    expect(faultOf(await bench.engine.removeStale(join(folder.path, 's')))).toMatchObject({
      code: 'SB_STATE',
    })
    expect(existsSync(join(folder.path, 's'))).toBe(true)
  })

  test('by a dead one is offered for removal, to those who listen and to those who dial', async () => {
    await using bench = setUp()
    using folder = scratchFolder()
    const path = join(folder.path, 'stale')
    await staleSocket(path)
    const remedy = { act: 'removeStaleSocket', path }
    expect(faultOf(await bench.engine.listen(unix(path), silent))).toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
      remedy,
    })
    expect((await bench.dial(unix(path))).state).toMatchObject({
      phase: 'failed',
      fault: { code: 'ECONNREFUSED', syscall: 'connect', remedy },
    })
    expect(existsSync(path)).toBe(true)
    ok(await bench.engine.removeStale(path))
    expect(existsSync(path)).toBe(false)
    await bench.listen(unix(path))
  })

  test.each(['listen', 'dial'] as const)('by a folder is told as such to %s', async (act) => {
    await using bench = setUp()
    using folder = scratchFolder()
    const state = act === 'dial' ? (await bench.dial(unix(folder.path))).state : null
    const fault =
      state?.phase === 'failed' ? state.fault : faultOf(await bench.engine.listen(unix(folder.path), silent))
    expect(fault.summary).toContain(`${folder.path} is a folder`)
    expect(fault.hint).toBeDefined()
    expect(fault.remedy).toBeUndefined()
  })

  test('is removed only if it is a socket that nobody listens on', async () => {
    await using bench = setUp()
    using folder = scratchFolder()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'precious')
    mkdirSync(join(folder.path, 'folder'))
    await staleSocket(join(folder.path, 'stale'))
    symlinkSync(join(folder.path, 'stale'), join(folder.path, 'link'))
    for (const name of ['file', 'folder', 'link']) {
      expect(faultOf(await bench.engine.removeStale(join(folder.path, name)))).toMatchObject({
        code: 'SB_STATE',
        syscall: 'unlink',
      })
      expect(existsSync(join(folder.path, name))).toBe(true)
    }
    expect(faultOf(await bench.engine.removeStale(join(folder.path, 'nothing')))).toMatchObject({
      code: 'ENOENT',
    })
  })
})

test('paths that are too long, missing, or in a folder that is not there, each say so', async () => {
  await using bench = setUp()
  using folder = scratchFolder()
  const long = unix(join(folder.path, 'x'.repeat(108)))
  expect(faultOf(await bench.engine.listen(long, silent))).toMatchObject({ code: 'ENAMETOOLONG' })
  expect(faultOf(bench.engine.dial(long))).toMatchObject({ code: 'ENAMETOOLONG' })
  const nowhere = unix(join(folder.path, 'not', 'there'))
  const fault = faultOf(await bench.engine.listen(nowhere, silent))
  expect(fault.syscall).toBe('listen')
  expect(fault.hint).toBeDefined()
  expect((await bench.dial(nowhere)).state).toMatchObject({
    phase: 'failed',
    fault: { code: 'ENOENT', syscall: 'connect' },
  })
})
