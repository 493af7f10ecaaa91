import { type OptionName, socketOptions } from '../../../shared/model/socketOptions'
import { expected } from '../../../shared/model/socketOptions/optionText'

/** What to do where the kernel refuses an option, by `NAME ERRNO`. */
const advice: Readonly<Record<string, string>> = {
  'SO_BINDTODEVICE ENODEV': 'There is no network interface of that name here; `ip link` lists them.',
  'TCP_MAXSEG EINVAL':
    'On a connected socket it cannot be raised any more; before, it takes 88 to 32767 bytes.',
  'TCP_CONGESTION ENOENT':
    'The kernel has no such algorithm loaded; net.ipv4.tcp_available_congestion_control lists those it has.',
  'TCP_CONGESTION EPERM':
    'Without CAP_NET_ADMIN only those in net.ipv4.tcp_allowed_congestion_control may be chosen.',
  'IP_MULTICAST_IF EADDRNOTAVAIL': 'No interface of this machine has that address; `ip addr` lists them.',
  'IP_MTU ENOTCONN': 'Only a connected socket knows its way.',
  'IPV6_MTU ENOTCONN': 'Only a connected socket knows its way.',
  'IPV6_V6ONLY EINVAL': 'It can be set before the socket is bound only.',
  'SO_PRIORITY EPERM': 'Values above 6 need CAP_NET_ADMIN or CAP_NET_RAW.',
}

/** A sentence about an option that the kernel refused to set: its errno, and what to do. */
export function refused(option: OptionName, errno: string): string {
  const hint = hintFor(option, errno)
  return `The kernel refused it: ${errno}.${hint === undefined ? '' : ` ${hint}`}`
}

function hintFor(option: OptionName, errno: string): string | undefined {
  const key = `${option} ${errno}`
  if (Object.hasOwn(advice, key)) return advice[key]
  const { needs, when } = socketOptions[option]
  if (errno === 'EPERM' || errno === 'EACCES')
    return needs === undefined ? undefined : `It needs the privilege ${needs} (capabilities(7)).`
  if (errno === 'ENOPROTOOPT' || errno === 'EOPNOTSUPP') {
    return when === 'never' ? 'It is only read.' : 'This system has no such option for this kind of socket.'
  }
  if (errno === 'EINVAL' || errno === 'EDOM') return `It takes ${expected(option)}.`
  return undefined
}
