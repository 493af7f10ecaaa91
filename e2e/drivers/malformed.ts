import { type App } from './app'

export interface Malformed {
  readonly replies: readonly { readonly name: string; readonly reply: unknown }[]
  /** What did not even get into the preload. */
  readonly thrown: readonly string[]
}

/**
 * Sends messages through the real bridge that no command takes, alternately to the service and to the host.
 * The same seed gives the same messages.
 */
export async function malform(
  app: App,
  options: { readonly count: number; readonly seed: number },
): Promise<Malformed> {
  return await app.window.evaluate(async ({ count, seed }) => {
    let state = seed
    // xorshift32: enough to choose by, and the same everywhere.
    const below = (limit: number): number => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 0) % limit
    }
    const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T

    const names = {
      call: [
        'listener.open',
        'connection.dial',
        'connection.send',
        'udp.bind',
        'udp.send',
        'capture.read',
        'capture.bytes',
        'socket.forget',
        'unix.removeStale',
        'connection.sendFile',
        '__proto__',
        'nothing.here',
      ],
      host: [
        'tap.open',
        'tap.close',
        'clipboard.write',
        'settings.read',
        'settings.write',
        '__proto__',
        'constructor',
      ],
    } as const
    const deep = (depth: number): unknown => {
      let value: unknown = 0
      for (let level = 0; level < depth; level++) value = below(2) === 0 ? [value] : { value }
      return value
    }
    const cyclic = (): unknown => {
      const value: Record<string, unknown> = {}
      value['self'] = value
      return value
    }
    const odd: readonly (() => unknown)[] = [
      () => undefined,
      () => null,
      () => true,
      () => NaN,
      () => -0,
      () => 2 ** 53,
      () => 10n ** 30n,
      () => 'C1',
      () => '\u0000\ud800',
      () => 'x'.repeat(below(20_000)),
      () => [],
      () => new Array(1 + below(1000)),
      () => new Uint8Array(below(4096)),
      () => new Float64Array([NaN]),
      () => new ArrayBuffer(below(64)),
      () => new Date(NaN),
      () => new Map([['a', 1]]),
      () => new Set([1]),
      () => /x/,
      () => new Error('x'),
      () => new Blob(['x']),
      () =>
        JSON.parse(
          '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
        ) as unknown,
      () => deep(50),
      () => deep(5_000),
      cyclic,
      () => () => 1,
      () => Symbol('x'),
      () => Promise.resolve(1),
    ]
    const fields = [
      'id',
      'at',
      'to',
      'bytes',
      'from',
      'options',
      'behaviour',
      'stream',
      'tap',
      'key',
      'json',
      'text',
      'path',
      'grant',
    ]
    const input = (): unknown => {
      if (below(3) === 0) return pick(odd)()
      // A field that no command has, so that none of these can happen to be in order.
      const value: Record<string, unknown> = { [`unknown${below(10)}`]: pick(odd)() }
      for (let more = below(5); more > 0; more--) value[pick(fields)] = pick(odd)()
      return value
    }

    const bridge = window.switchboard as unknown as Record<
      'call' | 'host',
      (name: unknown, input: unknown) => Promise<unknown>
    >
    const replies: { name: string; reply: unknown }[] = []
    const thrown: string[] = []
    for (let index = 0; index < count; index++) {
      const channel = index % 2 === 0 ? 'call' : 'host'
      const name = below(10) === 0 ? pick(odd)() : pick(names[channel])
      try {
        const reply = await bridge[channel](name, input())
        replies.push({
          name: `${index} ${channel} ${typeof name === 'string' ? name.slice(0, 40) : typeof name}`,
          reply,
        })
      } catch (error) {
        thrown.push(String(error))
      }
    }
    return { replies, thrown }
  }, options)
}
