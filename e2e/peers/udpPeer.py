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

# A datagram of some bytes takes about 768 of the buffer, which holds 212,992 unless somebody asked for more.
BATCH = 100
ROOM_BYTES = 65536

telling = threading.Lock()


def tell(fact, **more):
    with telling:
        sys.stdout.write(json.dumps({"fact": fact, **more}) + "\n")
        sys.stdout.flush()


def wait_for_room(port):
    """Until the receiver has read most of what it was sent: a kernel drops what its buffer has no room for.

    proc(5), /proc/net/udp: the second field is the local address, the fifth the bytes in its two queues.
    """
    while True:
        with open("/proc/net/udp") as sockets:
            fields = [line.split() for line in sockets][1:]
        queued = [int(each[4].split(":")[1], 16) for each in fields if int(each[1].split(":")[1], 16) == port]
        if sum(queued) < ROOM_BYTES:
            return
        time.sleep(0)


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
                if n % BATCH == 0:
                    wait_for_room(command["port"])
                sock.sendto(b"%08d" % n, to)
            tell("sent", count=command["count"])
        else:
            raise ValueError("unknown command " + command["do"])


main()
