import { describe, expect, test } from 'vitest'
import { type TcpEndpoint } from '../../../shared/model/endpoint'
import { ok, setUp, silent } from '../testing/bench'
import { lookUpTcp, lookUpTcpInTable } from './sockDiag'

describe.skipIf(process.platform !== 'linux')('a connection is found by its two addresses', () => {
  test.each(['127.0.0.1', '::1', '::', '0.0.0.0'])(
    'listened for on %s: by sock_diag(7) and in the table alike',
    async (host) => {
      await using bench = setUp()
      const listener = await bench.listen({ kind: 'tcp', host, port: 0 }, silent)
      for (const to of host === '::' ? ['127.0.0.1', '::1'] : [host === '0.0.0.0' ? '127.0.0.1' : host]) {
        const dialled = await bench.dial({ kind: 'tcp', host: to, port: listener.port })
        const { id } = dialled
        if (dialled.state.phase !== 'open') throw new Error(`${to} is not open`)
        const local = dialled.state.local as TcpEndpoint
        const remote = dialled.state.remote as TcpEndpoint
        expect(lookUpTcp(local, remote)).toMatchObject({ state: 1, recvQ: 0, sendQ: 0 })
        expect(lookUpTcp(remote, local)).toMatchObject({ state: 1 })
        expect(await lookUpTcpInTable(local, remote)).toMatchObject({ state: 1, recvQ: 0, sendQ: 0 })
        // We close first: what is left of ours waits a minute, and the other end is gone.
        ok(bench.engine.attend(id, silent))
        const accepted = bench.engine.connectionsOf(listener.id).at(-1)
        const closing = bench.engine.close(id)
        if (accepted !== undefined) await bench.engine.close(accepted)
        ok(await closing)
        const diag = lookUpTcp(local, remote)
        const table = await lookUpTcpInTable(local, remote)
        expect(diag).toMatchObject({ state: 6, timer: 3 })
        expect(table).toMatchObject({ state: 6, timer: 3 })
        if (diag === null || diag === 'gone' || table === null || table === 'gone') throw new Error('gone')
        expect(diag.timerMs).toBeGreaterThan(50_000)
        expect(Math.abs(diag.timerMs - table.timerMs)).toBeLessThan(2000)
        expect(lookUpTcp(remote, local)).toBe('gone')
        expect(await lookUpTcpInTable(remote, local)).toBe('gone')
      }
    },
  )

  test('a name is no address', async () => {
    const named: TcpEndpoint = { kind: 'tcp', host: 'localhost', port: 1 }
    expect(lookUpTcp(named, named)).toBeNull()
    expect(await lookUpTcpInTable(named, named)).toBeNull()
  })
})
