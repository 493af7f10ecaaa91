import { type ReferencePage } from '../model/reference'
import { pageOf, pagesOf, type Written, type WrittenTable } from './written'

/** An errno, with its number on Linux. */
interface WrittenErrno extends Written {
  readonly number: number
}

const errnos: Readonly<Record<string, WrittenErrno>> = {
  EACCES: {
    number: 13,
    does: 'Not allowed: a port under 1024, a path that may not be written, or broadcast without SO_BROADCAST.',
    then: 'Take a port from 1024 on, look at the mode of the path, or set SO_BROADCAST.',
    lessons: [11, 12],
    related: ['privileged port', 'EPERM', 'SO_BROADCAST', 'CAP_NET_BIND_SERVICE'],
  },
  EADDRINUSE: {
    number: 98,
    does: 'Another socket has the address; or one had it a moment ago and is in TIME_WAIT, which SO_REUSEADDR passes over.',
    then: '`ss -ltnp` tells who has it. Close that, choose another port (0 lets the kernel choose), or set SO_REUSEADDR. A path: remove the stale file.',
    lessons: [2, 12],
    related: ['TIME_WAIT', 'SO_REUSEADDR', 'bind', 'listen', 'stale socket file'],
  },
  EADDRNOTAVAIL: {
    number: 99,
    does: 'This machine does not have that address, or no port is left.',
    then: '`ip addr` lists the addresses of this machine. If ports have run out, wait for TIME_WAIT to pass.',
    lessons: [11],
    related: ['bind', 'ephemeral port', 'IP_FREEBIND'],
  },
  EAFNOSUPPORT: {
    number: 97,
    does: 'The address is of another family than the socket.',
    then: 'Give an address of the socket’s own family; IPv6 may be switched off here.',
    related: ['AF_INET', 'AF_INET6', 'socket'],
  },
  EAGAIN: {
    number: 11,
    does: 'It would block, and is not to: the descriptor does not block, or MSG_DONTWAIT was given. Try again later. The same as EWOULDBLOCK.',
    also: ['EWOULDBLOCK'],
    then: 'No failure: wait with poll() until it is ready, and call again.',
    lessons: [5, 8, 10, 12],
    related: ['O_NONBLOCK', 'MSG_DONTWAIT', 'poll', 'SO_RCVTIMEO'],
  },
  EALREADY: {
    number: 114,
    does: 'A connect is under way already.',
    then: 'Wait until the socket can be written, then read SO_ERROR.',
    related: ['EINPROGRESS', 'connect'],
  },
  EBADF: {
    number: 9,
    does: 'That is no open descriptor: it was closed.',
    then: 'Make a new socket: a number that was closed may belong to another one by now.',
    related: ['descriptor', 'close'],
  },
  EBUSY: {
    number: 16,
    does: 'Something else is being done with it at this moment.',
    then: 'Try again.',
    related: ['dup3'],
  },
  ECANCELED: {
    number: 125,
    does: 'It was called off before it was done: the socket was closed meanwhile.',
    related: ['SB_CANCELLED'],
  },
  ECHILD: {
    number: 10,
    does: 'There is no such child process.',
    then: 'No call on a socket fails so; Python has an exception for it.',
    man: ['wait(2)'],
  },
  ECONNABORTED: {
    number: 103,
    does: 'The connection was ended before it was accepted.',
    then: 'Go on accepting: only that one caller is gone.',
    related: ['accept', 'ECONNRESET'],
  },
  ECONNREFUSED: {
    number: 111,
    does: 'Nobody listens there: the SYN was answered by RST, or a datagram by ICMP.',
    then: 'Start the server, or look at the port. At a path the file may be left from a server that was killed, or be no socket.',
    rfc: ['RFC 9293, 3.5.2', 'RFC 1122, 4.1.3.3'],
    lessons: [1, 7, 8, 11, 12],
    related: ['RST', 'connect', 'stale socket file', 'IPPROTO_ICMP', 'ETIMEDOUT'],
  },
  ECONNRESET: {
    number: 104,
    does: 'The peer broke the connection off by RST. What was under way is lost.',
    then: 'The peer closed with bytes unread, got bytes after its close(), set SO_LINGER to 0 s, or its machine started anew. A later write fails with EPIPE.',
    rfc: ['RFC 9293, 3.5.2', 'RFC 9293, 3.5.3'],
    lessons: [6, 15],
    related: ['RST', 'EPIPE', 'closed (reset)', 'SO_LINGER'],
  },
  EDESTADDRREQ: {
    number: 89,
    does: 'No address was given, and the socket is not connected.',
    then: 'Use sendto() with an address, or connect() first.',
    related: ['sendto', 'connect'],
  },
  EDOM: {
    number: 33,
    does: 'A number is out of the range that makes sense: of a time-out, more than 999,999 µs beside its seconds.',
    related: ['setsockopt', 'SO_RCVTIMEO'],
  },
  EDQUOT: {
    number: 122,
    does: 'The quota of this user on this disk is used up.',
    then: 'Free some room, or record to another disk.',
    related: ['ENOSPC', 'recording'],
  },
  EEXIST: {
    number: 17,
    does: 'A file of that name is there already, and shall not be replaced.',
    then: 'Give another name.',
    man: ['open(2)'],
    related: ['open(2)', 'recording'],
  },
  EFAULT: {
    number: 14,
    does: 'An address in memory is wrong.',
    then: 'A defect of the program that made the call.',
    related: ['SB_BUG'],
  },
  EFBIG: {
    number: 27,
    does: 'The file would be larger than this file system, or the limit of this process (`ulimit -f`), allows.',
    man: ['write(2)'],
    related: ['ENOSPC', 'recording'],
  },
  EHOSTDOWN: {
    number: 112,
    does: 'The host is down: on Linux a router said by ICMP that it does not know it. Where a neighbour does not answer, Linux says EHOSTUNREACH.',
    rfc: ['RFC 1122, 3.2.2.1'],
    related: ['EHOSTUNREACH'],
  },
  EHOSTUNREACH: {
    number: 113,
    does: 'There is no way to that host.',
    then: 'Look at the address, and at the network one is in. It is told by a router, or when no neighbour answers.',
    rfc: ['RFC 792', 'RFC 1122, 4.2.3.9'],
    lessons: [15],
    related: ['ENETUNREACH', 'ETIMEDOUT', 'IPPROTO_ICMP'],
  },
  EINPROGRESS: {
    number: 115,
    does: 'The connect has begun and goes on by itself: the descriptor does not block. It is done when it can be written.',
    then: 'Wait with poll() until it can be written, then read SO_ERROR.',
    lessons: [8],
    related: ['connect', 'SO_ERROR', 'O_NONBLOCK', 'EALREADY'],
  },
  EINTR: {
    number: 4,
    does: 'A signal came while the call was blocked. On a bench: Cancel.',
    then: 'Call again, if it is still wanted: Python does so by itself.',
    man: ['signal(7)'],
    related: ['blocked', 'syscall bench'],
  },
  EINVAL: {
    number: 22,
    does: 'An argument makes no sense for this socket as it is: bound twice, accept without listen …',
    then: 'Look at the order of the calls, and at the arguments.',
    related: ['bind', 'accept', 'setsockopt', 'link-local address'],
  },
  EIO: {
    number: 5,
    does: 'The device could not read or write.',
    then: 'The disk may be failing, or be gone.',
    related: ['recording'],
  },
  EISCONN: {
    number: 106,
    does: 'It is connected already.',
    then: 'Make a new socket. A datagram socket may connect() again.',
    related: ['connect'],
  },
  EISDIR: {
    number: 21,
    does: 'It is a folder, and a file was wanted.',
    then: 'Name a file in it.',
    man: ['open(2)'],
    related: ['open(2)'],
  },
  ELOOP: {
    number: 40,
    does: 'Too many symbolic links lie on the way, or they go in a circle.',
    man: ['path_resolution(7)'],
    related: ['socket file'],
  },
  EMFILE: {
    number: 24,
    does: 'The program has as many descriptors open as it may (RLIMIT_NOFILE).',
    then: 'Close some, or raise the limit: `ulimit -n`. A listener’s callers stay in the queue meanwhile.',
    man: ['getrlimit(2)'],
    related: ['ENFILE', 'descriptor', 'accept'],
  },
  EMSGSIZE: {
    number: 90,
    does: 'The datagram is longer than one may be.',
    then: 'At most 65,507 bytes over IPv4, 65,527 over IPv6; a Unix datagram must fit the send buffer. Send less at once.',
    rfc: ['RFC 768', 'RFC 1191'],
    related: ['datagram', 'MTU', 'IP_MTU_DISCOVER', 'SO_SNDBUF'],
  },
  ENAMETOOLONG: {
    number: 36,
    does: 'The path is longer than sun_path holds.',
    then: 'At most 107 bytes: choose a shorter path, for example under /tmp.',
    related: ['socket file', 'bind'],
  },
  ENETDOWN: {
    number: 100,
    does: 'The network interface is down.',
    then: '`ip link` tells its state.',
    related: ['ENETUNREACH'],
  },
  ENETUNREACH: {
    number: 101,
    does: 'There is no way to that network.',
    then: 'This machine has no route there: for an IPv6 address the network may have IPv4 only.',
    rfc: ['RFC 792'],
    lessons: [15],
    related: ['EHOSTUNREACH', 'AF_INET6'],
  },
  ENFILE: {
    number: 23,
    does: 'The whole system has as many files open as it may.',
    then: 'Close some programs: fs.file-max is the limit.',
    related: ['EMFILE', 'descriptor'],
  },
  ENOBUFS: {
    number: 105,
    does: 'The kernel has no memory for it just now.',
    then: 'Send more slowly, or less at once.',
    related: ['send buffer', 'ENOMEM'],
  },
  ENODEV: {
    number: 19,
    does: 'There is no such network interface, or none that takes it.',
    then: '`ip link` lists them.',
    related: ['SO_BINDTODEVICE', 'addMembership'],
  },
  ENOENT: {
    number: 2,
    does: 'There is no such file: nobody is bound to that path.',
    then: 'Look at the spelling, and start the program that makes the file.',
    lessons: [12],
    related: ['socket file', 'stale socket file', 'open(2)'],
  },
  ENOMEM: { number: 12, does: 'There is no memory for it.', related: ['ENOBUFS'] },
  ENONET: {
    number: 64,
    does: 'The machine is not on a network: on Linux a router said by ICMP that this one is cut off. An accept() may pass it on from the network.',
    rfc: ['RFC 1122, 3.2.2.1'],
    related: ['ENETDOWN', 'accept'],
  },
  ENOPROTOOPT: {
    number: 92,
    does: 'The option does not exist at this level.',
    then: 'Look at the level, and at what kinds of socket have the option.',
    related: ['setsockopt', 'getsockopt', 'SOL_SOCKET'],
  },
  ENOSPC: {
    number: 28,
    does: 'The disk is full.',
    then: 'Free some room; what was recorded before is safe.',
    man: ['write(2)'],
    related: ['recording', 'SB_CAPTURE'],
  },
  ENOSYS: {
    number: 38,
    does: 'This system has no such call, or it cannot be made from here.',
    related: ['SB_UNSUPPORTED'],
  },
  ENOTCONN: {
    number: 107,
    does: 'It is not connected.',
    then: 'connect() first; after a reset a connection is not connected any more, either.',
    related: ['connect', 'getpeername', 'shutdown'],
  },
  ENOTDIR: {
    number: 20,
    does: 'A part of the path before the last / is no folder.',
    man: ['path_resolution(7)'],
    related: ['ENOENT', 'socket file'],
  },
  ENOTSOCK: {
    number: 88,
    does: 'The descriptor is no socket.',
    then: 'The number belongs to a file. A path that is no socket is ECONNREFUSED on Linux.',
    related: ['descriptor', 'EBADF'],
  },
  ENOTTY: {
    number: 25,
    does: 'The descriptor does not know what was asked of it by ioctl().',
    related: ['ioctl'],
  },
  EOPNOTSUPP: {
    number: 95,
    does: 'This kind of socket does not do that: listen on a datagram socket, MSG_OOB on a Unix one …',
    also: ['ENOTSUP'],
    then: 'Streams listen and accept; datagrams do not.',
    related: ['listen', 'accept', 'MSG_OOB'],
  },
  EPERM: {
    number: 1,
    does: 'Not permitted: SOCK_RAW needs CAP_NET_RAW, some options CAP_NET_ADMIN.',
    then: 'Run as root, or give the capability to the program; a firewall of this machine says the same of a send.',
    man: ['capabilities(7)'],
    related: ['CAP_NET_RAW', 'CAP_NET_ADMIN', 'EACCES', 'SOCK_RAW'],
  },
  EPIPE: {
    number: 32,
    does: 'Nothing can be sent any more: the peer is gone, or this side is shut down; on Linux also: TCP was never connected. (SIGPIPE is ignored, as Python does.)',
    then: 'Stop writing. What was written before may not have been read.',
    man: ['send(2)', 'signal(7)'],
    rfc: ['RFC 9293, 3.10.2'],
    lessons: [6, 13],
    related: ['SIGPIPE', 'ECONNRESET', 'MSG_NOSIGNAL', 'shutdown'],
  },
  EPROTO: { number: 71, does: 'The protocol was not kept to.', related: ['accept'] },
  EPROTONOSUPPORT: {
    number: 93,
    does: 'There is no such protocol for this family and type.',
    then: 'Use 0, or a protocol that goes with the type.',
    related: ['socket', 'SOCK_RAW'],
  },
  EPROTOTYPE: {
    number: 91,
    does: 'The socket there is of another type.',
    then: 'Dial a stream as unix:, send to a datagram socket as unixgram:.',
    related: ['SOCK_STREAM', 'SOCK_DGRAM', 'AF_UNIX'],
  },
  EROFS: {
    number: 30,
    does: 'The file system can only be read.',
    then: 'Choose another folder, for example /tmp.',
    related: ['socket file', 'EACCES'],
  },
  ESHUTDOWN: {
    number: 108,
    does: 'The other end of the transport was shut down.',
    then: 'Linux tells it of TCP as EPIPE.',
    related: ['EPIPE', 'shutdown'],
  },
  ESOCKTNOSUPPORT: {
    number: 94,
    does: 'There is no such type of socket in this family.',
    related: ['socket', 'SOCK_STREAM'],
  },
  ESRCH: {
    number: 3,
    does: 'There is no such process.',
    then: 'Whoever held the recording is gone: it can be taken over.',
    man: ['kill(2)'],
    related: ['recording'],
  },
  ETIMEDOUT: {
    number: 110,
    does: 'No answer came for so long that the kernel gave up.',
    then: 'At connect(), on Linux after some 130 s: the host may be off, or a firewall drops the packets. On a connection that was open, after a quarter of an hour or more: the peer or the way to it is gone.',
    rfc: ['RFC 9293, 3.8.3', 'RFC 1122, 4.2.3.5'],
    lessons: [3, 8, 15],
    related: ['closed (timeout)', 'TCP_USER_TIMEOUT', 'TCP_SYNCNT', 'keepalive', 'rto'],
  },
  EXDEV: {
    number: 18,
    does: 'A file is moved to another file system, where it must be copied.',
    then: 'Saving does so by itself.',
    man: ['rename(2)'],
    related: ['recording'],
  },
}

