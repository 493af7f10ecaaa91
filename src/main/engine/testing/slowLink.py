"""A link with a delay and losses, made of two TUN devices: one here, one in a network namespace that is there already.

Arguments: namespace, near and far address, milliseconds of delay each way, and N: of every N packets with data that go
to the far side one is lost (0: none). Prints "up" once it carries; ends with its stdin, and both devices with it.
"""
import ctypes
import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import time

namespace, near, far, delay_ms, every = sys.argv[1:6]
DELAY = float(delay_ms) / 1000
EVERY = int(every)
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
CLONE_NEWNET = 0x40000000
# Longer than the headers of a packet without data.
DATA_BYTES = 100


def device(name, own, other):
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH', name.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(['ip', 'addr', 'add', own, 'peer', other, 'dev', name], check=True)
    subprocess.run(['ip', 'link', 'set', name, 'up', 'mtu', '1500'], check=True)
    return fd


near_fd = device('swb' + str(os.getpid()), near, far)
here = os.open('/proc/self/ns/net', os.O_RDONLY)
there = os.open('/var/run/netns/' + namespace, os.O_RDONLY)
libc = ctypes.CDLL(None, use_errno=True)
if libc.setns(there, CLONE_NEWNET) != 0:
    raise OSError(ctypes.get_errno(), 'setns')
far_fd = device('swbfar', far, near)
print('up', flush=True)

waiting = []
order = 0
data_packets = 0
other = {near_fd: far_fd, far_fd: near_fd}
while True:
    timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    ready, _, _ = select.select([near_fd, far_fd, sys.stdin], [], [], timeout)
    if sys.stdin in ready:
        break
    for fd in ready:
        packet = os.read(fd, 65536)
        if fd == near_fd and EVERY and len(packet) > DATA_BYTES:
            data_packets += 1
            if data_packets % EVERY == 0:
                continue
        order += 1
        heapq.heappush(waiting, (time.monotonic() + DELAY, order, other[fd], packet))
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, fd, packet = heapq.heappop(waiting)
        try:
            os.write(fd, packet)
        except OSError:
            pass
