import { formatEndpoint, type Endpoint } from './endpoint'
import { type Fault } from './fault'
import { type SocketId } from './ids'

/** How a connection ended. Which of them it was is told by the kernel, never guessed from silence. */
export type Ending =
  /** FIN both ways, or a FIN from the peer answered by our close. */
  | 'fin'
  /** RST, sent or received. */
  | 'reset'
  /** ETIMEDOUT: keepalive or retransmission gave up. */
  | 'timeout'
  /** Any other errno; the fault tells. */
  | 'error'

export type Side = 'local' | 'remote'

export type ListenerState =
  | { readonly phase: 'opening'; readonly at: Endpoint }
  | { readonly phase: 'listening'; readonly at: Endpoint }
  | { readonly phase: 'closed'; readonly at: Endpoint }
  | { readonly phase: 'failed'; readonly fault: Fault }

/** One try of a dial: a name may resolve to several addresses, tried one after the other (RFC 8305). */
export interface DialAttempt {
  readonly address: string
  readonly outcome: 'trying' | 'connected' | 'failed' | 'timeout'
  readonly fault?: Fault | undefined
}

export type ConnectionState =
  | { readonly phase: 'dialling'; readonly to: Endpoint; readonly attempts: readonly DialAttempt[] }
  | { readonly phase: 'open'; readonly local: Endpoint; readonly remote: Endpoint }
  | { readonly phase: 'halfClosed'; readonly by: Side; readonly local: Endpoint; readonly remote: Endpoint }
  /** `unsentBytes`: what we had queued and the kernel never took. */
  | {
      readonly phase: 'closed'
      readonly how: Ending
      /** Who ended it: for fin, who sent the first FIN; for reset, who sent the RST. */
      readonly by: Side
      readonly local: Endpoint
      readonly remote: Endpoint
      readonly unsentBytes: number
      readonly fault?: Fault | undefined
      /** Nothing ended but our hold on it: the descriptor goes on as this socket. */
      readonly handedTo?: SocketId | undefined
    }
  | { readonly phase: 'failed'; readonly fault: Fault; readonly attempts: readonly DialAttempt[] }

export type UdpState =
  | { readonly phase: 'opening'; readonly at: Endpoint }
  /** `peer` is there while the socket is connected (connect(2) on a datagram socket: one peer only). */
  | { readonly phase: 'bound'; readonly at: Endpoint; readonly peer: Endpoint | null }
  | { readonly phase: 'closed'; readonly at: Endpoint }
  | { readonly phase: 'failed'; readonly fault: Fault }

/** The text of status "State": fixed words, see the README's table. */
export function describeListenerState(state: ListenerState): string {
  switch (state.phase) {
    case 'opening':
      return `opening ${formatEndpoint(state.at)}`
    case 'listening':
      return `listening on ${formatEndpoint(state.at)}`
    case 'closed':
      return 'closed'
    case 'failed':
      return describeFailure(state.fault)
  }
}

export function describeConnectionState(state: ConnectionState): string {
  switch (state.phase) {
    case 'dialling':
      return `dialling ${formatEndpoint(state.to)}`
    case 'open':
      return 'open'
    case 'halfClosed':
      return state.by === 'remote' ? 'half-closed by peer' : 'half-closed by us'
    case 'closed':
      if (state.handedTo !== undefined) return `handed over to ${state.handedTo}`
      return state.how === 'error' && state.fault !== undefined
        ? `closed (${state.fault.code})`
        : `closed (${state.how})`
    case 'failed':
      return describeFailure(state.fault)
  }
}

export function describeUdpState(state: UdpState): string {
  switch (state.phase) {
    case 'opening':
      return `opening ${formatEndpoint(state.at)}`
    case 'bound':
      return state.peer === null
        ? `bound to ${formatEndpoint(state.at)}`
        : `bound to ${formatEndpoint(state.at)}, connected to ${formatEndpoint(state.peer)}`
    case 'closed':
      return 'closed'
    case 'failed':
      return describeFailure(state.fault)
  }
}

function describeFailure(fault: Fault): string {
  return `failed: ${fault.code} ${fault.summary}`
}
