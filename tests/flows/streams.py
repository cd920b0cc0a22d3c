"""Streams of server-sent events, held open by one event loop: many of them, of any surface."""

import asyncio
import socket
from collections import deque

from equipoise.sdk.stream import Reader

READ_BYTES = 1 << 20


class Stream:
    """One stream, from the end of its headers on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._events = Reader()
        self._ready: deque[tuple[str, bytes]] = deque()

    @classmethod
    async def open(cls, port: int, path: str, key: str = "") -> "Stream":
        """key  what is sent to be let in; "" where nothing has to be"""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=READ_BYTES)
        writer.write(request(path, key))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        return cls(reader, writer)

    async def event(self) -> tuple[str, bytes]:
        """Name and data of the next one. raises ConnectionError at the end"""
        while not self._ready:
            size = int(await self._reader.readuntil(b"\r\n"), 16)
            piece = await self._reader.readexactly(size + 2)
            if not size:
                raise ConnectionError("the stream ended")
            self._ready.extend(self._events.take(piece[:-2]))
        return self._ready.popleft()

    async def until(self, name: str) -> bytes:
        """The data of the next event of that name."""
        while True:
            said, data = await self.event()
            if said == name:
                return data

    def close(self) -> None:
        self._writer.close()

    def drop(self) -> None:
        """As a client that is gone without a word."""
        self._writer.transport.abort()


def request(path: str, key: str) -> bytes:
    entry = f"Authorization: {key}\r\n" if key else ""
    return f"GET {path} HTTP/1.1\r\nHost: here\r\n{entry}\r\n".encode()


def unread(port: int, path: str, key: str) -> socket.socket:
    """A stream that is asked for and not read: as little as can be waits on this side."""
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    stream.connect(("127.0.0.1", port))
    stream.sendall(request(path, key))
    return stream
