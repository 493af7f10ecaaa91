import { type Helper } from '../helper'

/** In the order in which they stand. */
export const pythonHelpers: Readonly<Record<string, Helper>> = {
  Unexpected: {
    text: `
class Unexpected(Exception): § What came, or what happened, is not what was expected.
    """Something is not as expected."""`,
  },
  lan_address: {
    text: `
def lan_address(): § The first address of this machine that others can reach.
    """The address from which this machine sends to others: connect(2) of a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe: § A UDP socket, only to ask.
        probe.connect(("192.0.2.1", 9)) § The kernel looks up the route, and with it the address to send from.
        return probe.getsockname()[0] § getsockname(2): what it chose.`,
  },
  raises: {
    text: `
@contextlib.contextmanager § Makes a function into something for "with".
def raises(name, code): § What stands under "with raises(...)" must fail with this errno.
    """What is done in this block must fail with this errno."""
    try:
        yield § Here the block is run.
    except OSError as problem: § Every failure of a socket is an OSError, with the errno in it: errno(3).
        if problem.errno != code: § Another failure is passed on.
            raise
    else:
        raise Unexpected(f"{name}: it worked, expected {errno.errorcode[code]}") § No failure at all is not what was expected.`,
    imports: ['contextlib', 'errno'],
    needs: ['Unexpected'],
  },
  times_out: {
    text: `
@contextlib.contextmanager § Makes a function into something for "with".
def times_out(name): § What stands under "with times_out(...)" must give up by its timeout.
    """What is done in this block must take longer than its socket's timeout."""
    try:
        yield § Here the block is run.
    except TimeoutError as problem: § ETIMEDOUT is one too, and has its errno.
        if problem.errno is not None: § That is another failure, and is passed on.
            raise
    else:
        raise Unexpected(f"{name}: it worked, expected its timeout to come first") § No failure at all is not what was expected.`,
    imports: ['contextlib'],
    needs: ['Unexpected'],
  },
  expect: {
    text: `
def expect(name, came, wanted): § Compares what came with what was expected.
    if came != wanted: § One other byte is enough.
        raise Unexpected(f"{name}: expected {wanted!r}, and {came!r} came")`,
    needs: ['Unexpected'],
  },
  expect_match: {
    text: `
def expect_match(name, came, pattern): § Looks whether a datagram fits an expression.
    if not re.search(pattern, came): § re.search over bytes.
        raise Unexpected(f"{name}: {came!r} does not fit {pattern!r}")`,
    imports: ['re'],
    needs: ['Unexpected'],
  },
  recv_exactly: {
    text: `
def recv_exactly(name, sock, length): § Reads so many bytes of a stream, in however many pieces they come.
    """recv(2) gives what is there, which may be less: it is asked again until all has come."""
    data = b"" § What has come so far.
    while len(data) < length: § A stream has no messages: one send may come in several pieces.
        try:
            piece = sock.recv(length - len(data)) § recv(2): waits for something, and gives no more than asked for.
        except TimeoutError:
            raise Unexpected(f"{name}: {len(data)} of {length} bytes came in time: {data!r}") from None
        if not piece: § No bytes at all: the peer has finished (FIN).
            raise Unexpected(f"{name}: {len(data)} of {length} bytes came, and then the end: {data!r}")
        data += piece § What came is put behind what was there.
    return data`,
    needs: ['Unexpected'],
  },
  recv_match: {
    text: `
def recv_match(name, sock, pattern, seconds): § Reads a stream up to where an expression fits.
    """Looks at what has come (MSG_PEEK leaves it there) until it fits, and takes it up to the end of the match."""
    deadline = time.monotonic() + seconds
    while not (found := re.search(pattern, data := sock.recv(65536, socket.MSG_PEEK))): § recv(2) with MSG_PEEK: reads, and leaves it in the kernel.
        if time.monotonic() > deadline:
            raise Unexpected(f"{name}: {data!r} does not fit {pattern!r}")
        time.sleep(0.01) § What is there does not fit yet; to look again at once would only keep the processor busy.
    return recv_exactly(name, sock, found.end()) § What comes after the match stays for the next read.`,
    imports: ['re', 'time'],
    needs: ['Unexpected', 'recv_exactly'],
  },
  expect_end: {
    text: `
def expect_end(name, sock): § The peer finishes now, and nothing comes before that.
    """The peer has finished once recv gives no bytes."""
    data = sock.recv(65536) § recv(2) gives no bytes when FIN has come, and raises ECONNRESET after RST.
    if data: § Something came instead of the end.
        raise Unexpected(f"{name}: expected its end, and {data!r} came")`,
    needs: ['Unexpected'],
  },
  read_to_end: {
    text: `
def read_to_end(sock): § Reads whatever comes until the peer has finished.
    while sock.recv(65536): § recv(2) gives no bytes once FIN has come.
        pass`,
  },
  expect_broken: {
    text: `
def expect_broken(name, sock, seconds): § RST comes after FIN.
    """recv gives no bytes once FIN has come, RST or not: poll(2) and SO_ERROR tell of it."""
    watch = select.poll() § poll(2)
    watch.register(sock, 0) § POLLERR and POLLHUP are told without asking.
    watch.poll(seconds * 1000)
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) § SO_ERROR of socket(7): EPIPE, as FIN had come before.
    if code not in (errno.EPIPE, errno.ECONNRESET):
        raise Unexpected(f"{name}: expected RST, SO_ERROR is {code}")`,
    imports: ['select', 'errno'],
    needs: ['Unexpected'],
  },
  expect_nothing: {
    text: `
def expect_nothing(name, sock, seconds): § For so long nothing comes.
    before = sock.gettimeout()
    sock.settimeout(seconds) § From here on a read gives up after so many seconds.
    try:
        data = sock.recv(65536) § If it comes back with anything, that is not what was expected.
    except TimeoutError: § Nothing came: so it should be.
        sock.settimeout(before)
        return
    raise Unexpected(f"{name}: expected nothing, and " + (f"{data!r} came" if data else "its end came"))`,
    needs: ['Unexpected'],
  },
  read_what_is_there: {
    text: `
def read_what_is_there(sock): § Takes what has come and nobody has read.
    """close(2) with unread bytes would send RST instead of FIN: they are read first."""
    with contextlib.suppress(OSError): § Nothing more is there: BlockingIOError (EAGAIN).
        while sock.recv(65536, socket.MSG_DONTWAIT): § recv(2) with MSG_DONTWAIT gives up at once where it would wait.
            pass`,
    imports: ['contextlib'],
  },
  expect_dialling: {
    text: `
def expect_dialling(name, sock, seconds): § For so long nobody answers the call.
    if select.select([], [sock], [], seconds)[1]: § select(2): a socket that connects can be written to once it is connected, or has failed.
        raise Unexpected(f"{name}: somebody answered, expected no answer")`,
    imports: ['select'],
    needs: ['Unexpected'],
  },
  finish_connect: {
    text: `
def finish_connect(name, sock, seconds): § Waits until a call that was begun is answered.
    if not select.select([], [sock], [], seconds)[1]: § select(2): it can be written to once it is connected, or has failed.
        raise Unexpected(f"{name}: nobody answered in time")
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) § SO_ERROR of socket(7): what connect(2) came to; 0 where it worked.
    if code:
        raise OSError(code, os.strerror(code))`,
    imports: ['select', 'os'],
    needs: ['Unexpected'],
  },
  tcp_info: {
    text: `
def tcp_info(sock, offset, form): § Reads one number of the kernel's about a TCP socket.
    """TCP_INFO of tcp(7) fills struct tcp_info of <linux/tcp.h>; a number stands at its offset there."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256) § getsockopt(2)
    return struct.unpack_from(form, info, offset)[0]`,
    imports: ['struct'],
  },
  queue_bytes: {
    text: `
def queue_bytes(sock, request): § Asks how many bytes lie in one of a socket's queues.
    return struct.unpack("i", fcntl.ioctl(sock, request, bytes(4)))[0] § ioctl(2): SIOCINQ or SIOCOUTQ of tcp(7).`,
    imports: ['struct', 'fcntl'],
  },
  mem_info: {
    text: `
def mem_info(sock, index): § Reads one number of the memory that a socket takes.
    """SO_MEMINFO fills an array; its places are the SK_MEMINFO_... of <linux/sock_diag.h>."""
    numbers = sock.getsockopt(socket.SOL_SOCKET, 55, 64) § getsockopt(2); 55 is SO_MEMINFO, for which Python has no name.
    return struct.unpack_from("I", numbers, 4 * index)[0]`,
    imports: ['struct'],
  },
  peer_credential: {
    text: `
def peer_credential(sock, index): § Who was at the other end when the connection was made.
    """SO_PEERCRED of unix(7) fills struct ucred: pid, uid, gid."""
    return struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[index] § getsockopt(2)`,
    imports: ['struct'],
  },
  expect_number: {
    text: `
def expect_number(name, look, fits, wanted, seconds): § The kernel's number comes to what is expected, within so long.
    deadline = time.monotonic() + seconds
    while not fits(number := look()): § Nothing tells when it changes: it is looked at again and again.
        if time.monotonic() > deadline:
            raise Unexpected(f"{name}: it is {number}, expected {wanted}")
        time.sleep(0.02)`,
    imports: ['time'],
    needs: ['Unexpected'],
  },
  unplug: {
    text: `
def unplug(sock): § Loses whatever is sent to this socket from here on.
    """Attaches a filter of one instruction, "let through 0 bytes" (SO_ATTACH_FILTER of socket(7)), as if a cable were pulled out."""
    drop = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0)) § struct sock_filter: BPF_RET, 0 bytes.
    program = struct.pack("HP", 1, ctypes.addressof(drop)) § struct sock_fprog: one instruction, and where it lies.
    sock.setsockopt(socket.SOL_SOCKET, 26, program) § 26 is SO_ATTACH_FILTER, for which Python has no name.`,
    imports: ['ctypes', 'struct'],
  },
  expect_gone: {
    text: `
def expect_gone(name, thread, seconds): § A caller has gone.
    thread.join(seconds) § Waits for the end of the thread that answers it.
    if thread.is_alive():
        raise Unexpected(f"{name}: the caller is still there")`,
    needs: ['Unexpected'],
  },
  Caller: {
    text: `
class Caller: § One caller of a server that answers in the background.
    """A caller that a thread answers. What it sends can be read here too, as from a socket."""

    def __init__(self, conn): § Made when it is accepted.
        self.conn = conn
        self.came = queue.SimpleQueue() § What it has sent, piece by piece; the thread puts, we take.
        self.rest = b""
        self.timeout = 5

    def read(self): § recv for the thread that answers.
        try:
            data = self.conn.recv(65536) § recv(2)
        except OSError as problem: § A reset is something that came, too.
            self.came.put(problem)
            raise
        self.came.put(data)
        return data

    def recv(self, size, flags=0): § As socket.recv, of what the thread has read.
        if not self.rest:
            try:
                self.rest = self.came.get(timeout=self.timeout)
            except queue.Empty:
                raise TimeoutError("timed out") from None
        if isinstance(self.rest, OSError):
            raise self.rest
        data = self.rest[:size]
        if not flags & socket.MSG_PEEK:
            self.rest = self.rest[size:]
        return data

    def settimeout(self, seconds): § As that of a socket.
        self.timeout = seconds

    def gettimeout(self):
        return self.timeout`,
    imports: ['queue'],
  },
  pass_on: {
    text: `
def pass_on(read, to): § What is said in one direction.
    """Passes on what one side says, and its end."""
    with contextlib.suppress(OSError):
        while data := read(65536): § recv(2), until that side has finished.
            to.sendall(data) § send(2)
        to.shutdown(socket.SHUT_WR) § shutdown(2): hands its FIN on.`,
    imports: ['contextlib'],
  },
  in_background: {
    text: `
class Call(threading.Thread): § One call that may block, in a thread of its own.
    """A call in a thread of its own: it may block, and we go on."""

    def __init__(self, function):
        super().__init__(daemon=True) § A daemon thread does not keep the program from ending.
        self.function = function
        self.gave = self.problem = None
        self.start()

    def run(self): § What the thread does.
        try:
            self.gave = self.function()
        except OSError as problem:
            self.problem = problem

    def result(self, seconds): § Waits until the call has come back, and tells what it gave.
        self.join(seconds)
        if self.is_alive():
            raise Unexpected("a call has not come back in time")
        if self.problem:
            raise self.problem
        return self.gave

    def expect_blocked(self, seconds): § The call is still under way after so long.
        self.join(seconds)
        if not self.is_alive():
            raise Unexpected(f"a call came back with {self.problem or self.gave!r}, expected it to block")`,
    imports: ['threading'],
    needs: ['Unexpected'],
  },
}
