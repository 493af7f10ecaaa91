"""Makes calls that stand in JSON lines on standard input, one at a time, and prints what each gives: its repr, or the exception."""
import json
import socket
import sys

sockets = {}
files = {}


def flags(names):
    value = 0
    for name in names:
        value |= getattr(socket, name)
    return value


def address(of):
    if of["family"] == "AF_UNIX":
        path = of["path"]
        return "\0" + path[1:] if path.startswith("@") else path
    return (of["host"], of["port"])


def call(act):
    name = act["call"]
    if name == "socket":
        made = socket.socket(getattr(socket, act["family"]), getattr(socket, act["type"]))
        sockets["S%d" % (len(sockets) + 1)] = made
        return None
    s = sockets[act["socket"]]
    if name == "accept":
        made, peer = s.accept()
        sockets["S%d" % (len(sockets) + 1)] = made
        return peer
    if name in ("bind", "connect", "connect_ex"):
        return getattr(s, name)(address(act["address"]))
    if name == "listen":
        return s.listen(act["backlog"])
    if name in ("recv", "recvfrom"):
        return getattr(s, name)(act["bufsize"], flags(act["flags"]))
    if name in ("send", "sendall"):
        return getattr(s, name)(act["text"].encode(), flags(act["flags"]))
    if name == "sendto":
        return s.sendto(act["text"].encode(), flags(act["flags"]), address(act["address"]))
    if name == "shutdown":
        return s.shutdown(getattr(socket, act["how"]))
    if name == "setblocking":
        return s.setblocking(act["flag"])
    if name == "settimeout":
        return s.settimeout(act["seconds"])
    if name in ("getsockopt", "setsockopt"):
        option = act["option"]
        level = socket.SOL_SOCKET if option.startswith("SO_") else socket.IPPROTO_TCP
        if name == "getsockopt":
            return s.getsockopt(level, getattr(socket, option))
        return s.setsockopt(level, getattr(socket, option), act["value"])
    if name == "makefile":
        files[act["socket"]] = s.makefile("rb")
        return None
    if name == "readline":
        return files[act["socket"]].readline()
    if name == "close" and act["socket"] in files:
        files[act["socket"]].close()
    return getattr(s, name)()


for line in sys.stdin:
    try:
        told = repr(call(json.loads(line)))
    except OSError as error:
        told = "%s: %s" % (type(error).__name__, error)
    print(json.dumps(told), flush=True)
