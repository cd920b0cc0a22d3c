"""Connections: what needs no waiting is answered where it is read, and nobody waits for the other side."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from equipoise.translation.doors import ABORT

CLOSE_SECONDS_MAX = 1.0

# Answers a request whose body is here: its status, and the rest as it stands on the wire. None where it goes
# the longer way.
Answering = Callable[[MutableMapping[str, Any], bytes], tuple[int, bytes] | None]


class Connection(HttpToolsProtocol):
    """One that asks the application first whether it would answer at once: `at_once(method, target)` says
    who. A request that has come whole is then answered without a task; every other goes the longer way, as if
    nobody had been asked.

    It does not wait for a client that is idle, nor for one that stopped reading. Under TLS a connection is
    closed once the other side has said so too; a client that rests does not listen, and would keep the server
    for as long as it has grace. What was sent to a client that does not read waits for it in any case, and
    would do so for ever.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._at_once: Callable[[bytes, bytes], Answering | None] | None = getattr(self.app, "at_once", None)
        self._answering: Answering | None = None  # of a request whose head is here, its body not yet
        self._body: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._answering is not None and not self.transport.is_closing():  # the rest comes later
            self._go_on()

    def on_headers_complete(self) -> None:
        self._answering = self._asked_for()
        if self._answering is None:
            self._begin()

    def on_body(self, body: bytes) -> None:
        if self._answering is None:
            super().on_body(body)
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._answering is None:
            super().on_message_complete()
            return
        scope: Any = self.scope
        answer = self._answering(scope, b"".join(self._body))
        if answer is None:
            self._go_on()
            super().on_message_complete()
            return
        self._answering, self._body = None, []
        status, rest = answer
        said = b"".join(name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers)
        self.transport.write(STATUS_LINE[status] + said + rest)
        self.on_response_complete()

    def shutdown(self) -> None:
        idle = getattr(self.cycle, "response_complete", True)  # no cycle: nothing was asked yet
        super().shutdown()
        if idle:
            asyncio.get_running_loop().call_later(CLOSE_SECONDS_MAX, self.transport.abort)

    def _asked_for(self) -> Answering | None:
        """Who answers the request whose head is here, if it is as plain as nearly all are."""
        if self._at_once is None or not getattr(self.cycle, "response_complete", True):
            return None
        answering = self._at_once(self.parser.get_method(), self.url)
        if answering is None or self.expect_100_continue or self.flow.write_paused:
            return None
        plain = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        return answering if plain and not self.parser.should_upgrade() else None

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
