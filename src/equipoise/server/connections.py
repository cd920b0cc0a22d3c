"""Connections: what needs no waiting is answered where it is read, and nobody waits for the other side."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from equipoise.server.unread import taken_of
from equipoise.translation.doors import ABORT, SEND_SECONDS_MAX

CLOSE_SECONDS_MAX = 1.0
HEADS_KNOWN_MAX, HEAD_BYTES_MAX = 1_000, 2_048
END = b"\r\n\r\n"
INVALID = "This is no request that a server of HTTP/1.1 answers."

# Answers a request whose body is here: its status, and the rest as it stands on the wire. None where it goes
# the longer way.
Answering = Callable[[MutableMapping[str, Any], bytes], tuple[int, bytes] | None]


class _Head(NamedTuple):
    """What a head was read as. length: of the body that it announces."""

    answering: Answering
    headers: list[tuple[bytes, bytes]]
    length: int


_HEADS: WeakKeyDictionary[Config, dict[bytes, _Head]] = WeakKeyDictionary()


class Connection(HttpToolsProtocol):
    """One that asks the application first whether it would answer at once: `at_once(method, target)` says
    who. A request that has come whole is then answered without a task; every other goes the longer way, as if
    nobody had been asked. A head that comes again, byte for byte, is not read again.

    It does not wait for a client that is idle, nor for one that stopped reading. Under TLS a connection is
    closed once the other side has said so too; a client that rests does not listen, and would keep the server
    for as long as it has grace. What was sent to a client that does not read waits for it in any case, and
    would do so for ever: who takes nothing of it for half a minute is let go (on Linux, whose kernel tells).
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._at_once: Callable[[bytes, bytes], Answering | None] | None = getattr(self.app, "at_once", None)
        self._answering: Answering | None = None  # of a request whose head is here, its body not yet
        self._body: list[bytes] = []
        self._heads = _HEADS.setdefault(self.config, {})
        self._between = True  # two requests: what comes now begins one
        self._whole = b""  # what came last, where it begins a request
        self._looking: asyncio.TimerHandle | None = None  # whether the client takes what it was sent

    def data_received(self, data: bytes) -> None:
        if self._between and self._heads and self._answered(data):
            return
        self._whole = data if self._between else b""
        self._read(data)
        self._whole = b""
        if self._answering is not None and not self.transport.is_closing():  # the rest comes later
            self._go_on()

    def on_message_begin(self) -> None:
        self._between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._answering = self._asked_for()
        if self._answering is None:
            self._begin()

    def on_body(self, body: bytes) -> None:
        if self._answering is None:
            super().on_body(body)
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._between = True
        if self._answering is None:
            super().on_message_complete()
            return
        scope: Any = self.scope
        answering, body = self._answering, b"".join(self._body)
        answer = answering(scope, body)
        if answer is None:
            self._go_on()
            super().on_message_complete()
            return
        self._answering, self._body = None, []
        self._remember(answering, len(body))
        self._say(*answer)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._looking is None and (self.scheme == "https" or self.transport.get_write_buffer_size()):
            self._look_again(None)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._looking is not None:
            self._looking.cancel()

    def shutdown(self) -> None:
        idle = self._idle()
        super().shutdown()
        if idle:
            asyncio.get_running_loop().call_later(CLOSE_SECONDS_MAX, self.transport.abort)

    def _read(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
                return
            except HttpParserError as error:
                self.logger.warning("a request that cannot be read: %s", error)
                self.send_400_response(INVALID)
                return
            except HttpParserUpgrade as asked:
                data = self._stay(data[asked.args[0] :])

    def _stay(self, rest: bytes) -> bytes:
        """Who asks for another protocol (clients for Java do, of each server that they meet) is answered in
        this one. The parser stops behind such a head, and would leave its body lying there: another begins,
        and reads the head as if nobody had asked.

        rest     what came behind the head
        returns  what is to be read next
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self.send_400_response(INVALID)
            return b""
        line = b"%b %b HTTP/%b" % (method, self.url, self.parser.get_http_version().encode())
        lines = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as the first one
        return b"\r\n".join([line, *lines]) + END + rest

    def _answered(self, data: bytes) -> bool:
        """Whether it was one request whose head is known, and is answered."""
        end = data.find(END, 0, HEAD_BYTES_MAX)
        head = self._heads.get(data[:end]) if end >= 0 else None
        if head is None or len(data) != end + len(END) + head.length or not self._free():
            return False
        answer = head.answering({"method": "POST", "headers": head.headers}, data[end + len(END) :])
        if answer is None:
            return False
        self._say(*answer)
        return True

    def _remember(self, answering: Answering, length: int) -> None:
        """The head of the request that was just read, where it came whole and alone: the same bytes again,
        with as many behind them, are the same request with another body."""
        end = self._whole.find(END, 0, HEAD_BYTES_MAX)
        if end < 0 or len(self._whole) != end + len(END) + length:
            return
        named = [name for name, _ in self.headers if name in (b"content-length", b"transfer-encoding")]
        if named == [b"content-length"] and self.parser.get_method() == b"POST":
            if len(self._heads) >= HEADS_KNOWN_MAX:
                self._heads.clear()
            self._heads[self._whole[:end]] = _Head(answering, self.headers, length)

    def _say(self, status: int, rest: bytes) -> None:
        if self.transport.is_closing():  # nobody is there any more
            return
        said = b"".join(name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers)
        self.transport.write(STATUS_LINE[status] + said + rest)
        self.on_response_complete()

    def _look_again(self, taken: int | None) -> None:
        self._looking = asyncio.get_running_loop().call_later(SEND_SECONDS_MAX, self._look, taken)

    def _look(self, before: int | None) -> None:
        """before  bytes that the client had taken at the last look; None at the first"""
        self._looking = None
        held = self.transport.get_extra_info("socket")
        taken = taken_of(held.fileno()) if held is not None else None  # a closed one has none
        if taken is None:
            return
        if taken == before:
            self.transport.abort()
        else:
            self._look_again(taken)

    def _idle(self) -> bool:
        return getattr(self.cycle, "response_complete", True)  # no cycle: nothing went the longer way yet

    def _free(self) -> bool:
        """Whether nothing is answered just now, and the client reads."""
        return self._idle() and not self.flow.write_paused

    def _asked_for(self) -> Answering | None:
        """Who answers the request whose head is here, if it is as plain as nearly all are."""
        if self._at_once is None or not self._free():
            return None
        answering = self._at_once(self.parser.get_method(), self.url)
        if answering is None or self.expect_100_continue:
            return None
        plain = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        return answering if plain else None

    def _go_on(self) -> None:
        """The longer way, from where it begins."""
        body, self._answering, self._body = self._body, None, []
        self._begin()
        for part in body:
            super().on_body(part)

    def _begin(self) -> None:
        self.scope["extensions"] = {ABORT: {"now": self._abort}}
        super().on_headers_complete()

    def _abort(self) -> None:
        self.transport.abort()
        if self.cycle is not None:
            self.cycle.disconnected = True  # it would hear of that later
