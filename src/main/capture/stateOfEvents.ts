import { formatEndpoint } from '../../shared/model/endpoint'
import { type SocketEvent } from '../../shared/model/record'

/** The state that a socket's record ends with, in the words of the window. Follows one event after the other. */
export function stateAfter(state: string, event: SocketEvent): string {
  switch (event.what) {
    case 'listening':
      return `listening on ${formatEndpoint(event.at)}`
    case 'dialling':
      return `dialling ${formatEndpoint(event.to)}`
    case 'opened':
      return 'open'
    case 'bound':
      return `bound to ${formatEndpoint(event.at)}`
    case 'finished':
      return state !== 'open' ? state : event.by === 'remote' ? 'half-closed by peer' : 'half-closed by us'
    case 'failed':
      return `failed: ${event.fault.code} ${event.fault.summary}`
    case 'closed':
      // Listeners and datagram sockets have no way to end but being closed.
      if (/^(listening|bound|closed)/.test(state)) return 'closed'
      return event.how === 'error' && event.fault !== undefined
        ? `closed (${event.fault.code})`
        : `closed (${event.how})`
    case 'peerSet': {
      const own = /^bound to [^,]*/.exec(state)?.[0]
      if (own === undefined) return state
      return event.peer === null ? own : `${own}, connected to ${formatEndpoint(event.peer)}`
    }
    case 'handedOver':
      return `handed over to ${event.to}`
    case 'blocked':
    case 'called':
    case 'takenOver':
    case 'accepted':
    case 'dropped':
    case 'attempted':
    case 'groupJoined':
    case 'groupLeft':
    case 'paused':
    case 'resumed':
    case 'optionsSet':
    case 'acceptSet':
    case 'queueMoved':
    case 'behaviourSet':
    case 'passedOn':
    case 'plays':
    case 'gap':
    case 'echoed':
    case 'truncated':
    case 'noted':
      return state
  }
}
