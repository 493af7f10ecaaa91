import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { calls } from './calls'
import { cableWays, setUnplugged } from './cable'
import { hasSs, ss } from '../testing/ss'

const descriptorOf = (socket: Socket): number => (socket as unknown as { _handle: { fd: number } })._handle.fd

describe.skipIf(process.platform !== 'linux' || calls() === null)('an unplugged socket', () => {
  test.for(cableWays)(
    'by %s hears nothing and acknowledges nothing; plugged in again it gets what was sent again',
    async (way, { skip }) => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      const accepted = once(server, 'connection') as Promise<[Socket]>
      const client = connect(port, '127.0.0.1')
      await once(client, 'connect')
      const [line] = await accepted
      const heard: string[] = []
      line.on('data', (bytes) => heard.push(bytes.toString()))
      try {
        const errno = setUnplugged(descriptorOf(line), true, [way])
        if (way === 'filter' && errno === 'EPERM') return skip('a filter for TCP needs CAP_NET_ADMIN here')
        expect(errno).toBeNull()
        client.write('lost on the way')
        if (hasSs()) {
          // Sent again and again, each time after twice as long.
          const sender = () => ss('-t', `sport = :${client.localPort} and dport = :${port}`)[0]
          while (sender()?.words.get('backoff') === undefined) await setTimeout(5)
          expect(sender()).toMatchObject({ state: 'ESTAB', sendQ: 15 })
        }
        expect(heard).toEqual([])
        expect(setUnplugged(descriptorOf(line), false)).toBeNull()
        await once(line, 'data')
        expect(heard).toEqual(['lost on the way'])
      } finally {
        client.destroy()
        line.destroy()
        server.close()
      }
    },
  )

  test('of no descriptor is told by its errno', () => {
    expect(setUnplugged(-1, true)).toBe('EBADF')
    expect(setUnplugged(-1, false)).toBe('EBADF')
  })
})
