"""A connection to an application that answers some requests where they are read, and says how it did."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn

from equipoise.server.connections import Answering, Connection

HEAD = b"POST /quick HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n"


class Echo:
    """Answers `/quick` at once, and everything the longer way: what came, and how."""

    def __init__(self) -> None:
        self.ways: list[str] = []
        self.read = 0  # heads

    def at_once(self, method: bytes, target: bytes) -> Answering | None:
        self.read += 1
        return self._answer if (method, target) == (b"POST", b"/quick") else None

    def _answer(self, scope: Any, body: bytes) -> tuple[int, bytes] | None:
        if body == b"wait":
            return None
        self.ways.append("at once")
        assert dict(scope["headers"])[b"host"] == b"here"
        return 200, b"content-length: %d\r\n\r\n" % len(body) + body

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        self.ways.append("longer")
        assert scope["path"] == "/quick"
        length = b"%d" % len(body)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def connected(loop: str, certificate: Path | None = None) -> Iterator[tuple[Echo, socket.socket]]:
    """The application, and a connection to it; under TLS where there is a certificate."""
    echo = Echo()
    options: Any = {"loop": loop, "lifespan": "off", "log_config": None, "proxy_headers": False}
    if certificate is not None:
        options["ssl_certfile"] = str(certificate / "certificate.pem")
        options["ssl_keyfile"] = str(certificate / "key.pem")
    server = uvicorn.Server(uvicorn.Config(echo, http=Connection, **options))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = Thread(target=server.run, args=([listener],))
        serving.start()
        with socket.create_connection(listener.getsockname(), 10) as client:
            if certificate is None:
                yield echo, client
            else:
                trust = ssl.create_default_context(cafile=options["ssl_certfile"])
                yield echo, trust.wrap_socket(client, server_hostname="127.0.0.1")
        server.should_exit = True
        serving.join()


@pytest.fixture(params=["asyncio", "uvloop"])
def served(request: Any) -> Iterator[tuple[Echo, socket.socket]]:
    with connected(request.param) as found:
        yield found


def heard(client: socket.socket, *bodies: bytes) -> bytes:
    """What comes until all these did, one after the other."""
    said = b""
    while not all_in(said, bodies):
        more = client.recv(65_536)
        assert more, said
        said += more
    return said


def all_in(said: bytes, bodies: tuple[bytes, ...]) -> bool:
    for body in bodies:
        _, found, said = said.partition(body)
        if not found:
            return False
    return True