/** What a look-up fails with, which has no errno. */
const lookUps: WrittenTable = {
  ENOTFOUND: {
    also: ['EAI_NONAME', 'EAI_NODATA'],
    does: 'No such host name was found: the name servers know no address of it. This is Node’s name for what getaddrinfo() calls EAI_NONAME.',
    then: 'Look at the spelling. An address such as 127.0.0.1 needs no look-up.',
    man: ['getaddrinfo(3)'],
    rfc: ['RFC 3493, 6.1'],
    related: ['getaddrinfo', 'EAI_AGAIN'],
  },
  EAI_AGAIN: {
    does: 'No name server has an answer just now: none was reached, or the one asked could not tell. It may do so later.',
    then: 'Look at the network and its name server. An address such as 127.0.0.1 needs no look-up.',
    man: ['getaddrinfo(3)'],
    rfc: ['RFC 3493, 6.1'],
    related: ['getaddrinfo', 'ENOTFOUND'],
  },
  EAI_FAIL: {
    does: 'The name server answered that it cannot tell, and asking again will not help.',
    man: ['getaddrinfo(3)'],
    rfc: ['RFC 3493, 6.1'],
    related: ['EAI_AGAIN'],
  },
  EAI_FAMILY: {
    also: ['EAI_ADDRFAMILY'],
    does: 'The family that was asked for does not exist here, or the host has no address of it.',
    man: ['getaddrinfo(3)'],
    rfc: ['RFC 3493, 6.1'],
    related: ['AF_INET6', 'getaddrinfo'],
  },
  EAI_MEMORY: {
    does: 'There was no memory for the look-up.',
    man: ['getaddrinfo(3)'],
    rfc: ['RFC 3493, 6.1'],
    related: ['ENOMEM'],
  },
  EAI_SERVICE: {
    also: ['EAI_SOCKTYPE', 'EAI_BADFLAGS'],
    does: 'What was asked for beside the name makes no sense together.',
    man: ['getaddrinfo(3)'],
    rfc: ['RFC 3493, 6.1'],
    related: ['getaddrinfo'],
  },
  EAI_SYSTEM: {
    also: ['EAI_OVERFLOW'],
    does: 'The system itself failed while looking up; an errno tells how.',
    man: ['getaddrinfo(3)'],
    rfc: ['RFC 3493, 6.1'],
    related: ['errno'],
  },
}

