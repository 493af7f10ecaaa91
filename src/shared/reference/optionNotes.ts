import { type OptionName } from '../model/socketOptions'
import { type Written, type WrittenTable } from './written'

/** What the table of options does not say: what is read back, what to make of it, RFCs, lessons, relatives. */
export const moreOfOptions: Readonly<Partial<Record<OptionName, Omit<Written, 'does' | 'facts'>>>> = {
  SO_REUSEADDR: {
    returns: 'On or off, as set. Node sets it on every TCP listener by itself.',
    then: 'It does not let two listeners share a TCP port on Linux: that is SO_REUSEPORT.',
    lessons: [2, 12],
    related: ['EADDRINUSE', 'TIME_WAIT', 'SO_REUSEPORT', 'bind'],
  },
  SO_REUSEPORT: {
    returns: 'On or off, as set. All of them must set it, before bind(), and belong to one user.',
    related: ['SO_REUSEADDR', 'EADDRINUSE'],
  },
  SO_BINDTODEVICE: {
    returns: 'The name, or nothing.',
    related: ['EPERM', 'ENODEV', 'CAP_NET_RAW'],
  },
  SO_KEEPALIVE: {
    returns: 'On or off, as set. When and how often: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT.',
    then: 'Where the system’s times stand, a dead peer is noticed after more than two hours.',
    rfc: ['RFC 9293, 3.8.4', 'RFC 1122, 4.2.3.6'],
    lessons: [15],
    related: ['keepalive', 'TCP_KEEPIDLE', 'TCP_USER_TIMEOUT', 'ETIMEDOUT'],
  },
  SO_LINGER: {
    returns: 'Whether it is on, and the seconds.',
    then: '0 seconds is the usual way to send a RST on purpose: Reset does so here.',
    rfc: ['RFC 1122, 4.2.2.13'],
    lessons: [6],
    related: ['close', 'RST', 'linger'],
  },
  SO_RCVBUF: {
    returns:
      'Twice what was set, and at most twice net.core.rmem_max. Once it is set, the kernel does not tune it any more.',
    then: 'The window that a TCP peer is offered follows from it, so set it before the handshake.',
    rfc: ['RFC 7323, 2'],
    lessons: [10],
    related: ['receive buffer', 'window', 'SO_SNDBUF', 'rcvbuf'],
  },
  SO_SNDBUF: {
    returns:
      'Twice what was set, and at most twice net.core.wmem_max. Once it is set, the kernel does not tune it any more.',
    then: 'Of Unix datagrams it bounds the length of one.',
    related: ['send buffer', 'SO_RCVBUF', 'sndbuf', 'EMSGSIZE'],
  },
  SO_RCVLOWAT: { returns: 'As set; at least 1.', related: ['MSG_WAITALL', 'recv', 'poll'] },
  SO_SNDLOWAT: { returns: 'Always 1.', related: ['SO_RCVLOWAT', 'TCP_NOTSENT_LOWAT'] },
  SO_RCVTIMEO: {
    returns: 'As set, rounded to what the kernel’s clock can tell.',
    related: ['EAGAIN', 'settimeout', 'SO_SNDTIMEO'],
  },
  SO_SNDTIMEO: {
    returns:
      'As set, rounded to what the kernel’s clock can tell. A connect() that runs out of it fails with EINPROGRESS.',
    related: ['EAGAIN', 'EINPROGRESS', 'SO_RCVTIMEO'],
  },
  SO_BROADCAST: {
    returns: 'On or off, as set.',
    rfc: ['RFC 919'],
    related: ['broadcast', 'EACCES', 'sendto'],
  },
  SO_OOBINLINE: { returns: 'On or off, as set.', rfc: ['RFC 9293, 3.8.5'], related: ['MSG_OOB'] },
  SO_DONTROUTE: { returns: 'On or off, as set.', related: ['ENETUNREACH'] },
  SO_PRIORITY: {
    returns: 'As set; above 6 it needs CAP_NET_ADMIN or CAP_NET_RAW.',
    related: ['IP_TOS', 'CAP_NET_ADMIN'],
  },
  SO_MARK: { returns: 'As set.', related: ['CAP_NET_ADMIN'] },
  SO_TIMESTAMP: {
    returns: 'On or off, as set; SO_TIMESTAMPNS takes its place.',
    man: ['cmsg(3)'],
    related: ['SO_TIMESTAMPNS', 'recvmsg'],
  },
  SO_TIMESTAMPNS: {
    returns: 'On or off, as set; SO_TIMESTAMP takes its place.',
    man: ['cmsg(3)'],
    related: ['SO_TIMESTAMP', 'recvmsg'],
  },
  SO_RXQ_OVFL: {
    returns: 'On or off, as set. The count itself comes with the next datagram.',
    related: ['drops', 'receive buffer'],
  },
  SO_MAX_PACING_RATE: {
    returns: 'As set; without a limit the largest number there is.',
    man: ['tc-fq(8)'],
    related: ['pacing_rate', 'max_pacing_rate'],
  },
  SO_INCOMING_CPU: { returns: 'The number of the processor; -1 before anything came.' },
  SO_BUSY_POLL: { returns: 'As set.', related: ['poll'] },
  SO_ZEROCOPY: { returns: 'On or off, as set.', related: ['MSG_ZEROCOPY'] },
  SO_NO_CHECK: {
    returns: 'On or off, as set.',
    then: 'IPv6 does not allow it: there the checksum is all there is.',
    rfc: ['RFC 768', 'RFC 8200, 8.1'],
    related: ['checksum', 'IPPROTO_UDP'],
  },
  SO_PEEK_OFF: { returns: 'Where the next peek begins.', related: ['MSG_PEEK'] },
  SO_DEBUG: {
    returns: 'On or off, as set. Without the privilege it fails with EACCES.',
    related: ['CAP_NET_ADMIN', 'EACCES'],
  },
  SO_ACCEPTCONN: { returns: 'Yes of a listener, else no.', related: ['listen', 'LISTEN'] },
  SO_TYPE: {
    returns: 'The number of the type.',
    man: ['socket(2)'],
    related: ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW'],
  },
  SO_DOMAIN: {
    returns: 'The number of the family.',
    man: ['socket(2)'],
    related: ['AF_INET', 'AF_INET6', 'AF_UNIX'],
  },
  SO_PROTOCOL: {
    returns: 'The number of the protocol.',
    man: ['socket(2)'],
    related: ['IPPROTO_TCP', 'IPPROTO_UDP'],
  },
  SO_COOKIE: {
    returns: 'A number that no other socket of this machine has until it starts again.',
    related: ['descriptor'],
  },
  SO_ERROR: {
    returns: 'The errno, or 0; it is 0 from then on.',
    then: 'After EINPROGRESS it tells how the connect() ended, once the socket can be written.',
    man: ['connect(2)'],
    related: ['EINPROGRESS', 'connect', 'getsockopt'],
  },

  SO_PASSCRED: {
    returns: 'On or off, as set. A socket without a name gets one.',
    related: ['SO_PEERCRED', 'abstract name'],
  },
  SO_PEERCRED: {
    returns: 'Process, user and group at the time of connect() or listen(); of what is not connected pid 0.',
    lessons: [12],
    related: ['SO_PASSCRED', 'pid', 'AF_UNIX'],
  },

  TCP_NODELAY: {
    returns: 'On or off, as set. Node has it off unless it is asked for.',
    then: 'It matters where small writes follow each other before an answer; a single one goes out at once anyway.',
    rfc: ['RFC 9293, 3.7.4', 'RFC 896', 'RFC 1122, 4.2.3.4'],
    lessons: [14],
    related: ['Nagle', 'delayed ACK', 'TCP_CORK', 'data_segs_out'],
  },
  TCP_CORK: {
    returns: 'On or off, as set.',
    rfc: ['RFC 9293, 3.7.4'],
    related: ['MSG_MORE', 'TCP_NODELAY', 'Nagle'],
  },
  TCP_QUICKACK: {
    returns: 'Whether acknowledgements go out at once just now; the kernel changes it by itself.',
    rfc: ['RFC 9293, 3.8.6.3', 'RFC 1122, 4.2.3.2'],
    lessons: [14],
    related: ['delayed ACK', 'ato'],
  },
  TCP_MAXSEG: {
    returns:
      'Before the connection what was set, or 536; later what is in use, without the bytes of the options.',
    rfc: ['RFC 9293, 3.7.1'],
    related: ['MSS', 'snd_mss', 'advmss', 'segment'],
  },
  TCP_USER_TIMEOUT: {
    returns:
      'As set, in milliseconds. 0 leaves it to net.ipv4.tcp_retries2: on Linux a quarter of an hour or more.',
    then: 'With SO_KEEPALIVE it also decides when unanswered probes are enough.',
    rfc: ['RFC 5482', 'RFC 9293, 3.8.3'],
    lessons: [15],
    related: ['ETIMEDOUT', 'SO_KEEPALIVE', 'rto'],
  },
  TCP_KEEPIDLE: {
    returns: 'As set, in seconds.',
    rfc: ['RFC 9293, 3.8.4', 'RFC 1122, 4.2.3.6'],
    lessons: [15],
    related: ['SO_KEEPALIVE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT', 'keepalive'],
  },
  TCP_KEEPINTVL: {
    returns: 'As set, in seconds.',
    rfc: ['RFC 9293, 3.8.4', 'RFC 1122, 4.2.3.6'],
    lessons: [15],
    related: ['SO_KEEPALIVE', 'TCP_KEEPIDLE', 'TCP_KEEPCNT'],
  },
  TCP_KEEPCNT: {
    returns: 'As set.',
    rfc: ['RFC 9293, 3.8.4', 'RFC 1122, 4.2.3.6'],
    lessons: [15],
    related: ['SO_KEEPALIVE', 'TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'probes'],
  },
  TCP_SYNCNT: {
    returns: 'As set.',
    then: 'The waits begin with 1 s and double: with 1 connect() gives up after 3 s, with 6 after some 130 s. Since Linux 6.5 the first waits stay at 1 s (net.ipv4.tcp_syn_linear_timeouts), so more SYNs go out in that time.',
    rfc: ['RFC 9293, 3.8.3', 'RFC 6298, 5'],
    lessons: [3, 8],
    related: ['SYN_SENT', 'ETIMEDOUT', 'connect'],
  },
  TCP_DEFER_ACCEPT: {
    returns: 'Seconds, rounded up to where a SYN-ACK would be sent again.',
    related: ['accept', 'SYN_RECV', 'accept queue'],
  },
  TCP_FASTOPEN: {
    returns: 'As set, and at most net.core.somaxconn.',
    then: 'net.ipv4.tcp_fastopen must allow it for servers (2, or 3 for both sides).',
    rfc: ['RFC 7413'],
    related: ['TCP_FASTOPEN_CONNECT', 'fast open', 'SYN'],
  },
  TCP_FASTOPEN_CONNECT: {
    returns: 'On or off, as set.',
    rfc: ['RFC 7413'],
    related: ['TCP_FASTOPEN', 'fast open', 'connect'],
  },
  TCP_FASTOPEN_NO_COOKIE: {
    returns: 'On or off, as set.',
    rfc: ['RFC 7413'],
    related: ['TCP_FASTOPEN', 'fast open'],
  },
  TCP_CONGESTION: {
    returns: 'The name of the algorithm in use: cubic, reno, bbr …',
    then: 'Which there are: net.ipv4.tcp_available_congestion_control.',
    rfc: ['RFC 5681', 'RFC 9438'],
    related: ['congestion window', 'snd_cwnd'],
  },
  TCP_NOTSENT_LOWAT: {
    returns: 'As set; 0 where nobody did.',
    related: ['notsent_bytes', 'poll', 'send buffer'],
  },
  TCP_WINDOW_CLAMP: {
    returns: 'What the window is held to now; the kernel sets it too.',
    rfc: ['RFC 9293, 3.8.6'],
    related: ['window', 'rcv_wnd', 'SO_RCVBUF'],
  },
  TCP_LINGER2: {
    returns: 'Seconds; -1 where the state is passed over.',
    rfc: ['RFC 9293, 3.6'],
    related: ['FIN_WAIT2', 'SO_LINGER'],
  },
  TCP_THIN_LINEAR_TIMEOUTS: {
    returns: 'On or off, as set.',
    rfc: ['RFC 6298, 5'],
    related: ['rto', 'backoff'],
  },
  TCP_SAVE_SYN: {
    returns: 'As set. The SYN itself is read from the accepted socket, by TCP_SAVED_SYN.',
    related: ['SYN', 'accept'],
  },
  TCP_TIMESTAMP: { returns: 'The clock as it is now.', rfc: ['RFC 7323, 3'], related: ['rtt'] },
  TCP_INQ: { returns: 'On or off, as set.', related: ['SIOCINQ', 'Recv-Q', 'recvmsg'] },

  IP_TTL: {
    returns: 'As set.',
    then: 'Each router takes one off and drops the packet at 0; the ICMP message about it is what traceroute reads.',
    rfc: ['RFC 791, 3.1'],
    related: ['IPV6_UNICAST_HOPS', 'IP_MINTTL', 'IP_RECVTTL'],
  },
  IP_TOS: {
    returns: 'As set; of TCP without the two bits of ECN.',
    rfc: ['RFC 2474', 'RFC 3168'],
    related: ['IPV6_TCLASS', 'SO_PRIORITY', 'ECN'],
  },
  IP_MULTICAST_TTL: {
    returns: 'As set.',
    rfc: ['RFC 1112'],
    related: ['multicast', 'IP_TTL', 'IPV6_MULTICAST_HOPS'],
  },
  IP_MULTICAST_LOOP: {
    returns: 'On or off, as set.',
    rfc: ['RFC 1112'],
    related: ['multicast', 'IPV6_MULTICAST_LOOP'],
  },
  IP_MULTICAST_IF: {
    returns: 'The address of the interface, or 0.0.0.0.',
    rfc: ['RFC 1112'],
    related: ['multicast', 'addMembership'],
  },
  IP_MULTICAST_ALL: { returns: 'On or off, as set.', related: ['multicast'] },
  IP_MTU_DISCOVER: {
    returns: 'One of the names above, as set.',
    rfc: ['RFC 1191', 'RFC 4821'],
    related: ['MTU', 'IP_MTU', 'EMSGSIZE', 'fragment'],
  },
  IP_MTU: {
    returns: 'Bytes, with the IP header.',
    rfc: ['RFC 1191'],
    related: ['MTU', 'pmtu', 'IP_MTU_DISCOVER'],
  },
  IP_RECVERR: {
    returns: 'On or off, as set. The errors are read from the error queue.',
    man: ['recvmsg(2)'],
    rfc: ['RFC 792'],
    related: ['IPPROTO_ICMP', 'ECONNREFUSED', 'EHOSTUNREACH'],
  },
  IP_RECVTTL: { returns: 'On or off, as set.', related: ['IP_TTL', 'recvmsg'] },
  IP_RECVTOS: { returns: 'On or off, as set.', related: ['IP_TOS', 'recvmsg'] },
  IP_PKTINFO: {
    returns: 'On or off, as set.',
    then: 'A server on 0.0.0.0 learns by it which of its addresses was asked, to answer from the same.',
    related: ['wildcard address', 'recvmsg'],
  },
  IP_MINTTL: { returns: 'As set.', rfc: ['RFC 5082'], related: ['IP_TTL'] },
  IP_FREEBIND: { returns: 'On or off, as set.', related: ['EADDRNOTAVAIL', 'bind'] },
  IP_TRANSPARENT: { returns: 'On or off, as set.', related: ['CAP_NET_ADMIN', 'IP_FREEBIND'] },
  IP_BIND_ADDRESS_NO_PORT: {
    returns: 'On or off, as set.',
    related: ['ephemeral port', 'bind', 'connect'],
  },
  IP_HDRINCL: {
    also: ['isHeaderIncluded'],
    returns: 'On or off, as set.',
    then: 'The kernel still fills in the checksum and the length, and a source or id that are 0.',
    man: ['raw(7)'],
    rfc: ['RFC 791, 3.1'],
    related: ['SOCK_RAW', 'IPPROTO_RAW', 'checksum'],
  },

  IPV6_V6ONLY: {
    returns: 'On or off, as set.',
    rfc: ['RFC 3493, 5.3'],
    related: ['wildcard address', 'AF_INET6'],
  },
  IPV6_UNICAST_HOPS: {
    returns: 'As set; -1 goes back to the system’s.',
    rfc: ['RFC 3493, 5.1'],
    related: ['IP_TTL'],
  },
  IPV6_TCLASS: { returns: 'As set.', rfc: ['RFC 3542', 'RFC 2474'], related: ['IP_TOS'] },
  IPV6_MULTICAST_HOPS: {
    returns: 'As set; -1 goes back to 1.',
    rfc: ['RFC 3493, 5.2'],
    related: ['multicast', 'IP_MULTICAST_TTL'],
  },
  IPV6_MULTICAST_LOOP: {
    returns: 'On or off, as set.',
    rfc: ['RFC 3493, 5.2'],
    related: ['multicast', 'IP_MULTICAST_LOOP'],
  },
  IPV6_MULTICAST_IF: {
    returns: 'The number of the interface, or 0.',
    rfc: ['RFC 3493, 5.2'],
    related: ['multicast', 'link-local address'],
  },
  IPV6_MULTICAST_ALL: { returns: 'On or off, as set.', related: ['multicast', 'IP_MULTICAST_ALL'] },
  IPV6_MTU_DISCOVER: {
    returns: 'One of the names above, as set.',
    rfc: ['RFC 8201'],
    related: ['MTU', 'IP_MTU_DISCOVER'],
  },
  IPV6_MTU: {
    returns: 'Bytes, with the IP header. Linux would let a smaller one be set; this app only reads it.',
    rfc: ['RFC 8201'],
    related: ['MTU', 'IP_MTU'],
  },
  IPV6_DONTFRAG: {
    returns: 'On or off, as set.',
    rfc: ['RFC 3542'],
    related: ['fragment', 'EMSGSIZE', 'MTU'],
  },
  IPV6_RECVERR: {
    returns: 'On or off, as set.',
    rfc: ['RFC 4443'],
    related: ['IP_RECVERR', 'IPPROTO_ICMPV6'],
  },
  IPV6_RECVPKTINFO: { returns: 'On or off, as set.', rfc: ['RFC 3542'], related: ['IP_PKTINFO', 'recvmsg'] },
  IPV6_RECVHOPLIMIT: { returns: 'On or off, as set.', rfc: ['RFC 3542'], related: ['IP_RECVTTL', 'recvmsg'] },
  IPV6_RECVTCLASS: { returns: 'On or off, as set.', rfc: ['RFC 3542'], related: ['IP_RECVTOS', 'recvmsg'] },
  IPV6_AUTOFLOWLABEL: { returns: 'On or off, as set.', rfc: ['RFC 6437'], related: ['AF_INET6'] },
  IPV6_FREEBIND: { returns: 'On or off, as set.', related: ['IP_FREEBIND', 'EADDRNOTAVAIL'] },

  UDP_CORK: {
    returns: 'On or off, as set.',
    rfc: ['RFC 768'],
    related: ['MSG_MORE', 'datagram'],
  },
  UDP_SEGMENT: { returns: 'As set.', related: ['UDP_GRO', 'datagram'] },
  UDP_GRO: {
    returns: 'On or off, as set.',
    then: 'Then one read may hold more than one datagram: a control message tells where they end.',
    related: ['UDP_SEGMENT', 'datagram'],
  },
  ICMP_FILTER: { returns: 'The bits, as set.', rfc: ['RFC 792'], related: ['IPPROTO_ICMP', 'SOCK_RAW'] },
}

/** Options that the manual does not name (Linux man-pages 6.03), and the headers that declare them. */
export const declaredIn: Readonly<Partial<Record<OptionName, string>>> = {
  SO_COOKIE: 'asm/socket.h',
  SO_MAX_PACING_RATE: 'asm/socket.h',
  SO_NO_CHECK: 'asm/socket.h',
  SO_ZEROCOPY: 'asm/socket.h',
  TCP_FASTOPEN_NO_COOKIE: 'linux/tcp.h',
  TCP_INQ: 'linux/tcp.h',
  TCP_NOTSENT_LOWAT: 'linux/tcp.h',
  TCP_SAVE_SYN: 'linux/tcp.h',
  TCP_THIN_LINEAR_TIMEOUTS: 'linux/tcp.h',
  TCP_TIMESTAMP: 'linux/tcp.h',
  IP_MINTTL: 'linux/in.h',
  IPV6_AUTOFLOWLABEL: 'linux/in6.h',
  IPV6_DONTFRAG: 'linux/in6.h',
  IPV6_FREEBIND: 'linux/in6.h',
  IPV6_MULTICAST_ALL: 'linux/in6.h',
  IPV6_RECVHOPLIMIT: 'linux/in6.h',
  IPV6_RECVTCLASS: 'linux/in6.h',
  IPV6_TCLASS: 'linux/in6.h',
  UDP_GRO: 'linux/udp.h',
  UDP_SEGMENT: 'linux/udp.h',
}

/** Options that the table does not have: the app reads or sets them for purposes of its own. */
export const otherOptions: WrittenTable = {
  TCP_INFO: {
    does: 'What the kernel keeps about a TCP connection: states, counters, times and windows, in one structure.',
    returns: 'As many fields as this kernel has; Alt+5 shows each with its meaning.',
    facts: [
      ['of', 'tcp'],
      ['set', 'never: it is only read'],
      ['declared in', 'linux/tcp.h'],
    ],
    man: ['tcp(7)'],
    related: ['kernel’s view', 'rtt', 'snd_cwnd', 'unacked', 'getsockopt'],
  },
  SO_MEMINFO: {
    does: 'How much memory the kernel spends on a socket, what its limits are, and how many packets it dropped for want of room.',
    returns:
      'Nine numbers: rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, sk_backlog, drops.',
    facts: [
      ['of', 'every kind'],
      ['set', 'never: it is only read'],
      ['declared in', 'asm/socket.h'],
    ],
    man: ['sock_diag(7)', 'ss(8)'],
    related: ['drops', 'rmem_alloc', 'rcvbuf', 'sndbuf', 'receive buffer'],
  },
  SO_ATTACH_FILTER: {
    does: 'A small program in the kernel decides, packet by packet, what reaches the socket. One that takes nothing makes a connection deaf, as if its cable were pulled: `unplug` in an experiment.',
    facts: [
      ['of', 'every kind'],
      ['set', 'at any time'],
    ],
    man: ['socket(7)'],
    lessons: [15],
    related: ['unplug', 'dead peer', 'ETIMEDOUT'],
  },
}
