import { type Endpoint } from '../../shared/model/endpoint'

const RAW_PRIVILEGE =
  'A raw socket needs the privilege CAP_NET_RAW (raw(7)). Run Switchboard as root, or give the capability to the program that runs it: ' +
  '`sudo setcap cap_net_raw+ep PROGRAM` (the electron or node binary; not below a folder mounted nosuid).'

/** What a code means, as the end of a sentence: "Dialling tcp://… failed: <meaning>." */
const meanings: Readonly<Record<string, string>> = {
  EACCES: 'permission was denied',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EAFNOSUPPORT: 'this kind of address is not supported here',
  EAGAIN: 'the kernel has no room for it just now',
  EAI_AGAIN: 'the name server did not answer',
  EBADF: 'the descriptor is closed',
  ECONNABORTED: 'the connection was aborted',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the peer reset the connection',
  EHOSTDOWN: 'the host is down',
  EHOSTUNREACH: 'there is no way to that host',
  EISDIR: 'it is a folder',
  EINVAL: 'the kernel did not accept an argument',
  EISCONN: 'the socket is connected already',
  ELOOP: 'too many symbolic links lie on the way',
  EMFILE: 'this program has no file descriptor left',
  EMSGSIZE: 'the datagram is too long',
  ENAMETOOLONG: 'the path is too long',
  ENETDOWN: 'the network is down',
  ENETUNREACH: 'there is no way to that network',
  ENFILE: 'the system has no file descriptor left',
  ENOBUFS: 'the kernel has no buffer left',
  ENODEV: 'there is no such network interface',
  ENOENT: 'there is no such file or folder',
  ENOPROTOOPT: 'the kernel does not know this option here',
  ENOTCONN: 'the socket is not connected',
  ENOTDIR: 'a part of the path is not a folder',
  ENOTFOUND: 'no such host name was found',
  ENOTSOCK: 'that is not a socket',
  EPERM: 'it is not permitted',
  EPROTONOSUPPORT: 'the kernel has no such protocol for this kind of socket',
  EPIPE: 'the peer takes no more data',
  EPROTOTYPE: 'the socket there is of another type',
  EROFS: 'the file system is read-only',
  ETIMEDOUT: 'no answer came in time',
}

const LINK_LOCAL =
  'IPv6 link-local address needs its interface, by a name that `ip link` lists, as in [fe80::1%eth0].'
const UNFIT_ADDRESS = `The address does not fit this machine; an ${LINK_LOCAL}`

