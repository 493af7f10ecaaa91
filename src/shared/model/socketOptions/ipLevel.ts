import { inet, type OptionTable, rowsOf, type SocketKind } from './spec'

const { flag, integer, ipv4 } = rowsOf('ip(7)', { family: 4 })
const datagrams: readonly SocketKind[] = ['udp', 'raw']

const pathMtu = {
  range: [0, 5],
  values: {
    0: 'IP_PMTUDISC_DONT',
    1: 'IP_PMTUDISC_WANT',
    2: 'IP_PMTUDISC_DO',
    3: 'IP_PMTUDISC_PROBE',
    4: 'IP_PMTUDISC_INTERFACE',
    5: 'IP_PMTUDISC_OMIT',
  },
} as const

/** IPPROTO_IP: of IPv4 sockets. */
export const ipLevel = {
  IP_TTL: integer(
    inet,
    'beforeConnect',
    'net.ipv4.ip_default_ttl (64)',
    'Through how many routers a packet may go.',
    { unit: 'hops', range: [1, 255] },
  ),
  IP_TOS: integer(
    inet,
    'beforeConnect',
    '0',
    'The byte of the header for the kind of service: six bits DSCP, two bits ECN, which TCP keeps to itself.',
    { range: [0, 255] },
  ),
  IP_MULTICAST_TTL: integer(
    datagrams,
    'anyTime',
    '1',
    'The same for datagrams to groups: 1 stays in this network.',
    {
      unit: 'hops',
      range: [0, 255],
    },
  ),
  IP_MULTICAST_LOOP: flag(
    datagrams,
    'anyTime',
    'on',
    'What is sent to a group is heard on this machine, too.',
  ),
  IP_MULTICAST_IF: ipv4(
    datagrams,
    'anyTime',
    '0.0.0.0 (by route)',
    'The interface by which datagrams to groups leave, by its address.',
  ),
  IP_MULTICAST_ALL: flag(
    datagrams,
    'anyTime',
    'on',
    'Also hears groups that only other sockets of this machine have joined.',
  ),
  IP_MTU_DISCOVER: integer(
    inet,
    'anyTime',
    'IP_PMTUDISC_WANT, or _DONT by net.ipv4.ip_no_pmtu_disc',
    'Whether packets may be cut on their way, and the way be asked for its size.',
    pathMtu,
  ),
  IP_MTU: integer(
    inet,
    'never',
    'by the way',
    'How large a packet may be on the way to the peer; connected sockets only.',
    {
      unit: 'bytes',
    },
  ),
  IP_RECVERR: flag(inet, 'anyTime', 'off', 'Errors that come by ICMP are queued in full, and told at once.'),
  IP_RECVTTL: flag(datagrams, 'anyTime', 'off', 'Each datagram comes with the TTL that it had left.'),
  IP_RECVTOS: flag(datagrams, 'anyTime', 'off', 'Each datagram comes with the IP_TOS byte of its header.'),
  IP_PKTINFO: flag(
    datagrams,
    'anyTime',
    'off',
    'Each datagram comes with the interface and the address that it was sent to.',
  ),
  IP_MINTTL: integer(
    ['tcp', 'tcpListener'],
    'anyTime',
    '0 (any)',
    'Packets that have come from farther away are dropped: with 255, all that came through a router.',
    { unit: 'hops', range: [0, 255] },
  ),
  IP_FREEBIND: flag(inet, 'beforeBind', 'off', 'Binds an address that this machine does not have (yet).'),
  IP_TRANSPARENT: flag(
    inet,
    'beforeBind',
    'off',
    'Speaks for addresses that are not ours: transparent proxies need it.',
    { needs: 'CAP_NET_ADMIN or CAP_NET_RAW' },
  ),
  IP_BIND_ADDRESS_NO_PORT: flag(
    inet,
    'beforeBind',
    'off',
    'Binding to port 0 leaves the choice of a port to connect(2), so that more may share one.',
  ),
  IP_HDRINCL: flag(['raw'], 'anyTime', 'off', 'What is sent begins with an IP header of our own.'),
} satisfies OptionTable

const v6 = rowsOf('ipv6(7)', { family: 6 })

/** IPPROTO_IPV6. */
export const ipv6Level = {
  IPV6_V6ONLY: v6.flag(
    inet,
    'beforeBind',
    'net.ipv6.bindv6only (off)',
    'Takes IPv6 alone; off, an unbound or wildcard socket serves IPv4 as well.',
  ),
  IPV6_UNICAST_HOPS: v6.integer(inet, 'beforeConnect', '64', 'Through how many routers a packet may go.', {
    unit: 'hops',
    range: [-1, 255],
  }),
  IPV6_TCLASS: v6.integer(
    inet,
    'beforeConnect',
    '0',
    'The byte of the header for the kind of service, as IP_TOS is for IPv4.',
    { range: [-1, 255] },
  ),
  IPV6_MULTICAST_HOPS: v6.integer(datagrams, 'anyTime', '1', 'The same for datagrams to groups.', {
    unit: 'hops',
    range: [-1, 255],
  }),
  IPV6_MULTICAST_LOOP: v6.flag(
    datagrams,
    'anyTime',
    'on',
    'What is sent to a group is heard on this machine, too.',
  ),
  IPV6_MULTICAST_IF: v6.integer(
    datagrams,
    'anyTime',
    '0 (by route)',
    'The interface by which datagrams to groups leave, by its number (ip link).',
    { range: [0, 2_147_483_647] },
  ),
  IPV6_MULTICAST_ALL: v6.flag(
    datagrams,
    'anyTime',
    'on',
    'Also hears groups that only other sockets of this machine have joined.',
  ),
  IPV6_MTU_DISCOVER: v6.integer(
    inet,
    'anyTime',
    'IP_PMTUDISC_WANT',
    'Whether the way may be asked for its size.',
    pathMtu,
  ),
  IPV6_MTU: v6.integer(
    inet,
    'never',
    'by the way',
    'How large a packet may be on the way to the peer; connected sockets only.',
    { unit: 'bytes' },
  ),
  IPV6_DONTFRAG: v6.flag(
    datagrams,
    'anyTime',
    'off',
    'A datagram that is too long for the way is refused, not cut.',
  ),
  IPV6_RECVERR: v6.flag(
    inet,
    'anyTime',
    'off',
    'Errors that come by ICMPv6 are queued in full, and told at once.',
  ),
  IPV6_RECVPKTINFO: v6.flag(
    datagrams,
    'anyTime',
    'off',
    'Each datagram comes with the interface and the address that it was sent to.',
  ),
  IPV6_RECVHOPLIMIT: v6.flag(
    datagrams,
    'anyTime',
    'off',
    'Each datagram comes with the hop limit that it had left.',
  ),
  IPV6_RECVTCLASS: v6.flag(
    datagrams,
    'anyTime',
    'off',
    'Each datagram comes with the traffic class of its header.',
  ),
  IPV6_AUTOFLOWLABEL: v6.flag(
    inet,
    'anyTime',
    'net.ipv6.auto_flowlabels (on)',
    'Packets get a flow label made of their ends.',
  ),
  IPV6_FREEBIND: v6.flag(
    inet,
    'beforeBind',
    'off',
    'Binds an address that this machine does not have (yet).',
  ),
} satisfies OptionTable
