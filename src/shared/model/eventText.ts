import { type BenchCall } from './bench'
import { plainOptionValue } from './socketOptions/optionText'
import { formatEndpoint } from './endpoint'
import { describeFault } from './fault'
import { type SocketEvent } from './record'
import { formatCount } from './units'

/** A state change in words. Where a state has a fixed text (`closed (fin)`), it is that. */
export function eventText(event: SocketEvent): string {
  switch (event.what) {
    case 'listening':
      return `listening on ${formatEndpoint(event.at)}`
    case 'accepted':
      return `accepted ${event.connection} from ${formatEndpoint(event.remote)}`
    case 'dropped':
      return `${event.count} callers were refused: no descriptors left`
    case 'dialling':
      return `dialling ${formatEndpoint(event.to)}`
    case 'attempted':
      return `tried ${event.address}: ${event.fault?.code ?? event.outcome}`
    case 'opened':
      return event.by === 'remote'
        ? `accepted from ${formatEndpoint(event.remote)}`
        : `connected to ${formatEndpoint(event.remote)} from ${formatEndpoint(event.local)}`
    case 'bound':
      return `bound to ${formatEndpoint(event.at)}`
    case 'peerSet':
      return event.peer === null ? 'disconnected' : `connected to ${formatEndpoint(event.peer)}`
    case 'groupJoined':
      return `joined ${groupText(event)}`
    case 'groupLeft':
      return `left ${groupText(event)}`
    case 'finished':
      return event.by === 'remote' ? 'the peer has finished (FIN)' : 'finished (FIN)'
    case 'closed':
      return closedText(event)
    case 'paused':
    case 'resumed':
      return `reading ${event.what}`
    case 'acceptSet':
      return `accepts ${event.mode}`
    case 'queueMoved':
      return `accept queue ${event.length} of ${event.limit}${event.dropped > 0 ? `, ${event.dropped} dropped` : ''}`
    case 'optionsSet':
      return `options ${event.options.map(({ name, value }) => `${name}=${value === null ? '?' : plainOptionValue(value)}`).join(' ')}`
    case 'passedOn':
      return `passed on to ${event.to}`
    case 'plays':
      return `plays the ${event.as} of ${event.connection}`
    case 'behaviourSet':
      return `behaviour ${event.behaviour}`
    case 'failed':
      return `failed: ${describeFault(event.fault)}`
    case 'gap':
      return gapText(event)
    case 'echoed':
      return `echo reply from ${formatEndpoint(event.from)}: sequence ${event.sequence}, ${(event.roundTripNanos / 1e6).toFixed(3)} ms`
    case 'truncated':
      return `truncated: ${formatCount(event.keptBytes)} of ${formatCount(event.lengthBytes)} bytes were read (MSG_TRUNC)`
    case 'noted':
      return `note: ${event.text}`
    case 'blocked':
      return `${event.python} blocks in ${event.system}: ${event.waitsFor}`
    case 'called':
      return calledText(event)
    case 'handedOver':
      return `handed over to ${event.to}`
    case 'takenOver':
      return `taken over from ${event.from}`
  }
}

/** `data = s1.recv(4) → b'abcd' (recvfrom = 4, 0.000021 s)`: an exception after `raised`. */
function calledText({ python, gave, isRaised, system, tookNanos }: BenchCall): string {
  const calls = system.map(
    (each) => `${each.name} = ${each.returned}${each.errno === null ? '' : ` ${each.errno.code}`}`,
  )
  const seconds = `${(tookNanos / 1e9).toFixed(6)} s`
  return `${python} ${isRaised ? 'raised' : '→'} ${gave} (${[...calls, seconds].join(', ')})`
}

/** `gap: 1,460 bytes (in) at offset 2,920 were not captured`. */
function gapText({ direction, offset, lengthBytes }: Extract<SocketEvent, { what: 'gap' }>): string {
  const bytes = lengthBytes === 1 ? '1 byte' : `${formatCount(lengthBytes)} bytes`
  const were = lengthBytes === 1 ? 'was' : 'were'
  return `gap: ${bytes} (${direction}) at offset ${formatCount(offset)} ${were} not captured`
}

/** `closed (reset) by the peer, 12 B never sent`. */
export function closedText(event: Omit<Extract<SocketEvent, { what: 'closed' }>, 'what'>): string {
  const how = event.how === 'error' ? (event.fault?.code ?? 'error') : event.how
  const by = event.how === 'reset' ? ` by ${event.by === 'remote' ? 'the peer' : 'us'}` : ''
  return `closed (${how})${by}${event.unsentBytes > 0 ? `, ${event.unsentBytes} B never sent` : ''}`
}

function groupText({
  group,
  networkInterface,
}: Extract<SocketEvent, { what: 'groupJoined' | 'groupLeft' }>): string {
  return networkInterface === undefined ? group : `${group} on ${networkInterface}`
}
