import { shallowRef } from 'vue'
import {
  callerOf,
  formatEndpoint,
  isDatagramEndpoint,
  parseEndpoint,
  type DatagramEndpoint,
  type Endpoint,
} from '@shared/model/endpoint'
import { fault, type Fault, type Reply } from '@shared/model/fault'
import type { DialOptions, ListenOptions, UdpOptions } from '@shared/model/options'
import { call } from '../bridge/bridge'
import { isDatagramSummary, type SocketSummary } from '@shared/model/summary'
import type { SocketId, UdpId } from '@shared/model/ids'
import { useArrangementStore } from '../stores/arrangement'
import { usePanesStore } from '../stores/panes'
import { useSettingsStore } from '../stores/settings'
import { useSocketsStore } from '../stores/sockets'

export type OpenAct = 'listen' | 'dial' | 'bind'

/** What the options beside the address field come to, for each act. */
export interface OpenOptions {
  readonly behaviour: string
  readonly listen: ListenOptions
  readonly dial: DialOptions
  readonly udp: UdpOptions
  readonly localHost: string | undefined
  readonly localPort: number | undefined
}

/** The last opening that came to nothing, shown under the address field until the next one. */
const failure = shallowRef<Fault | null>(null)
export const openFailure = failure

/** Opens what the address says, shows its pane, remembers the address. False with `openFailure` set where it could not. */
export async function open(act: OpenAct, address: string, asked: Reply<OpenOptions>): Promise<boolean> {
  failure.value = null
  if (!asked.ok) return failed(asked.fault)
  const options = asked.value
  const parsed = parseEndpoint(address)
  if (!parsed.ok) return failed(parsed.fault)
  const endpoint = parsed.value
  const text = formatEndpoint(endpoint)
  const refused = refuse(act, endpoint, text)
  if (refused !== null) return failed(refused)
  const found =
    act === 'listen'
      ? await listen(text, options)
      : isDatagramEndpoint(endpoint)
        ? await (act === 'dial'
            ? dialDatagram(endpoint, options)
            : bind(text, endpoint.kind === 'raw' ? { ...options, behaviour: 'none' } : options))
        : await dial(text, options)
  useSettingsStore().rememberAddress(text)
  if (found !== null) return failed(found)
  return true
}

/** The answer may be here before the event that tells the same: the pane need not wait for that. */
function shown(summary: SocketSummary, focus = true): void {
  useSocketsStore().appeared(summary)
  usePanesStore().show(summary.id, focus)
}

function failed(of: Fault): false {
  // What has an entry of its own tells it in its pane.
  const isTold = [...useSocketsStore().all.values()].some(
    (each) => each.state.phase === 'failed' && isSameFault(each.state.fault, of),
  )
  if (!isTold) failure.value = of
  return false
}

/** The failure came to stand in a pane: it need not stand under the address field as well. */
export function toldInPane(of: Fault): void {
  if (failure.value !== null && isSameFault(failure.value, of)) failure.value = null
}

function isSameFault(one: Fault, other: Fault): boolean {
  return one.code === other.code && one.endpoint === other.endpoint && one.summary === other.summary
}

function refuse(act: OpenAct, endpoint: Endpoint, text: string): Fault | null {
  if (act === 'listen' && isDatagramEndpoint(endpoint)) {
    return fault(
      'SB_INPUT',
      'A datagram socket does not listen: it is bound, and takes datagrams from anyone.',
      {
        endpoint: text,
        hint: 'Bind it, or listen on a tcp:// or unix: address.',
      },
    )
  }
  if (act === 'bind' && !isDatagramEndpoint(endpoint)) {
    return fault(
      'SB_INPUT',
      'Only datagram sockets are bound by themselves here; a listener binds as it opens.',
      {
        endpoint: text,
        hint: 'Listen on it, or write udp://, unixgram: or raw:// in front.',
      },
    )
  }
  return null
}

async function listen(at: string, options: OpenOptions): Promise<Fault | null> {
  const { behaviour, listen: more } = options
  const reply = await call('listener.open', { at, behaviour, ...(hasAny(more) ? { options: more } : {}) })
  if (!reply.ok) return reply.fault
  remember(reply.value.id, more)
  shown(reply.value)
  return null
}

async function dial(to: string, { dial: more }: OpenOptions): Promise<Fault | null> {
  const reply = await call('connection.dial', { to, ...(hasAny(more) ? { options: more } : {}) })
  if (!reply.ok) return reply.fault
  remember(reply.value.id, more)
  shown(reply.value)
  return null
}

async function bind(at: string, options: OpenOptions): Promise<Fault | null> {
  const { behaviour, udp: more } = options
  const reply = await call('udp.bind', { at, behaviour, ...(hasAny(more) ? { options: more } : {}) })
  if (!reply.ok) return reply.fault
  remember(reply.value.id, more)
  shown(reply.value)
  return null
}

