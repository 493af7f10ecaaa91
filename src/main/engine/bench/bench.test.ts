import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BenchAct, type BenchCall, straceLine } from '../../../shared/model/bench'
import { type BenchId, type BenchSocketId } from '../../../shared/model/ids'
import { type Bench as Setting, faultOf, ok, setUp } from '../testing/bench'
import { bundle, type Bundle } from '../testing/bundle'
import { calls } from '../posix/calls'

const openDescriptors = (): number => readdirSync('/proc/self/fd').length
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

let program: Bundle
beforeAll(async () => {
  program = await bundle('src/main/engine/bench/callerThread.ts')
})
afterAll(() => program[Symbol.asyncDispose]())

interface Desk extends AsyncDisposable {
  readonly id: BenchId
  readonly setting: Setting
  /** Makes a call and waits until it is back. */
  call(act: BenchAct): Promise<BenchCall>
  /** Begins one. */
  begin(act: BenchAct): number
  done(number: number): Promise<BenchCall>
  blocked(number: number): Promise<string>
}

function desk(): Desk {
  const setting = setUp({ caller: program.file })
  const { benches } = setting.engine
  const { id } = ok(benches.open())
  const entry = (number: number) =>
    ok(benches.log(id, number)).entries.find((each) => each.of.number === number)
  const it: Desk = {
    id,
    setting,
    begin: (act) => ok(benches.call(id, act)).number,
    call: (act) => it.done(it.begin(act)),
    async done(number) {
      await setting.untilTrue(() => entry(number)?.state === 'done')
      return entry(number)!.of as BenchCall
    },
    async blocked(number) {
      const of = () => {
        const found = entry(number)
        return found?.state === 'blocked' ? found.of.system : ''
      }
      await setting.untilTrue(() => of() !== '')
      return of()
    },
    [Symbol.asyncDispose]: () => setting[Symbol.asyncDispose](),
  }
  return it
}

const tcp = { call: 'socket', family: 'AF_INET', type: 'SOCK_STREAM', protocol: '0' } as const
const loopback = (port = 0) => ({ family: 'AF_INET', host: '127.0.0.1', port }) as const

async function listening({ call }: Desk, backlog = 5): Promise<{ server: BenchSocketId; port: number }> {
  const server = (await call(tcp)).socket as BenchSocketId
  await call({ call: 'bind', socket: server, address: loopback() })
  await call({ call: 'listen', socket: server, backlog })
  const { gave } = await call({ call: 'getsockname', socket: server })
  return { server, port: Number(/, (\d+)\)/.exec(gave)?.[1]) }
}

describe.skipIf(calls() === null)('a syscall bench', () => {
  test('makes a phone call, one call at a time, with what each returned', async () => {
    await using at = desk()
    const { server, port } = await listening(at)
    const client = (await at.call(tcp)).socket as BenchSocketId
    const accepting = at.begin({ call: 'accept', socket: server })
    expect(await at.blocked(accepting)).toMatch(/^accept4\(\d+, 0x…, \[128\], SOCK_CLOEXEC\)$/)
    await at.call({ call: 'connect', socket: client, address: loopback(port) })
    const accepted = await at.done(accepting)
    expect(accepted.python).toBe('s3, peer = s1.accept()')
    const line = accepted.socket as BenchSocketId
    const receiving = at.begin({ call: 'recv', socket: line, bufsize: 1024, flags: [] })
    await at.blocked(receiving)
    expect((await at.call({ call: 'send', socket: client, bytes: utf8("it's\n"), flags: [] })).gave).toBe('5')
    const received = await at.done(receiving)
    expect(received.gave).toBe(`b"it's\\n"`)
    expect(received.system.map(straceLine)).toEqual([
      `recvfrom(${received.fd}, "it's\\n", 1024, 0, NULL, NULL) = 5`,
    ])
    await at.call({ call: 'close', socket: client })
    expect((await at.call({ call: 'recv', socket: line, bufsize: 10, flags: [] })).gave).toBe("b''")
    expect((await at.call({ call: 'send', socket: client, bytes: utf8('x'), flags: [] })).gave).toBe(
      'OSError: [Errno 9] Bad file descriptor',
    )
    const { recorder } = at.setting
    expect(recorder.of(client).story()).toEqual(['called', 'called', 'opened', 'called', 'called', 'closed'])
    expect(recorder.of(line).text('in')).toBe("it's\n")
  })

  test('cancels what blocks, and the call returns EINTR', async () => {
    await using at = desk()
    const { server } = await listening(at)
    const number = at.begin({ call: 'accept', socket: server })
    await at.blocked(number)
    ok(at.setting.engine.benches.cancel(at.id, number))
    const call = await at.done(number)
    expect([call.errno, call.gave]).toEqual(['EINTR', 'KeyboardInterrupt'])
    expect(faultOf(at.setting.engine.benches.cancel(at.id, number)).code).toBe('SB_STATE')
  })

  test('leaves no descriptor and no thread behind', async () => {
    const before = openDescriptors()
    {
      await using at = desk()
      const { server } = await listening(at)
      at.begin({ call: 'accept', socket: server })
    }
    expect(openDescriptors()).toBe(before)
  })
})
