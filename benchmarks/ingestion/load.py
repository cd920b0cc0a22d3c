"""Clients that post prepared bodies over kept connections, in a process of their own."""

import asyncio
from multiprocessing import get_context
from time import perf_counter
from typing import Any

from msgspec import Struct


class Posting(Struct):
    """Bodies, each with its payload id, to send over so many connections at once."""

    port: int
    key: str
    bodies: tuple[tuple[str, bytes], ...]
    connections: int


def seconds(posting: Posting) -> float:
    """From the first request to the last acknowledgement."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(False)
    process = context.Process(target=_work, args=(posting, sender))
    process.start()
    took: float = receiver.recv()
    process.join()
    return took


def _work(posting: Posting, sender: Any) -> None:
    sender.send(asyncio.run(_run(posting)))


async def _run(posting: Posting) -> float:
    left = iter([_request(posting.key, *body) for body in posting.bodies])
    streams = [await asyncio.open_connection("127.0.0.1", posting.port) for _ in range(posting.connections)]
    began = perf_counter()
    await asyncio.gather(*(_client(reader, writer, left) for reader, writer in streams))
    took = perf_counter() - began
    for _, writer in streams:
        writer.close()
    return took


async def _client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: Any) -> None:
    for request in left:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 202"), head


def _request(key: str, payload: str, body: bytes) -> bytes:
    head = (
        f"POST /bulk HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Encoding: gzip\r\n"
        f"X-LaunchDarkly-Payload-ID: {payload}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
