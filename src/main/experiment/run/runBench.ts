import {
  type BenchAct,
  type BenchAddress,
  type BenchEntry,
  type BenchSocketSummary,
} from '../../../shared/model/bench'
import { type Endpoint } from '../../../shared/model/endpoint'
import { type ScriptedAddress, type ScriptedCall } from '../../../shared/model/experiment'
import { fault, type Reply } from '../../../shared/model/fault'
import { type BenchId, type BenchSocketId, type SocketId } from '../../../shared/model/ids'
import { type Engine } from '../../engine/types'
import { type ValueOf, withValues } from '../references'

/** A call that was under way when its step ended. */
export interface BlockedOn {
  readonly number: number
  /** Left of `=` in its line. */
  readonly names: readonly string[]
}

/** The syscall bench of one run: opened with its first call, closed with the run. */
export class RunBench {
  readonly #engine: Engine
  #id: BenchId | null = null
  readonly #sockets = new Map<string, BenchSocketId>()
  /** Where each was bound last. */
  readonly #bound = new Map<string, Endpoint>()
  /** Both ends of those that were connected when they were last looked at. */
  readonly #ends = new Map<SocketId, { readonly local: Endpoint; readonly remote: Endpoint }>()
  readonly #blocked = new Map<string, BlockedOn>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get id(): BenchId | null {
    return this.#id
  }

  /** The socket that a call gave this name; null where none did. */
  socket(name: string): BenchSocketId | null {
    return this.#sockets.get(name) ?? null
  }

  named(name: string, id: BenchSocketId): void {
    this.#sockets.set(name, id)
  }

  summary(name: string): BenchSocketSummary | null {
    const id = this.socket(name)
    const summary = id === null ? null : this.#engine.summary(id)
    return summary?.kind === 'benchSocket' ? summary : null
  }

  /** Where a socket is bound, or was when it was closed: its own address. */
  boundOf(name: string): Endpoint | null {
    const summary = this.summary(name)
    const state = summary?.state
    if (summary !== null && state !== undefined && 'remote' in state) this.#ends.set(summary.id, state)
    const now = state === undefined ? null : 'at' in state ? state.at : 'local' in state ? state.local : null
    if (now !== null) this.#bound.set(name, now)
    return now ?? this.#bound.get(name) ?? null
  }

  /** Both ends of a connection, also of one that a call has closed. */
  endsOf(id: SocketId): { readonly local: Endpoint; readonly remote: Endpoint } | null {
    return this.#ends.get(id) ?? null
  }

  /** Begins a call. @returns its number */
  begin(act: BenchAct): Reply<{ readonly number: number }> {
    if (this.#id === null) {
      const opened = this.#engine.benches.open()
      if (!opened.ok) return opened
      this.#id = opened.value.id
    }
    return this.#engine.benches.call(this.#id, act)
  }

  /** How a call stands; null where there is none of this number. */
  entry(number: number): BenchEntry | null {
    if (this.#id === null) return null
    const log = this.#engine.benches.log(this.#id, number)
    const found = log.ok ? log.value.entries[0] : undefined
    return found?.of.number === number ? found : null
  }

  cancel(number: number): void {
    if (this.#id !== null) this.#engine.benches.cancel(this.#id, number)
  }

  blocks(name: string, call: BlockedOn): void {
    this.#blocked.set(name, call)
  }

  /** The call that blocked on a socket when its step ended; it is forgotten by asking. */
  takeBlocked(name: string): BlockedOn | null {
    const call = this.#blocked.get(name) ?? null
    this.#blocked.delete(name)
    return call
  }

  async close(): Promise<void> {
    if (this.#id !== null) await this.#engine.benches.close(this.#id)
  }

  /** A scripted call as it can be made now. */
  actOf(of: ScriptedCall, valueOf: ValueOf): Reply<BenchAct> {
    if (of.call === 'socket') return { ok: true, value: of }
    const { on, ...rest } = of
    const socket = this.socket(on)
    if (socket === null) return refuse(`There is no socket ${on}: the call that makes it was not made.`)
    if (rest.call === 'setsockopt') {
      const { value } = rest
      const packed = typeof value === 'number' ? value : new Uint8Array(Int32Array.from(value).buffer)
      return { ok: true, value: { ...rest, socket, value: packed } }
    }
    if (!('address' in rest)) return { ok: true, value: { ...rest, socket } }
    const address = this.#address(rest.address, this.summary(on), valueOf)
    return address.ok ? { ok: true, value: { ...rest, socket, address: address.value } } : address
  }

  #address(
    written: ScriptedAddress,
    socket: BenchSocketSummary | null,
    valueOf: ValueOf,
  ): Reply<BenchAddress> {
    switch (written.is) {
      case 'path':
        return { ok: true, value: { family: 'AF_UNIX', path: abstract(withValues(written.path, valueOf)) } }
      case 'getsockname': {
        const at = this.boundOf(written.of)
        if (at === null) return refuse(`${written.of} has no address yet: bind it before.`)
        return addressAt(at)
      }
      case 'tuple': {
        const host = withValues(written.host, valueOf).replace(/^\[(.*)\]$/, '$1')
        const port = Number(withValues(written.port, valueOf))
        if (!Number.isInteger(port)) return refuse(`${written.port} stands for no port yet.`)
        const family = socket?.family === 'AF_INET6' ? 'AF_INET6' : 'AF_INET'
        const any = family === 'AF_INET6' ? '::' : '0.0.0.0'
        return { ok: true, value: { family, host: host === '' ? any : host, port } }
      }
    }
  }
}

/** Abstract names begin with NUL in Python, and with @ here (unix(7)). */
function abstract(path: string): string {
  return path.startsWith('\0') ? `@${path.slice(1)}` : path
}

function addressAt(at: Endpoint): Reply<BenchAddress> {
  if (at.kind === 'tcp' || at.kind === 'udp') {
    const family = at.host.includes(':') ? 'AF_INET6' : 'AF_INET'
    return { ok: true, value: { family, host: at.host, port: at.port } }
  }
  if (at.kind === 'unix' || at.kind === 'unixgram')
    return { ok: true, value: { family: 'AF_UNIX', path: at.path } }
  return refuse('A raw socket has no address to call.')
}

function refuse(summary: string): Reply<never> {
  return { ok: false, fault: fault('SB_INPUT', summary) }
}
