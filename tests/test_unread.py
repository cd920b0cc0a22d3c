"""Who takes nothing of an answer is let go; who takes it slowly is waited for, under TLS as without."""

import socket
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import pytest

from equipoise.server import connections
from equipoise.server.unread import taken_of
from tests.fixtures_connections import HEAD, connected, heard

LARGE = 8 * 1024 * 1024
ROOM = 4_096


@pytest.fixture(params=["asyncio", "uvloop", "asyncio under TLS", "uvloop under TLS"])
def client(request: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """It asked for more than waits anywhere, has room for little, and took nothing yet."""
    monkeypatch.setattr(connections, "SEND_SECONDS_MAX", 1.0)
    loop, _, secure = request.param.partition(" under ")
    with connected(loop, certificate if secure else None) as (_, found):
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        found.sendall(HEAD.replace(b": 4", b": %d" % LARGE) + b"Expect: 100-continue\r\n\r\n")
        assert b"100 Continue" in heard(found, b"\r\n\r\n")
        found.sendall(b"a" * LARGE)
        yield found


def held(client: socket.socket) -> bool:
    """Whether the server still has its end of the connection."""
    return any(each.raddr == client.getsockname() for each in psutil.Process().net_connections("tcp4"))


def test_who_takes_nothing_is_let_go(client: socket.socket) -> None:
    end = monotonic() + 20
    while held(client):
        assert monotonic() < end, "it is kept for ever"
        sleep(0.05)


def test_who_takes_a_little_at_a_time_is_waited_for(client: socket.socket) -> None:
    """Some 100 kB between two looks: less than a socket wants to be free before it is writable again."""
    end = monotonic() + 3.5
    while monotonic() < end:
        assert client.recv(8_192)
        sleep(0.05)
    assert held(client)


def test_what_was_taken_whole_waits_for_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    with near, far:
        assert taken_of(near.fileno()) is None
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        near.setblocking(False)
        near.send(b"a" * LARGE)
        sleep(0.2)
        taken = taken_of(near.fileno())
        assert taken is not None
        assert taken_of(near.fileno()) == taken
        far.recv(65_536)
        far.recv(65_536)
        sleep(0.2)
        more = taken_of(near.fileno())
        assert more is not None
        assert more > taken
    assert taken_of(near.fileno()) is None
