import { describe, expect, test } from 'vitest'
import { ncatListens } from './ncat'
import { pythonBindsUdp, pythonDials, pythonListens, sha256 } from './python'
import { socatDials } from './socat'

// These programs judge the app: here they judge each other, so that a wrong judge is found first.
describe('the counterparts tell', () => {
  test('a half-close from a reset', async () => {
    await using server = await pythonListens()
    await using client = await pythonDials(`tcp://127.0.0.1:${server.port}`)
    const near = await client.wire()
    const far = await server.wire()
    await near.finish()
    await far.sawEof()
    await far.send('still here')
    expect(String(await near.receives('still here'))).toBe('still here')
    await near.reset()
    expect(await far.send('x').then(() => far.sawError())).toMatch(/ECONNRESET|EPIPE/)
  })

  test('every byte of a flood, by its sum', async () => {
    await using server = await pythonListens()
    await using client = await pythonDials(`tcp://127.0.0.1:${server.port}`)
    const near = await client.wire()
    const far = await server.wire()
    await near.flood(300_000, 70_000)
    await far.receivesBytes(300_000)
    const sent = await near.sum()
    expect(await far.sum()).toMatchObject({ receivedBytes: 300_000, receivedSha256: sent.sentSha256 })
  })

  test('what socat and ncat say to each other', async () => {
    const { peer, port } = await ncatListens()
    await using ncat = peer
    await using socat = socatDials(`tcp://127.0.0.1:${port}`)
    socat.send('to ncat\n')
    expect(String(await ncat.receives('to ncat\n'))).toBe('to ncat\n')
    ncat.send('to socat\n')
    expect(String(await socat.receives('to socat\n'))).toBe('to socat\n')
    socat.finish()
    ncat.finish()
    expect(await socat.ended).toEqual({ code: 0, signal: null })
  })

  test('datagrams apart, empty ones too', async () => {
    await using echo = await pythonBindsUdp({ echoes: true })
    await using caller = await pythonBindsUdp()
    for (const text of ['one', '', 'three']) await caller.send(echo.port, text)
    expect((await caller.receives(3)).map(({ bytes }) => String(bytes))).toEqual(['one', '', 'three'])
  })

  test('a program that ends early from one that is slow', async () => {
    await expect(pythonListens('tcp://203.0.113.1:1')).rejects.toThrow(/ended with 1.*Cannot assign/)
    expect(sha256('abc')).toMatch(/^ba7816bf/)
  })
})
