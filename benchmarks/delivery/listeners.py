"""Streams of one environment, each noting when an event reached it."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

from tests.flows.streams import Stream


async def opened(port: int, key: str) -> tuple[Stream, float]:
    """A stream, and milliseconds from before the connection to the end of the first event."""
    began = perf_counter()
    stream = await Stream.open(port, "/all", key)
    await stream.until("put")
    return stream, (perf_counter() - began) * 1000


async def first_event(port: int, key: str) -> float:
    """Milliseconds until a new listener has everything."""
    stream, milliseconds = await opened(port, key)
    stream.close()
    return milliseconds


async def reached(
    port: int, key: str, listeners: int, rounds: int, change: Callable[[int], Awaitable[None]]
) -> tuple[float, list[list[float]]]:
    """Milliseconds until the last of so many who come at once has everything; and for each round those from
    before a change is asked for until each listener has it."""
    began = perf_counter()
    found = await asyncio.gather(*(opened(port, key) for _ in range(listeners)))
    crowd = (perf_counter() - began) * 1000
    streams = [stream for stream, _ in found]
    latencies = []
    for number in range(rounds):
        asked = perf_counter()
        waiting = [asyncio.ensure_future(_told(stream)) for stream in streams]
        await change(number)
        latencies.append([(each - asked) * 1000 for each in await asyncio.gather(*waiting)])
        await asyncio.sleep(0.1)
    for stream in streams:
        stream.close()
    return crowd, latencies


async def _told(stream: Stream) -> float:
    await stream.until("patch")
    return perf_counter()
