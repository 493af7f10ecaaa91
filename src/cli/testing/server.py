"""A server for one caller. Prints its port, then does what it was started for:

    sink          reads to the end, prints how many bytes came and their SHA-256
    source BYTES  sends that many bytes, prints their SHA-256, closes; reads nothing
    reset         waits for the first bytes, then resets
    slow          reads nothing until a line comes on stdin, then is a sink
    echo          sends back what comes until the caller has finished
"""

import hashlib
import socket
import struct
import sys


def main():
    what = sys.argv[1]
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    caller, _ = listener.accept()
    if what == "slow":
        sys.stdin.readline()
    if what in ("sink", "slow"):
        digest, count = hashlib.sha256(), 0
        while chunk := caller.recv(1 << 20):
            digest.update(chunk)
            count += len(chunk)
        print(count, digest.hexdigest(), flush=True)
    elif what == "source":
        digest, left = hashlib.sha256(), int(sys.argv[2])
        block = bytes(range(256)) * 4096
        while left > 0:
            piece = block[: min(len(block), left)]
            caller.sendall(piece)
            digest.update(piece)
            left -= len(piece)
        print(digest.hexdigest(), flush=True)
    elif what == "reset":
        caller.recv(1)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif what == "echo":
        while chunk := caller.recv(1 << 16):
            caller.sendall(chunk)
    caller.close()


main()
