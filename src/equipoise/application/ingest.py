"""The way in for events: acknowledged when durable, never refused for what they say."""

from concurrent.futures import Future

from equipoise.application.lake import Journal
from equipoise.application.ports import Clock
from equipoise.domain.identity import Id
from equipoise.domain.records import Received


class Intake:
    """Where bodies of events go. They are read later, by the compactor."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock

    def offer(
        self, dialect: str, environment: Id, payload: str, body: bytes, encoding: str = ""
    ) -> "Future[None]":
        """Done once the body is durable. Fails with Full, or OSError."""
        received = Received(dialect, environment, payload, self._clock() * 1_000, body, encoding)
        return self._journal.append(received)
