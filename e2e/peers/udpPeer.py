"""A UDP socket, driven line by line from standard input. It says what came, as JSON lines.

    udpPeer.py HOST PORT [echo]

Commands: {"do": "send", "hex": ..., "host": ..., "port": N}  {"do": "flood", "count": N, "host": ..., "port": N}
Facts: bound, received (with the sender's address), sent.
"""

import json
import socket
import sys
import threading
import time

telling = threading.Lock()


def tell(fact, **more):
    with telling:
        sys.stdout.write(json.dumps({"fact": fact, **more}) + "\n")
        sys.stdout.flush()


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    echoes = sys.argv[3:] == ["echo"]
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, port))
    tell("bound", port=sock.getsockname()[1])

    def read():
        while True:
            data, sender = sock.recvfrom(65535)
            if echoes:
                sock.sendto(data, sender)
            tell("received", hex=data.hex(), host=sender[0], port=sender[1])

    threading.Thread(target=read, daemon=True).start()
    for line in sys.stdin:
        command = json.loads(line)
        to = (command["host"], command["port"])
        if command["do"] == "send":
            sock.sendto(bytes.fromhex(command["hex"]), to)
            tell("sent", count=1)
        elif command["do"] == "flood":
            for n in range(command["count"]):
                sock.sendto(b"%08d" % n, to)
                # A kernel drops what a receiver's buffer has no room for: 40 a millisecond is far from that.
                if n % 40 == 39:
                    time.sleep(0.001)
            tell("sent", count=command["count"])
        else:
            raise ValueError("unknown command " + command["do"])


main()
