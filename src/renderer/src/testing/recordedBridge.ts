import type { CommandInput, CommandName } from '@shared/contract/commands'
import type { ServiceEvent } from '@shared/contract/events'
import type { HostCommandName } from '@shared/contract/hostCommands'
import { packRows } from '@shared/contract/packedRows'
import type { TapMessage } from '@shared/contract/tap'
import { fault, type Reply } from '@shared/model/fault'
import type { DataRow } from '@shared/model/record'
import type { SocketSummary } from '@shared/model/summary'
import { channels } from '@shared/contract/bridge'

/** The row that a record of one-byte chunks has at a place. */
export function rowAt(row: number): DataRow {
  return {
    row,
    atNanos: row * 1000,
    kind: 'data',
    direction: row % 2 === 0 ? 'in' : 'out',
    offset: row >> 1,
    combinedOffset: row,
    lengthBytes: 1,
    peer: null,
    head: Uint8Array.of(row & 255),
    before: new Uint8Array(0),
  }
}

/** The other end of the bridge, as far as reading a record goes: it answers from a record of any length, in memory. */
export interface RecordedBridge {
  /** Rows that the record has now. */
  rows: number
  readonly reads: { readonly from: number; readonly to: number }[]
  readonly settled: number[]
  readonly openTaps: ReadonlySet<number>
  /** Answers wait until they are released, one by one, in any order. */
  isHolding: boolean
  release(index?: number): Promise<void>
  /** What `socket.list` answers. */
  sockets: readonly SocketSummary[]
  emit(...events: readonly ServiceEvent[]): void
  /** Sends over every open tap. */
  deliver(message: TapMessage): void
}

export function installBridge(): RecordedBridge {
  const ports = new Map<number, MessagePort>()
  const held: (() => void)[] = []
  const listeners = new Set<(events: readonly ServiceEvent[]) => void>()
  let nextTap = 1
  const record: RecordedBridge = {
    rows: 0,
    reads: [],
    settled: [],
    get openTaps() {
      return new Set(ports.keys())
    },
    isHolding: false,
    sockets: [],
    emit(...events) {
      for (const listener of listeners) listener(events)
    },
    async release(index = 0) {
      held.splice(index, 1)[0]?.()
      await settledPromises()
    },
    deliver(message) {
      for (const port of ports.values()) port.postMessage(message)
    },
  }

  function read({ from, to }: CommandInput<'capture.read'>): Reply<unknown> {
    record.reads.push({ from, to })
    const end = Math.min(to, record.rows)
    const rows = Array.from({ length: Math.max(0, end - from) }, (_, at) => rowAt(from + at))
    return { ok: true, value: { rows: packRows(rows), size: { rows: record.rows, inBytes: 0, outBytes: 0 } } }
  }

  function answerTo(name: CommandName, input: never): Reply<unknown> {
    if (name === 'capture.read') return read(input)
    if (name === 'socket.list') {
      return {
        ok: true,
        value: {
          sockets: record.sockets,
          counters: [],
          recording: { file: 'x.swb', bytes: 0, isDiskBehind: false },
          opened: [],
        },
      }
    }
    return { ok: false, fault: fault('SB_UNSUPPORTED', name) }
  }

  const bridge = {
    async call(name: CommandName, input: never) {
      const answer = answerTo(name, input)
      if (record.isHolding) await new Promise<void>((resolve) => held.push(resolve))
      return answer
    },
    async host(name: HostCommandName, input: { tap?: number }) {
      if (name === 'tap.open') {
        const tap = nextTap++
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = (event: MessageEvent<{ settleBytes: number }>) =>
          record.settled.push(event.data.settleBytes)
        ports.set(tap, port1)
        const arrival = new MessageEvent('message', {
          data: { type: channels.tap, tap },
          ports: [port2],
          source: window,
        })
        window.dispatchEvent(arrival)
        return { ok: true, value: { tap } }
      }
      if (name === 'tap.close') {
        ports.get(input.tap ?? 0)?.close()
        ports.delete(input.tap ?? 0)
      }
      return { ok: true, value: null }
    },
    onEvents(listener: (events: readonly ServiceEvent[]) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onAction: () => () => undefined,
    platform: 'linux',
  }
  Object.defineProperty(window, 'switchboard', { value: bridge, configurable: true })
  return record
}

/** Lets everything that only waits for resolved promises go on. */
export async function settledPromises(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