/** What to try next, by `syscall code`; a key that ends in ` unix` or ` udp` goes before the plain one for that kind. */
const hints: Readonly<Record<string, string>> = {
  'listen EADDRINUSE':
    'Another socket listens there. `ss -ltnp` shows which program; close it, or choose another port (0 lets the kernel choose).',
  'listen EADDRINUSE unix': 'Another program listens on this path. Close it, or choose another path.',
  'listen EACCES':
    'Ports below 1024 are for privileged programs (Linux: net.ipv4.ip_unprivileged_port_start). Choose a port from 1024 on.',
  'listen EACCES unix':
    'The folder must allow you to create files in it. Choose another one, for example /tmp.',
  'listen EPERM unix':
    'The file system does not allow sockets there. Choose another folder, for example /tmp.',
  'listen EADDRNOTAVAIL':
    'Listen on an address of this machine (`ip addr` lists them), on 127.0.0.1, or on 0.0.0.0 for all.',
  'listen EADDRNOTAVAIL unix': 'The path is too long or not usable; the kernel takes at most 107 bytes.',
  'listen ENOENT unix': 'The folder of the path does not exist. Create it first, or choose another one.',
  'listen ENOTDIR unix': 'A part of the path before the last / is a file. Choose another folder.',
  'listen EINVAL': UNFIT_ADDRESS,
  'listen EINVAL unix': 'The path is too long or not usable; the kernel takes at most 107 bytes.',
  'listen EROFS unix': 'Choose a folder that can be written, for example /tmp.',
  'listen EAFNOSUPPORT': 'IPv6 may be switched off on this machine. Use an IPv4 address such as 127.0.0.1.',

  'bind EADDRINUSE':
    'Another socket is bound to this port. Choose another one (0 lets the kernel choose), or set "reuse address" on both.',
  'bind EACCES':
    'Ports below 1024 are for privileged programs (Linux: net.ipv4.ip_unprivileged_port_start). Choose a port from 1024 on.',
  'bind EADDRNOTAVAIL':
    'Bind an address of this machine (`ip addr` lists them), 127.0.0.1, or 0.0.0.0 for all.',
  'bind EINVAL': UNFIT_ADDRESS,
  'bind EAFNOSUPPORT': 'IPv6 may be switched off on this machine. Use an IPv4 address such as 127.0.0.1.',

  'bind EADDRINUSE unixgram':
    'Another socket is bound to this path or name. Close it, or choose another one.',
  'bind EACCES unixgram':
    'The folder must allow you to create files in it. Choose another one, for example /tmp.',
  'bind EPERM unixgram':
    'The file system does not allow sockets there. Choose another folder, for example /tmp.',
  'bind ENOENT unixgram': 'The folder of the path does not exist. Create it first, or choose another one.',
  'bind ENOTDIR unixgram': 'A part of the path before the last / is a file. Choose another folder.',
  'bind EROFS unixgram': 'Choose a folder that can be written, for example /tmp.',
  'bind EADDRNOTAVAIL raw':
    'Bind an address of this machine (`ip addr` lists them), 127.0.0.1, or 0.0.0.0 for all.',
  'socket EPERM raw': RAW_PRIVILEGE,
  'socket EACCES raw': RAW_PRIVILEGE,
  'socket EPROTONOSUPPORT raw':
    'Give the number of a protocol that packets can carry: 1 to 255. Protocol 0 is none that the kernel opens a raw socket for.',
  'socket EINVAL raw': 'The protocol must be a number from 1 to 255.',
  'setsockopt ENOPROTOOPT raw':
    'This system has no way to include the IP header here. Leave "IP header" off: the kernel writes it.',

  'connect ECONNREFUSED':
    'The host answers, but nothing listens on that port. Start the server, or check the port.',
  'connect ECONNREFUSED unix':
    'Nothing listens on that path or name (a stale socket file stays behind when a server dies). Start the server.',
  'connect ENOENT unix': 'Nothing is at that path. Start the server that creates it, or check the spelling.',
  'connect EACCES': 'A firewall or the system forbids it.',
  'connect EACCES udp':
    'Broadcast addresses are refused until the option "broadcast" is set on the socket. If it is none, a firewall forbids it.',
  'connect EACCES unix':
    'To connect one must be allowed to write to the socket file. Check its owner and mode with `ls -l`.',
  'connect EAGAIN unix': 'The listener there has a full accept queue. Try again when it accepts.',
  'connect ENOTDIR unix': 'A part of the path before the last / is a file.',
  'connect EPROTOTYPE unix': 'The socket there is a datagram socket; Switchboard dials stream sockets.',
  'connect ENOENT unixgram':
    'Nothing is at that path. Start the program that binds it, or check the spelling.',
  'connect ECONNREFUSED unixgram':
    'Nobody is bound to that path or name (a stale socket file stays behind when a program dies). Start the receiver.',
  'connect EPROTOTYPE unixgram': 'The socket there is a stream socket: dial it as unix: instead.',
  'connect EACCES unixgram':
    'To send one must be allowed to write to the socket file. Check its owner and mode with `ls -l`.',
  'connect EPERM unixgram':
    'The socket there is connected to another one, and takes datagrams from that only.',
  'connect ETIMEDOUT':
    'The host does not answer: it may be off, or a firewall drops the packets. Try `ping`, and check the address.',
  'connect EHOSTUNREACH': 'Check the address, and whether you are on the right network.',
  'connect ENETUNREACH':
    'This machine has no route there (`ip route`): an interface may be down, or the network may have IPv4 only.',
  'connect EADDRNOTAVAIL':
    'The local address is not of this machine, or no local port is free for this destination.',
  'connect EADDRINUSE':
    'The local port is taken for this destination. Choose another one, or leave it to the kernel.',
  'connect ECONNRESET':
    'The host reset the connection while it was made: the server may have closed its listener just then.',
  'connect EINVAL': `An ${LINK_LOCAL}`,

  'getaddrinfo ENOTFOUND': 'Check the spelling. An address such as 127.0.0.1 needs no look-up.',
  'getaddrinfo EAI_AGAIN':
    'Check the network and its name server. An address such as 127.0.0.1 needs no look-up.',

  'read ECONNRESET':
    'The peer ended the connection at once (RST): it crashed, closed with data unread, or means it.',
  'read ETIMEDOUT': 'The peer has not answered for too long: its machine or the way to it is gone.',
  'read EHOSTUNREACH': 'The way to the peer is gone.',
  'write EPIPE': 'The peer has closed its socket and does not read any more.',
  'write ECONNRESET': 'The peer ended the connection at once (RST) while data was on its way.',
  'write ETIMEDOUT': 'The peer has not answered for too long: its machine or the way to it is gone.',

  'send EMSGSIZE': 'An IPv4 datagram carries at most 65,507 bytes, an IPv6 one 65,527. Send less at once.',
  'send EACCES': 'Broadcast addresses are refused until the option "broadcast" is set on the socket.',
  'send ECONNREFUSED':
    'The host answered an earlier datagram with ICMP "port unreachable": nothing is bound there.',
  'send ENETUNREACH':
    'This machine has no route there. For a multicast group, join it on an interface first.',
  'send EHOSTUNREACH': 'Check the address, and whether you are on the right network.',
  'send EINVAL': 'The address does not fit this socket: port 0, or the other IP version.',
  'send EPERM': 'A firewall of this machine forbids it.',
  'send ENOBUFS': 'The send queue is full. Send more slowly, or set a larger send buffer.',
  'send EAGAIN unixgram':
    'The receiver has not read what it has: its queue is full (Linux: net.unix.max_dgram_qlen datagrams, or our own send buffer). This datagram was not sent; send it again once the receiver has read.',
  'send ENOENT unixgram': 'Nothing is at that path. Start the program that binds it, or check the spelling.',
  'send ENOTDIR unixgram': 'A part of the path before the last / is a file.',
  'send ECONNREFUSED unixgram':
    'Nobody is bound to that path or name any more (a stale socket file stays behind when a program dies). Start the receiver.',
  'send ECONNRESET unixgram': 'The peer has closed its socket with datagrams unread.',
  'send EPROTOTYPE unixgram':
    'The socket there is a stream socket, which takes no datagrams: dial it as unix: instead.',
  'send EMSGSIZE unixgram':
    'One datagram must fit the send buffer (SO_SNDBUF, less some bytes for the kernel). Send less at once, or set a larger send buffer.',
  'send ENOBUFS unixgram': 'The kernel has no memory for it just now. Send less at once, or more slowly.',
  'send EACCES unixgram':
    'To send one must be allowed to write to the socket file. Check its owner and mode with `ls -l`.',
  'send EPERM unixgram': 'The socket there is connected to another one, and takes datagrams from that only.',
  'send EINVAL unixgram': 'The address is none that can be sent to.',
  'send ENOTCONN unixgram': 'Give the path or name to send to, or connect the socket first.',
  'send EMSGSIZE raw':
    'A packet carries at most 65,535 bytes with its IP header, and no more than the interface lets through unless the kernel may cut it.',
  'send EINVAL raw':
    'The kernel did not take the packet: with "IP header" on, it must begin with a whole IP header (version 4, its own length) whose addresses make sense.',
  'send EPERM raw': 'A firewall of this machine forbids it.',
  'recvmsg ECONNREFUSED':
    'The host answered a datagram with ICMP "port unreachable": nothing is bound there.',

  'addMembership EADDRNOTAVAIL':
    'Give the address of one of the interfaces of this machine; `ip addr` lists them.',
  'addMembership EADDRINUSE': 'The socket is in this group already.',
  'addMembership EINVAL':
    'A group is a multicast address: 224.0.0.0 to 239.255.255.255, or IPv6 beginning with ff.',
  'addMembership ENODEV':
    'No interface takes this group, as no route leads there. Name one, for example 127.0.0.1, or make a route.',
  'dropMembership EADDRNOTAVAIL': 'The socket is not in this group on this interface.',

  'accept EMFILE': 'Close some sockets, or raise the limit on open files (`ulimit -n`).',
}

/** The kinds of a fault's socket: some calls need another advice for a path than for a port. */
export type HintKind = Endpoint['kind']

export function meaningOf(code: string): string | undefined {
  return Object.hasOwn(meanings, code) ? meanings[code] : undefined
}

export function hintOf(syscall: string, code: string, kind: HintKind | undefined): string | undefined {
  const plain = `${syscall} ${code}`
  const special = `${plain} ${kind ?? ''}`
  if (Object.hasOwn(hints, special)) return hints[special]
  if (Object.hasOwn(hints, plain)) return hints[plain]
  return code === 'EMFILE' || code === 'ENFILE' ? hints['accept EMFILE'] : undefined
}
