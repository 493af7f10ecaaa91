/** What a call does, and where the manual tells more. */
export const callMeanings: Readonly<Record<string, string>> = {
  socket: 'Makes a socket and gives its descriptor; it has no address yet. socket(2)',
  bind: 'Gives the socket its own address. Port 0 lets the kernel choose. bind(2)',
  listen:
    'Makes a listener of it: the kernel takes calls from here on, and keeps backlog + 1 of them (on Linux) until accept takes them. listen(2)',
  accept:
    'Takes the first call out of the accept queue, as a new socket. Blocks while there is none. accept(2)',
  accept4: 'accept with flags for the new descriptor: here SOCK_CLOEXEC. accept4(2)',
  connect:
    'Dials. A TCP connect blocks until the SYN is answered; of a datagram socket it only notes the peer. connect(2)',
  connect_ex: "Python's connect that gives the errno instead of raising it.",
  recv: 'Takes up to bufsize bytes of what has come. Blocks while there is none; 0 bytes of a stream are its end (the FIN). recv(2)',
  recvfrom:
    'recv that tells who sent it, too. On Linux recv is this system call with NULL for the address. recvfrom(2)',
  send: 'Gives bytes to the kernel, which may take fewer: it says how many. Blocks only while there is no room. send(2)',
  sendto:
    'send with an address for each datagram. On Linux send is this system call with NULL for the address. sendto(2)',
  sendall: "Python's loop of send until the kernel has all of it. No system call of its own.",
  shutdown:
    'SHUT_WR sends the FIN after what is on its way, and reading goes on; SHUT_RD only stops reading here. shutdown(2)',
  close:
    'Gives the descriptor back. The socket ends with its last descriptor: FIN, or RST where data was left unread. close(2)',
  dup3: 'Closes a descriptor and keeps its number taken, while another call is still on it. dup(2)',
  getsockname: 'Its own address, as the kernel has it. getsockname(2)',
  getpeername: "The other side's address. getpeername(2)",
  setsockopt: 'Sets an option. setsockopt(2), socket(7), tcp(7), ip(7)',
  getsockopt: 'Reads an option, as the kernel has it. getsockopt(2), socket(7), tcp(7), ip(7)',
  setblocking: 'Whether its calls wait. Python sets O_NONBLOCK with ioctl(FIONBIO). fcntl(2)',
  settimeout:
    "Python's timeout: the descriptor is set to not block, and each call is preceded by poll(2) with what is left of the time. Nothing in the kernel is called that way.",
  gettimeout: 'What settimeout was given. No system call.',
  fileno: 'The number of the descriptor. No system call.',
  makefile: 'Wraps the socket in a buffered file, to be read by lines. No system call.',
  readline:
    'Reads to the next line feed, 8192 bytes at a time, and keeps what is behind it for the next line.',
  poll: 'Waits until a descriptor is ready, or the time is over. poll(2)',
  ioctl: 'Sets what the descriptor does; FIONBIO: whether its calls wait. ioctl(2)',
}

/** What an errno means where sockets are concerned. */
export const errnoMeanings: Readonly<Record<string, string>> = {
  EACCES:
    'Not allowed: a port under 1024, a path that may not be written, or broadcast without SO_BROADCAST.',
  EADDRINUSE:
    'Another socket has the address; or one had it a moment ago and is in TIME_WAIT, which SO_REUSEADDR passes over.',
  EADDRNOTAVAIL: 'This machine does not have that address, or no port is left.',
  EAFNOSUPPORT: 'The address is of another family than the socket.',
  EAGAIN:
    'It would block, and is not to: the descriptor does not block, or MSG_DONTWAIT was given. Try again later. The same as EWOULDBLOCK.',
  EALREADY: 'A connect is under way already.',
  EBADF: 'That is no open descriptor: it was closed.',
  ECONNABORTED: 'The connection was ended before it was accepted.',
  ECONNREFUSED: 'Nobody listens there: the SYN was answered by RST, or a datagram by ICMP.',
  ECONNRESET: 'The peer broke the connection off by RST. What was under way is lost.',
  EDESTADDRREQ: 'No address was given, and the socket is not connected.',
  EFAULT: 'An address in memory is wrong.',
  EHOSTUNREACH: 'There is no way to that host.',
  EINPROGRESS:
    'The connect has begun and goes on by itself: the descriptor does not block. It is done when it can be written.',
  EINTR: 'A signal came while the call was blocked. Here: Cancel.',
  EINVAL: 'An argument makes no sense for this socket as it is: bound twice, accept without listen …',
  EISCONN: 'It is connected already.',
  EMFILE: 'The program has as many descriptors open as it may (RLIMIT_NOFILE).',
  EMSGSIZE: 'The datagram is longer than one may be.',
  ENAMETOOLONG: 'The path is longer than sun_path holds.',
  ENETUNREACH: 'There is no way to that network.',
  ENOBUFS: 'The kernel has no memory for it just now.',
  ENOENT: 'There is no such file: nobody is bound to that path.',
  ENOPROTOOPT: 'The option does not exist at this level.',
  ENOTCONN: 'It is not connected.',
  ENOTSOCK: 'The descriptor is no socket.',
  EOPNOTSUPP: 'This kind of socket does not do that: listen on a datagram socket, MSG_OOB on a Unix one …',
  EPERM: 'Not permitted: SOCK_RAW needs CAP_NET_RAW, some options CAP_NET_ADMIN.',
  EPIPE:
    'Nothing can be sent any more: the peer is gone, or this side is shut down. (SIGPIPE is ignored, as Python does.)',
  EPROTONOSUPPORT: 'There is no such protocol for this family and type.',
  EPROTOTYPE: 'The socket there is of another type.',
  ESOCKTNOSUPPORT: 'There is no such type of socket in this family.',
  ETIMEDOUT: 'No answer came for so long that the kernel gave up.',
}
