"""Connections of a server that stops, under TLS."""

import socket
import ssl
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn

from equipoise.server.connections import Connection

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
