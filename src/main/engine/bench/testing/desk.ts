import { type BenchAct, type BenchCall } from '../../../../shared/model/bench'
import { type BenchId, type BenchSocketId } from '../../../../shared/model/ids'
import { type Bench as Setting, ok, setUp } from '../../testing/bench'

/** A syscall bench on an engine of its own, ended with its scope. */
export interface Desk extends AsyncDisposable {
  readonly id: BenchId
  readonly setting: Setting
  /** Begins a call. */
  begin(act: BenchAct): number
  /** Makes a call and waits until it is back. */
  call(act: BenchAct): Promise<BenchCall>
  /** Waits until a call is back. */
  done(number: number): Promise<BenchCall>
  /** Waits until a call is in the kernel. @returns the system call */
  blocked(number: number): Promise<string>
  cancel(number: number): void
  /** A socket that is made. */
  socket(
    family?: 'AF_INET' | 'AF_INET6' | 'AF_UNIX',
    type?: 'SOCK_STREAM' | 'SOCK_DGRAM',
  ): Promise<BenchSocketId>
}

/** @param caller the built thread */
export function desk(caller: string): Desk {
  const setting = setUp({ caller })
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
      return entry(number)?.of as BenchCall
    },
    async blocked(number) {
      const of = () => {
        const found = entry(number)
        return found?.state === 'blocked' ? found.of.system : ''
      }
      await setting.untilTrue(() => of() !== '')
      return of()
    },
    cancel: (number) => void ok(benches.cancel(id, number)),
    async socket(family = 'AF_INET', type = 'SOCK_STREAM') {
      const { socket } = await it.call({ call: 'socket', family, type, protocol: '0' })
      if (socket === null) throw new Error('no socket was made')
      return socket
    },
    [Symbol.asyncDispose]: () => setting[Symbol.asyncDispose](),
  }
  return it
}

export const loopback = (port = 0) => ({ family: 'AF_INET', host: '127.0.0.1', port }) as const
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A listener of its own, and its port. */
export async function listening(
  at: Desk,
  backlog = 5,
): Promise<{ readonly server: BenchSocketId; readonly port: number }> {
  const server = await at.socket()
  await at.call({ call: 'bind', socket: server, address: loopback() })
  await at.call({ call: 'listen', socket: server, backlog })
  const { gave } = await at.call({ call: 'getsockname', socket: server })
  return { server, port: Number(/, (\d+)\)/.exec(gave)?.[1]) }
}

/** Both ends of a connection. */
export async function connected(
  at: Desk,
): Promise<{ readonly client: BenchSocketId; readonly line: BenchSocketId }> {
  const { server, port } = await listening(at)
  const client = await at.socket()
  await at.call({ call: 'connect', socket: client, address: loopback(port) })
  const { socket: line } = await at.call({ call: 'accept', socket: server })
  if (line === null) throw new Error('nobody was accepted')
  return { client, line }
}
