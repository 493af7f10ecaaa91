import { socketOptions, type OptionName, type OptionValue } from '../../../shared/model/socketOptions'
import { numbersOf } from '../../engine/posix/optionNumbers'
import { type Script } from './script'

/** The options for which Python's socket module has names. */
const known = new Set(
  'IPV6_DONTFRAG IPV6_MULTICAST_HOPS IPV6_MULTICAST_IF IPV6_MULTICAST_LOOP IPV6_RECVHOPLIMIT IPV6_RECVPKTINFO IPV6_RECVTCLASS IPV6_TCLASS IPV6_UNICAST_HOPS IPV6_V6ONLY IP_HDRINCL IP_MULTICAST_IF IP_MULTICAST_LOOP IP_MULTICAST_TTL IP_RECVTOS IP_TOS IP_TRANSPARENT IP_TTL SO_ACCEPTCONN SO_BINDTODEVICE SO_BROADCAST SO_DEBUG SO_DOMAIN SO_DONTROUTE SO_ERROR SO_INCOMING_CPU SO_KEEPALIVE SO_LINGER SO_MARK SO_OOBINLINE SO_PASSCRED SO_PEERCRED SO_PRIORITY SO_PROTOCOL SO_RCVBUF SO_RCVLOWAT SO_RCVTIMEO SO_REUSEADDR SO_REUSEPORT SO_SNDBUF SO_SNDLOWAT SO_SNDTIMEO SO_TYPE TCP_CONGESTION TCP_CORK TCP_DEFER_ACCEPT TCP_FASTOPEN TCP_INFO TCP_KEEPCNT TCP_KEEPIDLE TCP_KEEPINTVL TCP_LINGER2 TCP_MAXSEG TCP_NODELAY TCP_NOTSENT_LOWAT TCP_QUICKACK TCP_SYNCNT TCP_USER_TIMEOUT TCP_WINDOW_CLAMP'.split(
    ' ',
  ),
)

const levels: Readonly<Record<string, string>> = {
  'socket(7)': 'SOL_SOCKET',
  'unix(7)': 'SOL_SOCKET',
  'tcp(7)': 'IPPROTO_TCP',
  'udp(7)': 'IPPROTO_UDP',
  'ip(7)': 'IPPROTO_IP',
  'ipv6(7)': 'IPPROTO_IPV6',
  'raw(7)': 'IPPROTO_RAW',
}

export const levelOf = (name: OptionName): string => levels[socketOptions[name].page] ?? 'SOL_SOCKET'

/** `sock.setsockopt(…)`, with what it does. */
export function optionLine(
  variable: string,
  name: OptionName,
  value: OptionValue,
  script: Script,
): [text: string, about: string] {
  const { meaning, page, form } = socketOptions[name]
  const numbers = numbersOf(name)
  const isKnown = known.has(name)
  const option = isKnown ? `socket.${name}` : String(numbers?.[1] ?? 0)
  const level = name === 'ICMP_FILTER' ? '255' : `socket.${levelOf(name)}`
  const line = `${variable}.setsockopt(${level}, ${option}, ${valueText(form, value, script)})`
  return [line + (isKnown ? '' : `  # ${name}`), `${name} of ${page}: ${meaning}`]
}

function valueText(form: string, value: OptionValue, script: Script): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'object') {
    if (!('isOn' in value)) return '0'
    return `${script.module('struct')}.pack("ii", ${value.isOn ? 1 : 0}, ${value.seconds})`
  }
  if (form === 'timeval') {
    const seconds = Number(value)
    const whole = Math.trunc(seconds)
    return `${script.module('struct')}.pack("ll", ${whole}, ${Math.round((seconds - whole) * 1e6)})`
  }
  if (form === 'ipv4') return `socket.inet_aton("${value}")`
  if (typeof value === 'string') return `b"${value}"`
  return value > 2 ** 31 - 1 ? `${script.module('struct')}.pack("Q", ${value})` : String(value)
}
