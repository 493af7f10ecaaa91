import { everySocket, inet, type OptionTable, rowsOf, streams } from './spec'

const { flag, integer, unsigned, linger, timeval, text } = rowsOf('socket(7)')
const INT_MAX = 2_147_483_647
const bytes = { unit: 'bytes', range: [0, INT_MAX] } as const

/** SOL_SOCKET. */
export const socketLevel = {
  SO_REUSEADDR: flag(
    inet,
    'beforeBind',
    'off',
    'Binds although connections in TIME_WAIT still use the address; for UDP, although others are bound to it that allow it too.',
  ),
  SO_REUSEPORT: flag(
    inet,
    'beforeBind',
    'off',
    'Several sockets that all set it share one address, and the kernel spreads callers or datagrams among them.',
  ),
  SO_BINDTODEVICE: text(
    inet,
    'beforeBind',
    'none',
    'Packets go and come by this network interface alone; an empty name takes it back.',
    { needs: 'CAP_NET_RAW, since Linux 5.7 only to change it' },
  ),
  SO_KEEPALIVE: flag(
    streams,
    'anyTime',
    'off',
    'A connection on which nothing goes is probed now and then, and given up if nobody answers.',
  ),
  SO_LINGER: linger(
    streams,
    'anyTime',
    'off',
    'close(2) waits so long for what is unsent; with 0 seconds it sends RST and drops what is queued.',
  ),
  SO_RCVBUF: integer(
    everySocket,
    'beforeConnect',
    'net.core.rmem_default; TCP: net.ipv4.tcp_rmem, tuned by the kernel',
    'How much the kernel keeps of what came and nobody has read; Linux doubles what is set, to pay for its bookkeeping.',
    bytes,
  ),
  SO_SNDBUF: integer(
    everySocket,
    'beforeConnect',
    'net.core.wmem_default; TCP: net.ipv4.tcp_wmem, tuned by the kernel',
    'How much the kernel takes to send before a write waits; Linux doubles what is set.',
    bytes,
  ),
  SO_RCVLOWAT: integer(
    everySocket,
    'anyTime',
    '1',
    'A blocking read waits until so many bytes are there, and poll(2) tells of a stream only then.',
    bytes,
  ),
  SO_SNDLOWAT: integer(everySocket, 'never', '1', 'The same for writing; Linux does not let it be changed.', {
    unit: 'bytes',
  }),
  SO_RCVTIMEO: timeval(
    everySocket,
    'anyTime',
    'none',
    'A blocking read or accept gives up after so long with EAGAIN; 0 waits for ever.',
    { unit: 'seconds' },
  ),
  SO_SNDTIMEO: timeval(
    everySocket,
    'anyTime',
    'none',
    'A blocking write or connect gives up after so long; 0 waits for ever.',
    { unit: 'seconds' },
  ),
  SO_BROADCAST: flag(['udp', 'raw'], 'anyTime', 'off', 'Allows sending to broadcast addresses.'),
  SO_OOBINLINE: flag(streams, 'anyTime', 'off', 'Urgent data comes among the other bytes, in its place.'),
  SO_DONTROUTE: flag(inet, 'anyTime', 'off', 'Sends only to hosts that are reached without a gateway.'),
  SO_PRIORITY: integer(
    everySocket,
    'anyTime',
    '0',
    'The queue of the network device that packets of this socket wait in; IP_TOS changes it too.',
    { range: [0, INT_MAX] },
  ),
  SO_MARK: integer(
    everySocket,
    'anyTime',
    '0',
    'A number on each packet, by which routing and packet filters of this machine may choose.',
    { needs: 'CAP_NET_ADMIN or CAP_NET_RAW' },
  ),
  SO_TIMESTAMP: flag(
    ['udp', 'unix', 'raw'],
    'anyTime',
    'off',
    'Each datagram comes with the time at which the kernel got it, in microseconds.',
  ),
  SO_TIMESTAMPNS: flag(
    [...inet, 'unix'],
    'anyTime',
    'off',
    'What comes carries the time at which the kernel got it, in nanoseconds (SCM_TIMESTAMPNS).',
  ),
  SO_RXQ_OVFL: flag(
    ['udp', 'unix', 'raw'],
    'anyTime',
    'off',
    'Each datagram comes with the number of those that were dropped before it, as the queue was full.',
  ),
  SO_MAX_PACING_RATE: unsigned(
    [...streams, 'udp'],
    'anyTime',
    'no limit',
    'The kernel sends no faster than this.',
    { unit: 'bytes per second', values: { [2 ** 32 - 1]: 'no limit', [2 ** 64]: 'no limit' } },
  ),
  SO_INCOMING_CPU: integer(inet, 'anyTime', '-1', 'The processor that last took in a packet of this socket.'),
  SO_BUSY_POLL: integer(
    inet,
    'anyTime',
    'net.core.busy_read (0)',
    'A read looks at the network device itself for so long before it waits.',
    { unit: 'microseconds', needs: 'CAP_NET_ADMIN on older kernels' },
  ),
  SO_ZEROCOPY: flag(
    [...streams, 'udp'],
    'anyTime',
    'off',
    'Lets single writes ask (MSG_ZEROCOPY) to be sent from the memory they lie in.',
  ),
  SO_NO_CHECK: flag(['udp'], 'anyTime', 'off', 'UDP over IPv4 is sent without a checksum.'),
  SO_PEEK_OFF: integer(
    ['unix', 'udp'],
    'anyTime',
    '-1 (off)',
    'Where the next peek begins: from 0 on each one goes on behind the last.',
  ),
  SO_DEBUG: flag(everySocket, 'anyTime', 'off', 'Kept for compatibility; it records nothing today.', {
    needs: 'CAP_NET_ADMIN',
  }),
  SO_ACCEPTCONN: flag(everySocket, 'never', 'off', 'Whether listen(2) was called on it.'),
  SO_TYPE: integer(everySocket, 'never', 'as created', 'How it carries data: as a stream or as datagrams.', {
    values: { 1: 'SOCK_STREAM', 2: 'SOCK_DGRAM', 3: 'SOCK_RAW', 5: 'SOCK_SEQPACKET' },
  }),
  SO_DOMAIN: integer(everySocket, 'never', 'as created', 'Its family of addresses.', {
    values: { 1: 'AF_UNIX', 2: 'AF_INET', 10: 'AF_INET6' },
  }),
  SO_PROTOCOL: integer(everySocket, 'never', 'as created', 'The protocol below it, as IP numbers them.', {
    values: { 0: 'none', 1: 'IPPROTO_ICMP', 6: 'IPPROTO_TCP', 17: 'IPPROTO_UDP', 58: 'IPPROTO_ICMPV6' },
  }),
  SO_COOKIE: unsigned(everySocket, 'never', 'unique', 'The number under which the kernel knows this socket.'),
  SO_ERROR: integer(
    everySocket,
    'never',
    '0',
    'The errno of what has happened and was not told yet; reading it clears it.',
    { isClearedByReading: true },
  ),
} satisfies OptionTable
