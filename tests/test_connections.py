"""Connections of clients that do not listen, once the server stops or has given them up."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn

from equipoise.server.connections import Connection
from equipoise.translation.doors import ABORT

GRACE_SECONDS = 20


async def hello(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_client_that_rests_does_not_keep_a_server_that_is_told_to_stop(
    certificate: Path, loop: Any
) -> None:
    public, private = str(certificate / "certificate.pem"), str(certificate / "key.pem")
    config = uvicorn.Config(
        hello,
        http=Connection,
        loop=loop,
        lifespan="off",
        log_config=None,
        ssl_certfile=public,
        ssl_keyfile=private,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = Thread(target=server.run, args=([listener],))
        serving.start()
        trust = ssl.create_default_context(cafile=public)
        with socket.create_connection(listener.getsockname(), 30) as plain:
            resting = trust.wrap_socket(plain, server_hostname="127.0.0.1")
            resting.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert resting.recv(1_024).startswith(b"HTTP/1.1 200")
            began = time.monotonic()
            server.should_exit = True
            serving.join()
            assert time.monotonic() - began < GRACE_SECONDS / 2
            resting.close()


async def pour(scope: Any, receive: Any, send: Any) -> None:
    """More than waits anywhere, to a client that takes none of it."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    try:
        async with asyncio.timeout(0.2):
            while True:
                await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
    except TimeoutError:
        scope["extensions"][ABORT]["now"]()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_client_that_does_not_read_is_gone_as_soon_as_it_is_given_up(
    loop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server = uvicorn.Server(uvicorn.Config(pour, http=Connection, loop=loop, lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = Thread(target=server.run, args=([listener],), daemon=True)
        serving.start()
        with socket.create_connection(listener.getsockname(), 30) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            wait_until(lambda: len(server.server_state.connections) == 1)
            wait_until(lambda: not server.server_state.connections)
            server.should_exit = True
            serving.join()
    assert "without completing" not in caplog.text


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + GRACE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)
