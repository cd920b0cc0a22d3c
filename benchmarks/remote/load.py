"""A load generator that costs less than what it asks: requests that are bytes already, answers that are
hardly looked at, over keep-alive connections from a process of its own."""

import asyncio
import os
import time
from itertools import cycle
from multiprocessing import get_context
from typing import Any

import uvloop

from benchmarks.load import Result

STATUS = slice(9, 12)


def measure(port: int, requests: list[bytes], clients: int, seconds: float, core: int | None) -> Result:
    """Sends as fast as the answers come back; `core` is the processor it keeps to."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(False)
    process = context.Process(target=_work, args=(port, requests, clients, seconds, core, sender))
    process.start()
    result: Result = receiver.recv()
    process.join()
    return result


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    said = {"Host": "127.0.0.1", **headers}
    if body:
        said |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _work(port: int, requests: list[bytes], clients: int, seconds: float, core: int | None, to: Any) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    to.send(uvloop.run(_run(port, requests, clients, seconds)))


async def _run(port: int, requests: list[bytes], clients: int, seconds: float) -> Result:
    loop, load = asyncio.get_running_loop(), _Load(requests, seconds)
    for _ in range(clients):
        await loop.create_connection(lambda: _Client(load), "127.0.0.1", port)
    await load.over.wait()
    load.latencies.sort()
    many = len(load.latencies)
    p50, p99 = (load.latencies[int(many * share)] * 1_000 for share in (0.5, 0.99))
    return Result(many / seconds, p50, p99, load.statuses)


class _Load:
    """What all clients share; the clock runs from the first request."""

    def __init__(self, requests: list[bytes], seconds: float) -> None:
        self.requests = cycle(requests)
        self.end = time.perf_counter() + seconds
        self.latencies: list[float] = []
        self.statuses: dict[int, int] = {}
        self.over = asyncio.Event()


class _Client(asyncio.Protocol):
    def __init__(self, load: _Load) -> None:
        self._load, self._answer, self._began = load, b"", 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        answer = self._answer + data if self._answer else data
        if not _whole(answer):
            self._answer = answer
            return
        now, load, self._answer = time.perf_counter(), self._load, b""
        load.latencies.append(now - self._began)
        status = int(answer[STATUS])
        load.statuses[status] = load.statuses.get(status, 0) + 1
        if now < load.end:
            self._ask()
        else:
            self._transport.close()
            load.over.set()

    def _ask(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self._load.requests))


def _whole(answer: bytes) -> bool:
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    at = answer.find(b"ontent-length: ", 0, head) if b"ontent-length: " in answer[:head] else -1
    if at < 0:
        return True
    length = int(answer[at + 15 : answer.index(b"\r\n", at)])
    return len(answer) >= head + 4 + length
