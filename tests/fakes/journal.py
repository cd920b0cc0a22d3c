"""A journal in memory: durable at once, until it is told to fail."""

from concurrent.futures import Future

from equipoise.domain.records import Received


class MemoryJournal:
    """What was appended, in order. `failure`, when set, is what the next appends end with."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.failure: Exception | None = None

    def append(self, received: Received) -> "Future[None]":
        done: Future[None] = Future()
        if self.failure is not None:
            done.set_exception(self.failure)
        else:
            self.received.append(received)
            done.set_result(None)
        return done
