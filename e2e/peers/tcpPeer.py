"""One end of TCP connections, driven line by line from standard input. It says what its kernel told it, as JSON lines.

    tcpPeer.py listen HOST PORT        tcpPeer.py dial HOST PORT [COUNT]
    tcpPeer.py listen unix PATH        tcpPeer.py dial unix PATH      (PATH may begin with @: an abstract name)

Commands, one JSON object a line, each about connection `n` (0 when absent):
    {"do": "send", "hex": ...}  {"do": "flood", "bytes": N, "chunk": N}  {"do": "finish"}  {"do": "close"}  {"do": "reset"}
    {"do": "stop"} stops reading, {"do": "go"} reads on, {"do": "sum"} asks for the totals
Facts: listening, connected, received, eof, error, sent, finished, closed, sum.
"""

import errno
import hashlib
import json
import select
import socket
import struct
import sys
import threading

KEPT_BYTES = 1 << 20
telling = threading.Lock()


def tell(fact, **more):
    with telling:
        sys.stdout.write(json.dumps({"fact": fact, **more}) + "\n")
        sys.stdout.flush()


class Wire:
    """One connection: a thread reads it, the main thread writes it."""

    def __init__(self, n, sock):
        self.n, self.sock = n, sock
        self.received, self.sent = hashlib.sha256(), hashlib.sha256()
        self.received_bytes = self.sent_bytes = self.pieces = 0
        # The reader waits in poll, not in recv: close(2) has no effect on the wire while a thread is inside recv(2).
        self.bell, self.ringer = socket.socketpair()
        self.reader = None

    def begin(self):
        tell("connected", n=self.n, **greeting(self.sock))
        self.read_on()

    def read_on(self):
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def stop_reading(self):
        self.ringer.send(b"!")
        self.reader.join()
        self.bell.recv(1)

    def read(self):
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        poll.register(self.bell, select.POLLIN)
        while True:
            if self.bell.fileno() in (fd for fd, _ in poll.poll()):
                return
            try:
                chunk = self.sock.recv(262144)
            except OSError as error:
                tell("error", n=self.n, call="recv", code=errno_name(error))
                return
            if chunk == b"":
                tell("eof", n=self.n, total=self.received_bytes)
                return
            self.received.update(chunk)
            self.received_bytes += len(chunk)
            kept = {"hex": chunk.hex()} if self.received_bytes <= KEPT_BYTES else {}
            tell("received", n=self.n, total=self.received_bytes, **kept)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            tell("error", n=self.n, call="send", code=errno_name(error))
            return False
        self.sent.update(data)
        self.sent_bytes += len(data)
        return True

    def flood(self, total, chunk):
        """Each piece holds its own number, over and over, counted on from flood to flood: any place tells where it must lie."""
        while total > 0:
            piece = (b"%015d\n" % self.pieces) * (chunk // 16 + 1)
            piece = piece[: min(chunk, total)]
            if not self.send(piece):
                return
            total -= len(piece)
            self.pieces += 1

    def close(self, resets=False):
        self.stop_reading()
        if resets:
            # SO_LINGER with a time of 0: close(2) sends RST instead of FIN (socket(7), tcp(7)).
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def act(self, command):
        do = command["do"]
        if do == "send":
            self.send(bytes.fromhex(command["hex"]))
            tell("sent", n=self.n, total=self.sent_bytes)
        elif do == "flood":
            self.flood(command["bytes"], command["chunk"])
            tell("sent", n=self.n, total=self.sent_bytes)
        elif do == "finish":
            self.sock.shutdown(socket.SHUT_WR)
            tell("finished", n=self.n)
        elif do in ("close", "reset"):
            self.close(resets=do == "reset")
            tell("closed", n=self.n)
        elif do == "stop":
            self.stop_reading()
        elif do == "go":
            self.read_on()
        elif do == "sum":
            tell(
                "sum",
                n=self.n,
                receivedBytes=self.received_bytes,
                receivedSha256=self.received.hexdigest(),
                sentBytes=self.sent_bytes,
                sentSha256=self.sent.hexdigest(),
            )
        else:
            raise ValueError("unknown command " + do)


def errno_name(error):
    return errno.errorcode.get(error.errno, str(error.errno))


def unix_name(path):
    return "\0" + path[1:] if path.startswith("@") else path


def address(host, port):
    """Family and address of what the arguments name."""
    if host == "unix":
        return socket.AF_UNIX, unix_name(port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return family, (host, int(port))


def greeting(sock):
    if sock.family == socket.AF_UNIX:
        return {}
    return {"localPort": sock.getsockname()[1], "remotePort": sock.getpeername()[1]}


def main():
    role, host, port = sys.argv[1:4]
    family, at = address(host, port)
    wires = []

    def take(sock):
        # In the list before it is told of: the next command may be about it.
        wires.append(Wire(len(wires), sock))
        wires[-1].begin()

    if role == "dial":
        for _ in range(int(sys.argv[4]) if len(sys.argv) > 4 else 1):
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.connect(at)
            take(sock)
    else:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(at)
        sock.listen(128)
        tell("listening", port=None if family == socket.AF_UNIX else sock.getsockname()[1])

        def accept():
            while True:
                accepted, _ = sock.accept()
                take(accepted)

        threading.Thread(target=accept, daemon=True).start()
    for line in sys.stdin:
        command = json.loads(line)
        wires[command.get("n", 0)].act(command)


main()
