import { type Endpoint } from '../../shared/model/endpoint'
import { type SocketId } from '../../shared/model/ids'
import { type SocketEvent } from '../../shared/model/record'
import { type EventPayload } from './payloads'

/** All callers of a listener share its address. */
let lastLocal: { readonly endpoint: Endpoint | null; readonly json: string } = { endpoint: null, json: '' }

/**
 * The JSON of an event's block, the same that `JSON.stringify` makes of an `EventPayload`. The two events that every caller
 * brings are put together by hand: a listener under a flood of callers spends a tenth of its time on them otherwise.
 */
export function eventJson(socket: SocketId, atNanos: number, event: SocketEvent): string {
  const head = `{"v":1,"kind":"event","socket":"${socket}","atNanos":${atNanos},"event":`
  switch (event.what) {
    case 'opened': {
      const { local, remote, by } = event
      if (local !== lastLocal.endpoint) lastLocal = { endpoint: local, json: endpointJson(local) }
      return `${head}{"what":"opened","local":${lastLocal.json},"remote":${endpointJson(remote)},"by":"${by}"}}`
    }
    case 'accepted':
      return `${head}{"what":"accepted","connection":"${event.connection}","remote":${endpointJson(event.remote)}}}`
    default: {
      const payload: EventPayload = { v: 1, kind: 'event', socket, atNanos, event }
      return JSON.stringify(payload)
    }
  }
}

function endpointJson(endpoint: Endpoint): string {
  return endpoint.kind === 'unix'
    ? JSON.stringify(endpoint)
    : `{"kind":"${endpoint.kind}","host":${quoted(endpoint.host)},"port":${endpoint.port}}`
}

/** Numeric addresses need no escapes. */
function quoted(host: string): string {
  return /^[0-9a-f.:]*$/.test(host) ? `"${host}"` : JSON.stringify(host)
}
