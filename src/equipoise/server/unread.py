"""Whether a client takes what it was sent, as the kernel sees it: under TLS too, and however slowly.

What a connection still holds in this process says neither. A socket is writable again only once a good part
of its buffer is free, and TLS has a buffer of its own.
"""

import fcntl
import os
import socket
import struct
import sys
import termios

_ACKNOWLEDGED = struct.Struct("=Q")  # tcpi_bytes_acked of tcp(7), since Linux 4.1
_AT = 120
_QUEUED = struct.Struct("=i")


def taken_of(descriptor: int) -> int | None:
    """Bytes that the client took so far, where some wait for it; None where it took all, or nobody can tell.

    descriptor  of a TCP socket
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        (waits,) = _QUEUED.unpack(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(_QUEUED.size)))
        if not waits:
            return None
        with socket.socket(fileno=os.dup(descriptor)) as same:
            said = same.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _AT + _ACKNOWLEDGED.size)
    except (OSError, ValueError):  # it is closed
        return None
    if len(said) < _AT + _ACKNOWLEDGED.size:
        return None
    (taken,) = _ACKNOWLEDGED.unpack_from(said, _AT)
    return int(taken)
