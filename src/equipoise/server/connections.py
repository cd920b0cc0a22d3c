"""Connections of a server that stops."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CLOSE_SECONDS_MAX = 1.0


class Connection(HttpToolsProtocol):
    """One that does not wait for a client that is idle.

    Under TLS a connection is closed once the other side has said so too; a client that rests does not listen,
    and would keep the server for as long as it has grace.
    """

    def shutdown(self) -> None:
        idle = getattr(self.cycle, "response_complete", True)  # no cycle: nothing was asked yet
        super().shutdown()
        if idle:
            asyncio.get_running_loop().call_later(CLOSE_SECONDS_MAX, self.transport.abort)