/** Codes of this program: nothing was asked of the kernel, or it is not the kernel’s to tell. */
const ours: WrittenTable = {
  SB_INPUT: {
    does: 'Something that was given makes no sense: an address, a payload, an option. The kernel was not asked.',
    then: 'The sentence beside it tells what was expected.',
    related: ['fault', 'EINVAL'],
  },
  SB_UNKNOWN: {
    does: 'What was named is not there, or not any more: a socket, a recording, an experiment.',
    related: ['fault'],
  },
  SB_STATE: {
    does: 'It cannot be done in the state that this is in: sending on what has ended, accepting where nobody waits.',
    related: ['fault', 'failed'],
  },
  SB_UNSUPPORTED: {
    does: 'This system, or this build of the program, cannot do it.',
    then: 'What is missing, and what works instead, stands beside it.',
    related: ['fault', 'ENOSYS'],
  },
  SB_CANCELLED: {
    does: 'It was stopped, by its user or by the end of the session.',
    related: ['fault', 'ECANCELED'],
  },
  SB_CAPTURE: {
    does: 'The recording cannot be written, or read: the disk has no room, or the file is damaged.',
    then: 'What is whole of it is kept.',
    related: ['recording', 'ENOSPC'],
  },
  SB_FOREIGN: {
    does: 'The file is a capture of another program.',
    then: 'Import it: a recording is made of it, connection by connection.',
    related: ['recording', 'pcapng', 'segment'],
  },
  SB_BUSY: {
    does: 'Somebody else has it: another window or program records into this file.',
    then: 'End that, or open the recording beside to read it.',
    related: ['recording'],
  },
  SB_NEWER: {
    does: 'The file is of a later version of this program.',
    then: 'It can be read as far as it is understood, and is not changed.',
    related: ['recording'],
  },
  SB_PERMISSION: {
    does: 'The file may be read and not be written.',
    then: 'Open it beside, or save it under another name.',
    related: ['recording', 'EACCES'],
  },
  SB_BUG: {
    does: 'A mistake of this program.',
    then: 'Please report it, with what you did.',
    related: ['fault'],
  },
}

/** Every errno that the app may show, the names of failed look-ups, and its own codes. */
export const errorPages: readonly ReferencePage[] = [
  ...Object.entries(errnos).map(([code, { number, man = [], ...more }]) =>
    pageOf('error', code, {
      ...more,
      facts: [['number on Linux', String(number)]],
      man: [...man, 'errno(3)'],
    }),
  ),
  ...pagesOf('error', lookUps),
  ...pagesOf('error', ours),
]
