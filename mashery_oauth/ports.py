"""One port for several processes: a listening socket for each, and the kernel spreads connections over them.

A single socket for all is emptied by whichever process wakes first, so that a burst lands on one.
The sockets belong to the process that starts the others: what waits in one outlives who was to take it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import socket
import struct
import sys
from contextlib import suppress

BACKLOG = 1024  # connections that wait to be taken, at each socket; the system may allow fewer
NO_NAME = "no host can have such a name"
CAN_SPREAD = sys.platform == "linux"  # elsewhere SO_REUSEPORT means something else, or nothing

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h; Python has no name for it
_NO_BEGINNINGS = (  # classic BPF, on a TCP header: code, jump if true, jump if false, operand
    (0x30, 0, 0, 13),  # the flags;
    (0x54, 0, 0, 0x12),  # of them SYN and ACK:
    (0x15, 0, 1, 0x02),  # SYN alone
    (0x06, 0, 0, 0),  # is dropped,
    (0x06, 0, 0, 0xFFFFFFFF),  # all else passes, whole
)


def listen(sock: socket.socket, processes: int) -> list[socket.socket]:
    """Listens on a bound socket, and on more at its address: one for each process, or one for all.

    :raises OSError: another service listens there. The first one listens alone, so that two services never share.
    """
    sock.listen(BACKLOG)
    if not CAN_SPREAD:
        return [sock]
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return [sock, *(_beside(sock) for _ in range(processes - 1))]


def _beside(sock: socket.socket) -> socket.socket:
    made = socket.socket(sock.family, sock.type, sock.proto)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(sock.getsockname())
    made.listen(BACKLOG)
    return made


def refuse_new(sock: socket.socket) -> None:
    """Lets no new connection begin at a listening socket; those that have begun get in.

    Without it one could get in between the last that is taken and the end of listening, and be reset.
    Who is turned away tries again after a second, and is refused if nobody listens by then.
    """
    if not CAN_SPREAD:
        return
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _NO_BEGINNINGS)
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HL", len(_NO_BEGINNINGS), ctypes.addressof(kept))
    with suppress(OSError):  # a system that knows no filters: a gap of microseconds remains
        sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def not_had(host: str, port: int, error: OSError, *, option: str) -> str:
    """The sentence for whoever started a service whose port cannot be had.

    :param option: of the command line, with which another port is named.
    """
    is_of_the_system = error.errno is not None and error.errno > 0  # those of the resolver are below
    reason = os.strerror(error.errno or 0) if is_of_the_system else error.strerror  # Python tells the address once more
    problem = f"port {port} on {host} cannot be had: {reason}"
    is_of_the_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
    return f"{problem}; {option} names another, {option} 0 takes any free one" if is_of_the_port else problem


def has_waiting(sock: socket.socket) -> bool:
    """Whether a listening socket has a connection that nobody has taken yet."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
