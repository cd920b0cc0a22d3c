"""A load generator that costs little: prepared requests over keep-alive connections, one process."""

import asyncio
import time
from itertools import count
from multiprocessing import get_context
from statistics import median

from msgspec import Struct


class Result(Struct):
    """Requests per second, and latencies in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]


class Asked(Struct):
    """A request to send again and again; `%d` in the body is replaced by a number that grows."""

    port: int
    method: str
    path: str
    token: str
    body: str = ""


def measure(asked: Asked, clients: int, seconds: float) -> Result:
    """Sends as fast as the answers come back, from a process of its own."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(False)
    process = context.Process(target=_work, args=(asked, clients, seconds, sender))
    process.start()
    result: Result = receiver.recv()
    process.join()
    return result


def _work(asked: Asked, clients: int, seconds: float, sender) -> None:  # type: ignore[no-untyped-def]
    sender.send(asyncio.run(_run(asked, clients, seconds)))


async def _run(asked: Asked, clients: int, seconds: float) -> Result:
    numbers = count(time.time_ns() // 1000)
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    end = time.perf_counter() + seconds
    began = time.perf_counter()
    await asyncio.gather(*(_client(asked, numbers, end, latencies, statuses) for _ in range(clients)))
    took = time.perf_counter() - began
    latencies.sort()
    return Result(
        rate=len(latencies) / took,
        p50_ms=median(latencies) * 1000,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1000,
        statuses=statuses,
    )


async def _client(asked, numbers, end, latencies, statuses) -> None:  # type: ignore[no-untyped-def]
    reader, writer = await asyncio.open_connection("127.0.0.1", asked.port)
    while time.perf_counter() < end:
        writer.write(_request(asked, next(numbers)))
        began = time.perf_counter()
        status = await _answer(reader)
        latencies.append(time.perf_counter() - began)
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()


def _request(asked: Asked, number: int) -> bytes:
    body = (asked.body % number if "%d" in asked.body else asked.body).encode()
    head = (
        f"{asked.method} {asked.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {asked.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        if line[:15].lower() == b"content-length:":
            length = int(line[15:])
    if length:
        await reader.readexactly(length)
    return int(head[9:12])
