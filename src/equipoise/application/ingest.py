"""The way in for events: acknowledged when durable, never refused for what they say."""

from collections.abc import Callable
from concurrent.futures import Future

from equipoise.application.lake import Journal
from equipoise.application.ports import Clock
from equipoise.application.serving import Key
from equipoise.domain.identity import Id
from equipoise.domain.records import Received


class Intake:
    """Where bodies of events go. They are read later, by the compactor."""

    def __init__(self, journal: Journal, clock: Clock, counted: Callable[[str, int], None] | None = None):
        """counted  told of each body: its dialect, and how many events are in it"""
        self._journal, self._clock, self._counted = journal, clock, counted

    @property
    def now(self) -> int:
        """When what comes now is received, in microseconds."""
        return self._clock() * 1_000

    def offer(
        self,
        dialect: str,
        environment: Id,
        payload: str,
        body: bytes,
        encoding: str = "",
        events: int = 0,
        key: Key = Key.SERVER,
    ) -> "Future[None]":
        """Done once the body is durable. Fails with Full, or OSError.

        key  the kind of key that it came with
        """
        if self._counted is not None:
            self._counted(dialect, events)
        received = Received(dialect, environment, payload, self.now, body, encoding, key.value)
        return self._journal.append(received)