/** Dialling with datagrams: a socket on a port, or with a name, that the kernel chooses, connected to the address (connect(2)). */
async function dialDatagram(to: DatagramEndpoint, options: OpenOptions): Promise<Fault | null> {
  const at = formatEndpoint(withLocal(callerOf(to), options))
  const bound = await call('udp.bind', { at, ...(hasAny(options.udp) ? { options: options.udp } : {}) })
  if (!bound.ok) return bound.fault
  const peer = formatEndpoint(to)
  remember(bound.value.id, options.udp, peer)
  shown(bound.value)
  const connected = await call('udp.connect', { id: bound.value.id, to: peer })
  return connected.ok ? null : connected.fault
}

function withLocal(at: DatagramEndpoint, { localHost, localPort }: OpenOptions): DatagramEndpoint {
  if (at.kind === 'unixgram') return at
  const host = localHost ?? at.host
  return at.kind === 'raw' ? { ...at, host } : { ...at, host, port: localPort ?? 0 }
}

function hasAny(options: object): boolean {
  return Object.values(options).some((value) => value !== undefined)
}

/** With what it was opened, so that it can be opened again in the same way. */
function remember(id: SocketId, options: object, peer?: string): void {
  if (!hasAny(options) && peer === undefined) return
  useArrangementStore().openedWith(id, {
    ...(hasAny(options) ? { options: { ...options } } : {}),
    ...(peer === undefined ? {} : { peer }),
  })
}

/** Where a listener listens now that it has been opened again, by where it listened before: with port 0 the kernel chooses another. */
type Moved = ReadonlyMap<string, string>

/**
 * Opens what has ended once more, at the address that was asked for then and with the same options; it gets a new id, and what was
 * set and written in its pane goes with it, to the same place.
 */
export async function openAgain(
  summary: SocketSummary,
  moved: Moved = new Map(),
): Promise<SocketSummary | null> {
  failure.value = null
  const { asked } = summary
  const arrangement = useArrangementStore()
  const { options, peer, groups } = arrangement.peek(summary.id)?.openedWith ?? {}
  // Parsed where they are used, like all that comes from the page. No proxy of Vue's passes over the bridge.
  const more = options === undefined ? {} : { options: JSON.parse(JSON.stringify(options)) as object }
  const reply =
    summary.kind === 'listener'
      ? await call('listener.open', { at: asked, behaviour: summary.behaviour, ...more })
      : summary.kind === 'connection'
        ? await call('connection.dial', { to: moved.get(asked) ?? asked, ...more })
        : await call('udp.bind', { at: asked, ...behaviourOf(summary), ...more })
  if (!reply.ok) {
    failed(reply.fault)
    return null
  }
  arrangement.inherit(reply.value.id, summary.id)
  shown(reply.value)
  usePanesStore().showAt(reply.value.id, summary.id)
  if (!isDatagramSummary(summary)) return reply.value
  const id = reply.value.id as UdpId
  for (const each of groups ?? []) {
    const joined = await call('udp.joinGroup', { id, ...each })
    if (!joined.ok) failed(joined.fault)
  }
  if (peer === undefined) return reply.value
  const connected = await call('udp.connect', { id, to: moved.get(peer) ?? peer })
  if (!connected.ok) failed(connected.fault)
  return reply.value
}

/** A dialled socket has none, and its command no word for it. */
function behaviourOf(summary: SocketSummary): { readonly behaviour?: string } {
  return isDatagramSummary(summary) ? { behaviour: summary.behaviour } : {}
}

/** Opens all that was open when the session ended: those first that others call. */
export async function openAllAgain(): Promise<void> {
  const { wereOpen } = useArrangementStore()
  const { all } = useSocketsStore()
  const found = wereOpen.map((id) => all.get(id)).filter((each) => each !== undefined)
  const rank = (each: SocketSummary): number => (each.kind === 'connection' ? 1 : 0)
  const moved = new Map<string, string>()
  for (const each of found.toSorted((one, other) => rank(one) - rank(other))) {
    const opened = await openAgain(each, moved)
    const [before, now] = [boundAt(each), opened === null ? null : boundAt(opened)]
    if (before !== null && now !== null) moved.set(before, now)
  }
  useArrangementStore().forgetOpen()
}

function boundAt(listener: SocketSummary): string | null {
  if (listener.kind !== 'listener' || !('at' in listener.state)) return null
  return formatEndpoint(listener.state.at)
}

const PHONE = 'tcp://127.0.0.1:8060'

/** A listener that answers in upper case, and two clients: three panes side by side, ready to talk. */
export async function phoneCall(): Promise<void> {
  failure.value = null
  const panes = usePanesStore()
  const listener = await call('listener.open', { at: PHONE, behaviour: 'upper' })
  if (!listener.ok) {
    failed(listener.fault)
    return
  }
  shown(listener.value, false)
  for (let caller = 1; caller <= 2; caller++) {
    const dialled = await call('connection.dial', { to: PHONE })
    if (!dialled.ok) {
      failed(dialled.fault)
      return
    }
    if (caller === 1) panes.prefill(dialled.value.id, 'hello\\n')
    shown(dialled.value, caller === 1)
  }
}
