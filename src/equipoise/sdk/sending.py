"""The thread that sends what happened, every few seconds, until the server has it."""

import gzip
import logging
from collections.abc import Callable, Collection
from secrets import token_hex
from threading import Event

from equipoise.sdk.events import Events, lines
from equipoise.sdk.link import Link, Trouble
from equipoise.sdk.timing import Timing, delay

COMPRESSION_LEVEL = 1
_log = logging.getLogger("equipoise.sdk")


class Sender:
    """events  where it takes from
    attributes  names of those of a context that are sent with what it saw
    """

    def __init__(
        self,
        link: Link,
        events: Events,
        timing: Timing,
        attributes: Collection[str],
        luck: Callable[[], float],
    ) -> None:
        self._link, self._events, self._timing = link, events, timing
        self._attributes, self._luck = attributes, luck
        self.forked()

    def forked(self) -> None:
        """In a new process."""
        self._woken, self._stopped = Event(), Event()
        self._link.forked()

    def wake(self) -> None:
        self._woken.set()

    def flush(self, seconds: float) -> bool:
        """Whether all that waited is with the server within so many seconds, or was refused for good."""
        mark = self._events.mark()
        self._woken.set()
        return mark.wait(seconds)

    def stop(self) -> None:
        """It ends soon; what waits is not sent any more."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait(self._timing.flush)
            self._woken.clear()
            try:
                self._empty()
            except Exception:
                _log.exception("events could not be sent")
        self._link.close()

    def _empty(self) -> None:
        while len(self._events) and not self._stopped.is_set():
            happened, marks = self._events.take()
            said = lines(happened, self._attributes)
            self._events.give_up(len(happened) - len(said))
            if said and not self._deliver(said):
                self._events.give_up(len(said))
            for mark in marks:
                mark.set()

    def _deliver(self, said: Collection[bytes]) -> bool:
        """The same bytes under the same name again and again, until they are taken or never will be."""
        body, payload = gzip.compress(b"\n".join(said), COMPRESSION_LEVEL), token_hex(16)
        failures = 0
        while True:
            try:
                self._link.send(body, payload)
                return True
            except Trouble as trouble:
                failures += 1
                if failures == 1 or trouble.for_good:
                    _log.warning("%d events are not with the server: %s", len(said), trouble)
                wait = delay(self._timing, failures, trouble.retry_after, self._luck)
                if trouble.for_good or self._stopped.wait(wait):
                    return False
