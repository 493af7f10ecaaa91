import { formatEndpoint } from '@shared/model/endpoint'
import { eventText } from '@shared/model/eventText'
import { missingCase } from '@shared/model/must'
import type { OptionReading } from '@shared/model/options'
import type { SocketEvent } from '@shared/model/record'
import { plainOptionValue } from '@shared/model/socketOptions/optionText'
import type { Side } from '@shared/model/state'
import { formatCount } from '@shared/model/units'
import { visibleText } from '@shared/wire/escape'

/** How an event's row is coloured. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad'

export interface EventText {
  readonly text: string
  readonly tone: Tone
}

const whose = (side: Side): string => (side === 'local' ? 'us' : 'the peer')

/** One line for a state change, in the words of the socket interface: FIN, RST, errno. */
export function describeEvent(event: SocketEvent): EventText {
  switch (event.what) {
    case 'listening':
      return { text: `listening on ${formatEndpoint(event.at)}`, tone: 'good' }
    case 'accepted':
      return { text: `accepted ${event.connection} from ${formatEndpoint(event.remote)}`, tone: 'good' }
    case 'dropped':
      return {
        text: `${event.count} connection${event.count === 1 ? '' : 's'} refused: no descriptors left`,
        tone: 'bad',
      }
    case 'dialling':
      return { text: `dialling ${formatEndpoint(event.to)}`, tone: 'plain' }
    case 'attempted':
      return event.outcome === 'connected'
        ? { text: `tried ${event.address}: connected`, tone: 'good' }
        : { text: `tried ${event.address}: ${event.fault?.code ?? event.outcome}`, tone: 'warn' }
    case 'opened':
      return {
        text: `opened by ${whose(event.by)}: ${formatEndpoint(event.local)} ⇄ ${formatEndpoint(event.remote)}`,
        tone: 'good',
      }
    case 'bound':
      return { text: `bound to ${formatEndpoint(event.at)}`, tone: 'good' }
    case 'peerSet':
      return event.peer === null
        ? { text: 'disconnected: any peer may send', tone: 'plain' }
        : { text: `connected to ${formatEndpoint(event.peer)}: no other peer is heard`, tone: 'good' }
    case 'groupJoined':
    case 'groupLeft':
      return {
        text: `${event.what === 'groupJoined' ? 'joined' : 'left'} group ${event.group}${
          event.networkInterface === undefined ? '' : ` on ${event.networkInterface}`
        }`,
        tone: 'plain',
      }
    case 'finished':
      return event.by === 'local'
        ? { text: 'FIN sent: we will send no more', tone: 'warn' }
        : { text: 'FIN by peer: it will send no more', tone: 'warn' }
    case 'closed':
      return describeClosed(event)
    case 'paused':
      return { text: 'reading paused: what comes stays in the kernel', tone: 'warn' }
    case 'resumed':
      return { text: 'reading resumed', tone: 'plain' }
    case 'acceptSet':
      return { text: `callers are accepted ${event.mode}`, tone: 'plain' }
    case 'queueMoved':
      return {
        text: `accept queue: ${formatCount(event.length)} wait, limit ${formatCount(event.limit)}${
          event.dropped > 0 ? `; ${formatCount(event.dropped)} dropped by the kernel` : ''
        }`,
        tone: event.length > event.limit ? 'warn' : 'plain',
      }
    case 'optionsSet':
      return { text: `options set: ${event.options.map(formatOption).join(', ')}`, tone: 'plain' }
    case 'passedOn':
      return { text: `passed on to ${event.to}, and its answers back`, tone: 'plain' }
    case 'plays':
      return {
        text: `replay: plays the ${event.as} of ${visibleText(event.connection)}`,
        tone: 'plain',
      }
    case 'behaviourSet':
      return { text: `behaviour: ${event.behaviour}`, tone: 'plain' }
    case 'failed':
      return {
        text: `${[event.fault.syscall, event.fault.code].filter(Boolean).join(' ')}: ${event.fault.summary}`,
        tone: 'bad',
      }
    case 'gap':
      return { text: describeGap(event), tone: 'warn' }
    case 'echoed':
      return {
        text: `echo reply from ${formatEndpoint(event.from)}: sequence ${event.sequence}, ${formatMilliseconds(event.roundTripNanos)}`,
        tone: 'good',
      }
    case 'truncated':
      return {
        text: `truncated (MSG_TRUNC): ${formatCount(event.keptBytes)} of ${formatCount(event.lengthBytes)} bytes were read; the rest is lost`,
        tone: 'warn',
      }
    case 'noted':
      return { text: visibleText(event.text), tone: 'plain' }
    case 'blocked':
      return { text: `${event.python} blocks in ${event.system}: ${event.waitsFor}`, tone: 'warn' }
    case 'called':
      return { text: visibleText(eventText(event)), tone: event.isRaised ? 'bad' : 'plain' }
    case 'handedOver':
    case 'takenOver':
      return { text: eventText(event), tone: 'plain' }
    default:
      throw missingCase(event)
  }
}

function formatMilliseconds(nanos: number): string {
  return `${(nanos / 1e6).toFixed(3)} ms`
}

function describeGap({ direction, offset, lengthBytes }: Extract<SocketEvent, { what: 'gap' }>): string {
  const [bytes, were] = lengthBytes === 1 ? ['byte', 'was'] : ['bytes', 'were']
  const whence = direction === 'in' ? 'from the peer' : 'from us'
  return `gap: ${formatCount(lengthBytes)} ${bytes} ${whence} at offset ${formatCount(offset)} ${were} not captured; offsets go on without them`
}

function describeClosed(event: Extract<SocketEvent, { what: 'closed' }>): EventText {
  const unsent = event.unsentBytes === 0 ? '' : `; ${event.unsentBytes} B were never sent`
  switch (event.how) {
    case 'fin':
      return {
        text: `closed (fin), first by ${whose(event.by)}${unsent}`,
        tone: event.unsentBytes > 0 ? 'warn' : 'plain',
      }
    case 'reset':
      return {
        text: `${event.by === 'local' ? 'RST sent' : 'RST by peer'}: closed (reset)${unsent}`,
        tone: 'bad',
      }
    case 'timeout':
      return { text: `closed (timeout): the peer does not answer${unsent}`, tone: 'bad' }
    case 'error':
      return {
        text: `closed (${event.fault?.code ?? 'error'}): ${event.fault?.summary ?? 'no more is known'}${unsent}`,
        tone: 'bad',
      }
    default:
      throw missingCase(event.how)
  }
}

/** `noDelay = true`, and what the kernel made of it where that differs. */
export function formatOption(reading: OptionReading): string {
  const value = reading.value === null ? 'unknown' : plainOptionValue(reading.value)
  return `${reading.name} = ${value}${reading.note === undefined ? '' : ` (${reading.note})`}`
}
