"""What is answered where it is read, and what goes the longer way: the client cannot tell."""

import socket
import struct
from time import sleep
from typing import Any

import pytest

from equipoise.server import connections
from equipoise.server.connections import END
from tests.fixtures_connections import HEAD, heard


def test_a_request_that_comes_whole_is_answered_where_it_is_read(served: Any) -> None:
    echo, client = served
    for body in (b"anna", b"otto"):
        client.sendall(HEAD + b"\r\n" + body)
        said = heard(client, body)
        assert said.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"date: " in said
    assert echo.ways == ["at once", "at once"]


@pytest.mark.parametrize("cut", [1, 30, len(HEAD), len(HEAD) + 2, len(HEAD) + 4])
def test_one_that_comes_in_parts_is_answered_all_the_same(served: Any, cut: int) -> None:
    echo, client = served
    whole = HEAD + b"\r\nanna"
    client.sendall(whole[:cut])
    sleep(0.05)
    client.sendall(whole[cut:] + HEAD + b"\r\notto")
    heard(client, b"anna", b"otto")
    client.sendall(HEAD + b"\r\nlast")
    heard(client, b"last")
    assert len(echo.ways) == 3
    assert echo.ways[-1] == "at once"


def test_a_head_that_comes_again_is_not_read_again(served: Any) -> None:
    echo, client = served
    for body in (b"anna", b"otto", b"wait", b"last"):
        client.sendall(HEAD + b"\r\n" + body)
        heard(client, body)
    assert echo.ways == ["at once", "at once", "longer", "at once"]
    assert echo.read == 2, "the first, and the one that had to wait"


@pytest.mark.parametrize("cut", [1, 30, len(HEAD), len(HEAD) + 2, len(HEAD) + 4])
def test_one_with_a_known_head_may_come_in_parts_and_with_others(served: Any, cut: int) -> None:
    echo, client = served
    client.sendall(HEAD + b"\r\nanna")
    heard(client, b"anna")
    whole = HEAD + b"\r\notto"
    client.sendall(whole[:cut])
    sleep(0.05)
    client.sendall(whole[cut:])
    heard(client, b"otto")
    client.sendall(HEAD + b"\r\nwait" + HEAD + b"\r\nlast" + HEAD + b"\r\nend.")
    heard(client, b"wait", b"last", b"end.")
    assert len(echo.ways) == 5


def test_a_known_head_that_has_not_ended_yet_is_waited_for(served: Any) -> None:
    echo, client = served
    head = HEAD.replace(b": 4", b": 50")
    assert len(head) == 50 + len(END), "so that a head without its end is as long as that end and a body"
    first, second = b"a" * 50, b"b" * 50
    client.sendall(head + b"\r\n" + first)
    heard(client, first)
    client.sendall(head[:-1])
    sleep(0.05)
    client.sendall(head[-1:] + b"\r\n" + second)
    assert heard(client, second).count(b"HTTP/1.1") == 1
    assert len(echo.ways) == 2


def test_a_head_is_remembered_only_for_as_long_a_body(served: Any) -> None:
    echo, client = served
    for length, body in ((b"4", b"anna"), (b"2", b"no"), (b"6", b"sooner"), (b"2", b"at")):
        client.sendall(HEAD.replace(b": 4", b": " + length) + b"\r\n" + body)
        assert heard(client, body).endswith(b"\r\n\r\n" + body)
    assert echo.read == 3
    odd = HEAD.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked") + b"\r\n2\r\nyo\r\n0\r\n\r\n"
    for _ in range(2):
        client.sendall(odd)
        heard(client, b"yo")
    assert echo.read == 5, "its length is not in its head"


def test_no_more_heads_are_remembered_than_there_is_room_for(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADS_KNOWN_MAX", 3)
    _, client = served
    for number in range(10):
        client.sendall(HEAD + b"X-Number: %d\r\n\r\nanna" % number)
        heard(client, b"anna")
    known = [heads for heads in connections._HEADS.values() if any(b"X-Number: 9" in head for head in heads)]
    assert known
    assert all(len(heads) <= 3 for heads in known)


def test_what_must_wait_goes_the_longer_way(served: Any) -> None:
    echo, client = served
    client.sendall(HEAD + b"\r\nwait")
    heard(client, b"wait")
    client.sendall(HEAD + b"\r\nanna")
    heard(client, b"anna")
    assert echo.ways == ["longer", "at once"]


def test_answers_to_several_requests_in_one_piece_keep_their_order(served: Any) -> None:
    echo, client = served
    bodies = [b"one.", b"wait", b"two.", b"wait", b"last"]
    client.sendall(b"".join(HEAD + b"\r\n" + body for body in bodies))
    assert heard(client, *bodies).count(b"HTTP/1.1 200") == len(bodies)
    assert len(echo.ways) == len(bodies)


@pytest.mark.parametrize(
    ("request_", "way"),
    [
        (HEAD.replace(b"1.1", b"1.0") + b"\r\nanna", "longer"),
        (HEAD + b"Connection: close\r\n\r\nanna", "longer"),
        (
            HEAD.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked")
            + b"\r\n2\r\nan\r\n2\r\nna\r\n0\r\n\r\n",
            "at once",
        ),
    ],
    ids=["of HTTP 1.0", "that closes", "in chunks"],
)
def test_a_request(served: Any, request_: bytes, way: str) -> None:
    echo, client = served
    client.sendall(request_)
    assert b"200 OK" in heard(client, b"anna")
    assert echo.ways == [way]


def test_whoever_asks_whether_to_go_on_is_told_to(served: Any) -> None:
    echo, client = served
    client.sendall(HEAD + b"Expect: 100-continue\r\n\r\n")
    assert b"100 Continue" in heard(client, b"\r\n\r\n")
    client.sendall(b"anna")
    heard(client, b"anna")
    assert echo.ways == ["longer"]


def test_nonsense_after_a_head_ends_the_connection(served: Any) -> None:
    echo, client = served
    client.sendall(HEAD.replace(b"Content-Length: 4", b"Transfer-Encoding: chunked") + b"\r\nzz\r\n")
    said = b""
    while more := client.recv(65_536):
        said += more
    assert b"400" in said
    assert echo.ways == []


def test_who_asks_a_lot_and_leaves_without_reading_is_no_event(
    served: Any, caplog: pytest.LogCaptureFixture
) -> None:
    echo, client = served
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # as one that dies
    client.sendall((HEAD + b"\r\nanna") * 2_000)
    address = client.getpeername()
    client.close()
    with socket.create_connection(address, 10) as other:
        other.sendall(HEAD + b"\r\nlast")
        heard(other, b"last")
    assert echo.ways[-1] == "at once"
    assert [each.getMessage() for each in caplog.records if each.levelname != "INFO"] == []
