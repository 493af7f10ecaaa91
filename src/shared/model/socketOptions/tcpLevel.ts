import { type OptionTable, rowsOf, type SocketKind, streams } from './spec'

const { flag, integer, unsigned, text } = rowsOf('tcp(7)')
const INT_MAX = 2_147_483_647
const dialled: readonly SocketKind[] = ['tcp']
const listening: readonly SocketKind[] = ['tcpListener']

/** IPPROTO_TCP. */
export const tcpLevel = {
  TCP_NODELAY: flag(
    streams,
    'anyTime',
    'off',
    'Small writes go out at once, and are not gathered while an acknowledgement is awaited (Nagle).',
  ),
  TCP_CORK: flag(
    streams,
    'anyTime',
    'off',
    'Only full segments go out, for 200 ms at most, until it is taken off.',
  ),
  TCP_QUICKACK: flag(
    streams,
    'anyTime',
    'on at first',
    'Acknowledgements are sent at once and not put off; the kernel changes it as it goes.',
  ),
  TCP_MAXSEG: integer(
    streams,
    'beforeConnect',
    '536 until connected, then by the way',
    'The most bytes that a segment carries; set before, it is told to the peer. It is read as what is in use.',
    { unit: 'bytes', range: [88, 32_767] },
  ),
  TCP_USER_TIMEOUT: integer(
    streams,
    'beforeConnect',
    '0 (as the kernel retries)',
    'The connection is given up when data sent stays without acknowledgement for so long.',
    { unit: 'milliseconds', range: [0, INT_MAX] },
  ),
  TCP_KEEPIDLE: integer(
    streams,
    'anyTime',
    'net.ipv4.tcp_keepalive_time (7200)',
    'How long nothing must have gone before the first keepalive probe.',
    { unit: 'seconds', range: [1, 32_767] },
  ),
  TCP_KEEPINTVL: integer(
    streams,
    'anyTime',
    'net.ipv4.tcp_keepalive_intvl (75)',
    'How long between two keepalive probes.',
    { unit: 'seconds', range: [1, 32_767] },
  ),
  TCP_KEEPCNT: integer(
    streams,
    'anyTime',
    'net.ipv4.tcp_keepalive_probes (9)',
    'After so many unanswered probes the connection is given up.',
    { range: [1, 127] },
  ),
  TCP_SYNCNT: integer(
    streams,
    'beforeConnect',
    'net.ipv4.tcp_syn_retries (6)',
    'How often a SYN is sent again before connect(2) gives up.',
    { range: [1, 127] },
  ),
  TCP_DEFER_ACCEPT: integer(
    listening,
    'beforeConnect',
    '0 (off)',
    'A caller is put before accept(2) only once it has sent something, or so much time has gone.',
    { unit: 'seconds', range: [0, INT_MAX] },
  ),
  TCP_FASTOPEN: integer(
    listening,
    'beforeConnect',
    '0 (off)',
    'Takes data that comes with the SYN, from so many callers at once whose handshake is not done (RFC 7413).',
    { range: [0, INT_MAX] },
  ),
  TCP_FASTOPEN_CONNECT: flag(
    dialled,
    'beforeConnect',
    'off',
    'connect(2) answers at once, and the SYN goes out with the first data, if the host gave us a cookie before.',
  ),
  TCP_FASTOPEN_NO_COOKIE: flag(streams, 'beforeConnect', 'off', 'The same without asking for cookies.'),
  TCP_CONGESTION: text(
    streams,
    'anyTime',
    'net.ipv4.tcp_congestion_control (cubic)',
    'The algorithm that decides how much may be under way.',
  ),
  TCP_NOTSENT_LOWAT: unsigned(
    streams,
    'anyTime',
    'net.ipv4.tcp_notsent_lowat (no limit)',
    'poll(2) calls the socket writable only while less than this is unsent.',
    { unit: 'bytes', values: { [2 ** 32 - 1]: 'no limit' } },
  ),
  TCP_WINDOW_CLAMP: integer(
    streams,
    'anyTime',
    '0 (no limit)',
    'The window that the peer is told is no larger than this.',
    { unit: 'bytes', range: [0, INT_MAX] },
  ),
  TCP_LINGER2: integer(
    streams,
    'anyTime',
    'net.ipv4.tcp_fin_timeout (60)',
    'How long a closed socket whose peer has not finished stays in FIN_WAIT2.',
    { unit: 'seconds', range: [-1, 120] },
  ),
  TCP_THIN_LINEAR_TIMEOUTS: flag(
    streams,
    'anyTime',
    'off',
    'With little under way, the first six retransmissions come at even distances.',
  ),
  TCP_SAVE_SYN: integer(
    listening,
    'beforeConnect',
    '0 (off)',
    'Keeps the SYN of each caller to be looked at.',
    {
      range: [0, 2],
    },
  ),
  TCP_TIMESTAMP: unsigned(streams, 'never', 'running', 'The clock that segments of this connection carry.'),
  TCP_INQ: flag(dialled, 'anyTime', 'off', 'Each read is told how much is left to read (TCP_CM_INQ).'),
} satisfies OptionTable
