"""What is answered where it is read, and what goes the longer way: the client cannot tell."""

import socket
import struct
from collections.abc import Iterator
from threading import Thread
from time import monotonic, sleep
from typing import Any

import psutil
import pytest
import uvicorn

from equipoise.server import connections
from equipoise.server.connections import END, Answering, Connection

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


@pytest.fixture(params=["asyncio", "uvloop"])
def served(request: Any) -> Iterator[tuple[Echo, socket.socket]]:
    """The application, and a connection to it."""
    echo = Echo()
    options: Any = {"loop": request.param, "lifespan": "off", "log_config": None, "proxy_headers": False}
    config = uvicorn.Config(echo, http=Connection, **options)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = Thread(target=server.run, args=([listener],))
        serving.start()
        with socket.create_connection(listener.getsockname(), 10) as client:
            yield echo, client
        server.should_exit = True
        serving.join()


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
    client.sendall(HEAD + b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n\r\nanna")
    said = b""
    while more := client.recv(65_536):
        said += more
    assert said.count(b"HTTP/1.1 200 OK") == 1
    assert said.endswith(b"anna")


def test_nothing_is_carried_through_to_elsewhere(served: Any) -> None:
    echo, client = served
    client.sendall(b"CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n" + HEAD + b"\r\nanna")
    said = b""
    while more := client.recv(65_536):
        said += more
    assert said.startswith(b"HTTP/1.1 400 ")
    assert echo.ways == []


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


LARGE = 8 * 1024 * 1024


def asks_for_much(client: socket.socket, room: int) -> None:
    """And has room for little at once."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.sendall(HEAD.replace(b": 4", b": %d" % LARGE) + b"Expect: 100-continue\r\n\r\n")
    assert b"100 Continue" in heard(client, b"\r\n\r\n")
    client.sendall(b"a" * LARGE)


def held(client: socket.socket) -> bool:
    """Whether the server still has its end of the connection."""
    return any(each.raddr == client.getsockname() for each in psutil.Process().net_connections("tcp4"))


def test_who_reads_nothing_of_an_answer_is_let_go(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SEND_SECONDS_MAX", 0.2)
    _, client = served
    asks_for_much(client, 4_096)
    assert held(client)
    end = monotonic() + 10
    while held(client):
        assert monotonic() < end, "it is kept for ever"
        sleep(0.05)


def test_who_reads_slowly_is_waited_for(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SEND_SECONDS_MAX", 1.0)
    _, client = served
    asks_for_much(client, 262_144)
    began, came = monotonic(), 0
    while came < LARGE:
        came += len(client.recv(32_768))
        sleep(0.01)
    assert monotonic() - began > 1.0, "long enough to be looked at"
    client.sendall(HEAD + b"\r\nlast")
    heard(client, b"last")
