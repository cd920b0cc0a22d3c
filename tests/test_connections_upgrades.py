"""Who asks for another protocol: answered in this one, body and all."""

import socket
from time import sleep
from typing import Any

import pytest

from tests.fixtures_connections import HEAD, heard

UPGRADES = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    b"Upgrade: TLS/1.0\r\nConnection: keep-alive, upgrade\r\n",
)


@pytest.mark.parametrize("upgrade", UPGRADES, ids=["HTTP 2", "a websocket", "TLS"])
@pytest.mark.parametrize("body", [b"anna", b"wait"])
def test_who_asks_for_another_protocol_is_answered_in_this_one(
    served: Any, upgrade: bytes, body: bytes
) -> None:
    echo, client = served
    asked = HEAD + upgrade + b"\r\n" + body
    for cut in (len(asked), len(asked) - 4, len(asked) - 2, len(HEAD), 1):
        client.sendall(asked[:cut])
        sleep(0.02)
        client.sendall(asked[cut:] + HEAD + b"\r\notto")
        said = heard(client, body, b"otto")
        assert said.count(b"HTTP/1.1") == said.count(b"HTTP/1.1 200 OK") == 2
    assert len(echo.ways) == 10


def test_such_a_request_keeps_its_place_among_others_and_its_chunks(served: Any) -> None:
    echo, client = served
    chunked = HEAD.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked") + UPGRADES[0]
    others = HEAD + b"\r\nwait", HEAD + b"\r\nlast"
    client.sendall(others[0] + chunked + b"\r\n2\r\nan\r\n2\r\nna\r\n0\r\n\r\n" + others[1])
    assert heard(client, b"wait", b"anna", b"last").count(b"HTTP/1.1 200 OK") == 3
    assert len(echo.ways) == 3


def test_who_asks_for_another_protocol_and_for_an_end_gets_the_end(served: Any) -> None:
    _, client = served
    client.sendall(HEAD + b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n\r\nanna" + HEAD + b"\r\nlate")
    said = to_the_end(client)
    assert said.count(b"HTTP/1.1 200 OK") == 1
    assert said.endswith(b"anna")


def test_nothing_is_carried_through_to_elsewhere(served: Any) -> None:
    echo, client = served
    client.sendall(b"CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n" + HEAD + b"\r\nanna")
    said = to_the_end(client)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert echo.ways == []


def test_a_thousand_of_them_in_one_piece_are_answered_as_others_are(served: Any) -> None:
    echo, client = served
    many = 1_000
    client.sendall((HEAD + UPGRADES[0] + b"\r\nanna") * many + HEAD + b"\r\nlast")
    assert heard(client, b"last").count(b"HTTP/1.1 200 OK") == many + 1
    assert len(echo.ways) == many + 1


@pytest.mark.parametrize("upgrade", [b"", UPGRADES[0]], ids=["never", "before"])
def test_what_comes_after_a_last_request_is_nobodys(served: Any, upgrade: bytes) -> None:
    _, client = served
    client.sendall(HEAD + upgrade + b"\r\nanna")
    heard(client, b"anna")
    client.sendall(HEAD + b"Connection: close\r\n\r\nlast" + HEAD + b"\r\nlate")
    said = to_the_end(client)
    assert said.count(b"HTTP/1.1 200 OK") == 1
    assert said.endswith(b"last")


def to_the_end(client: socket.socket) -> bytes:
    said = b""
    while more := client.recv(65_536):
        said += more
    return said
