"""Streams held open by one event loop, each noting when an event reached it."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

READ_BYTES = 1 << 20


class Stream:
    """One stream of an environment."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int, key: str) -> tuple["Stream", float]:
        """The stream, and milliseconds from before the connection to the end of the first event."""
        began = perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=READ_BYTES)
        writer.write(f"GET /all HTTP/1.1\r\nHost: here\r\nAuthorization: {key}\r\n\r\n".encode())
        stream = cls(reader, writer)
        await stream.event(b"event: put")
        return stream, (perf_counter() - began) * 1000

    async def event(self, name: bytes) -> float:
        """When an event of this name was there, whole. A heartbeat is none."""
        seen = bytearray()
        while True:
            start = seen.find(name)
            if start >= 0 and seen.find(b"\n\n", start) >= 0:
                return perf_counter()
            part = await self._reader.read(READ_BYTES)
            if not part:
                raise ConnectionError(f"the stream ended: {bytes(seen[:500])!r}")
            seen += part

    async def close(self) -> None:
        self._writer.close()


async def first_event(port: int, key: str) -> float:
    """Milliseconds until a new listener has everything."""
    stream, milliseconds = await Stream.open(port, key)
    await stream.close()
    return milliseconds


async def reached(
    port: int, key: str, listeners: int, rounds: int, change: Callable[[int], Awaitable[None]]
) -> tuple[float, list[list[float]]]:
    """Milliseconds until the last of so many who come at once has everything; and for each round those from
    before a change is asked for until each listener has it."""
    began = perf_counter()
    opened = await asyncio.gather(*(Stream.open(port, key) for _ in range(listeners)))
    crowd = (perf_counter() - began) * 1000
    streams = [stream for stream, _ in opened]
    latencies = []
    for number in range(rounds):
        asked = perf_counter()
        waiting = [asyncio.ensure_future(stream.event(b"event: patch")) for stream in streams]
        await change(number)
        latencies.append([(each - asked) * 1000 for each in await asyncio.gather(*waiting)])
        await asyncio.sleep(0.1)
    for stream in streams:
        await stream.close()
    return crowd, latencies
