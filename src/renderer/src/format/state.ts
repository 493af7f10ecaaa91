import { formatEndpoint, hasPath, isLoopback, type Endpoint } from '@shared/model/endpoint'
import { describeConnectionState, describeListenerState, describeUdpState } from '@shared/model/state'
import type { BenchSocketSummary, BenchSummary } from '@shared/model/bench'
import type { SocketSummary } from '@shared/model/summary'
import { visibleText } from '@shared/wire/escape'

/** The colour of a state lamp; its words stand beside it, so that colour is never the only sign. */
export type Lamp = 'listening' | 'open' | 'waiting' | 'half' | 'ended' | 'failed'

export function lampOf(summary: SocketSummary): Lamp {
  const { state } = summary
  switch (state.phase) {
    case 'listening':
      return 'listening'
    case 'open':
    case 'bound':
      return 'open'
    case 'made':
    case 'dialling':
    case 'opening':
      return 'waiting'
    case 'halfClosed':
      return 'half'
    case 'failed':
      return 'failed'
    case 'closed':
      return 'how' in state && state.how !== 'fin' ? 'failed' : 'ended'
  }
}

/** The fixed words of status "State". */
export function describeState(summary: SocketSummary): string {
  switch (summary.kind) {
    case 'listener':
      return describeListenerState(summary.state)
    case 'connection':
      return describeConnectionState(summary.state)
    case 'udp':
    case 'unixgram':
    case 'raw':
      return describeUdpState(summary.state)
    case 'bench':
      return describeBench(summary)
    case 'benchSocket':
      return describeBenchSocket(summary)
  }
}

function describeBench({ state, calls, blocked }: BenchSummary): string {
  if (state.phase === 'closed') return 'closed'
  return `open: ${calls} ${calls === 1 ? 'call' : 'calls'}${blocked === 0 ? '' : `, ${blocked} blocked`}`
}

/** What a socket of a bench is just now, as the kernel tells it. */
export function describeBenchSocket({ state, kernel }: BenchSocketSummary): string {
  const told = kernel === '' ? '' : ` (${kernel})`
  switch (state.phase) {
    case 'made':
      return `neither bound nor connected${told}`
    case 'bound':
      return `bound to ${show(state.at)}${state.peer === null ? '' : `, connected to ${show(state.peer)}`}${told}`
    case 'listening':
      return `listening on ${show(state.at)}${told}`
    case 'open':
      return `connected to ${show(state.remote)}${told}`
    case 'halfClosed':
      return `${state.by === 'remote' ? 'half-closed by peer' : 'half-closed by us'}${told}`
    case 'closed':
      return state.handedTo === undefined ? 'closed' : `handed over to ${state.handedTo}`
  }
}

/** The address by which an entry goes: what is bound where that is known, else what was asked for. */
export function addressOf(summary: SocketSummary): string {
  const { state } = summary
  switch (state.phase) {
    case 'listening':
    case 'bound':
      return show(state.at)
    case 'closed':
      return 'at' in state ? show(state.at) : visibleText(summary.asked)
    case 'open':
    case 'halfClosed':
      // A socket of a bench was asked for by no address.
      return summary.kind === 'benchSocket' && 'remote' in state
        ? show(state.remote)
        : visibleText(summary.asked)
    default:
      return visibleText(summary.asked)
  }
}

/** Its own and the other address, as far as they are known. */
export function addressesOf(summary: SocketSummary): {
  readonly local: string | null
  readonly remote: string | null
} {
  const { state } = summary
  if ('local' in state) return { local: show(state.local), remote: show(state.remote) }
  if (state.phase === 'bound')
    return { local: show(state.at), remote: state.peer === null ? null : show(state.peer) }
  if ('at' in state) return { local: show(state.at), remote: null }
  return { local: null, remote: state.phase === 'dialling' ? show(state.to) : null }
}

/** True while others than this machine can reach it. */
export function isReachableFromNetwork(summary: SocketSummary): boolean {
  const { state } = summary
  return (state.phase === 'listening' || state.phase === 'bound') && !isLoopback(state.at)
}

/** An unnamed Unix socket (a client that never bound) has an empty path; a path may hold characters that do not show. */
function show(endpoint: Endpoint): string {
  if (hasPath(endpoint) && endpoint.path === '') return `${endpoint.kind}: (unnamed)`
  return visibleText(formatEndpoint(endpoint))
}
