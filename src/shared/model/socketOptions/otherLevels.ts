import { type OptionTable, rowsOf } from './spec'

const udp = rowsOf('udp(7)')
const unix = rowsOf('unix(7)')
const raw = rowsOf('raw(7)')

/** IPPROTO_UDP. */
export const udpLevel = {
  UDP_CORK: udp.flag(
    ['udp'],
    'anyTime',
    'off',
    'All that is written goes out as one datagram once it is taken off.',
  ),
  UDP_SEGMENT: udp.integer(
    ['udp'],
    'anyTime',
    '0 (off)',
    'One write is cut into datagrams of so many bytes (GSO).',
    {
      unit: 'bytes',
      range: [0, 65_535],
    },
  ),
  UDP_GRO: udp.flag(['udp'], 'anyTime', 'off', 'Several datagrams of one sender may come in one read.'),
} satisfies OptionTable

/** SOL_SOCKET, of AF_UNIX alone. */
export const unixLevel = {
  SO_PASSCRED: unix.flag(
    ['unix', 'unixListener'],
    'anyTime',
    'off',
    'What comes is told with the process, the user and the group of the sender.',
  ),
  SO_PEERCRED: unix.credentials(
    ['unix', 'unixListener'],
    'never',
    'of the peer',
    'The process that connected, or that listens, as it was then.',
  ),
} satisfies OptionTable

/** SOL_RAW. */
export const rawLevel = {
  ICMP_FILTER: raw.unsigned(
    ['raw'],
    'anyTime',
    '0 (all come)',
    'One bit for each type of ICMP message (IPPROTO_ICMP only): those that are set do not come.',
    { family: 4 },
  ),
} satisfies OptionTable
