"""The thread that keeps a ruleset up to date: by stream, and by polling where streams do not hold."""

import logging
from collections.abc import Callable
from threading import Event
from time import monotonic

from equipoise.evaluation.document import NoRuleset, decode, decode_changes
from equipoise.sdk.held import Held
from equipoise.sdk.link import Link, Trouble
from equipoise.sdk.status import State
from equipoise.sdk.stream import Reader
from equipoise.sdk.timing import Timing, delay

_log = logging.getLogger("equipoise.sdk")


class Follower:
    """streams  whether to listen at all, or to poll only
    moved       told of each new state, and what is wrong; "" for nothing
    received    told after each ruleset
    """

    def __init__(
        self,
        link: Link,
        held: Held,
        timing: Timing,
        streams: bool,
        moved: Callable[[State, str], None],
        received: Callable[[], None],
        luck: Callable[[], float],
    ) -> None:
        self._link, self._held, self._timing, self._streams = link, held, timing, streams
        self._moved, self._received, self._luck = moved, received, luck
        self._broken = 0  # streams that failed, one after the other
        self._unanswered = 0  # polls that did
        self._heard_at: float | None = None  # the first event of this stream
        self._stream_at = 0.0  # when a stream is tried again, once they are given up
        self.forked()

    def forked(self) -> None:
        """In a new process."""
        self._stopped = Event()
        self._link.forked()

    def stop(self) -> None:
        self._stopped.set()
        self._link.hang_up()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                wait = self._round()
            except Exception:
                _log.exception("following the server failed")
                wait = self._timing.backoff_max
            self._stopped.wait(wait)
        self._link.close()

    def _round(self) -> float:
        """One attempt; seconds to wait before the next."""
        given_up = self._broken >= self._timing.fallback_after
        if not self._streams or (given_up and monotonic() < self._stream_at):
            return self._poll()
        trouble = self._listen()
        if self._stopped.is_set():
            return 0.0
        if self._broken >= self._timing.fallback_after:
            self._stream_at = monotonic() + self._timing.stream_again
            return self._poll()
        if self._held.now is None:  # so that there is something to evaluate
            self._poll()
        return delay(self._timing, max(self._broken, 1), trouble.retry_after, self._luck)

    def _listen(self) -> Trouble:
        """Until the stream ends, which it always does some day."""
        self._heard_at = None
        try:
            self._hear()
            trouble = Trouble("the stream ended")
        except Trouble as caught:
            trouble = caught
        heard_at = self._heard_at  # waiting in vain is no life
        steady = heard_at is not None and monotonic() - heard_at >= self._timing.steady
        self._broken = 0 if steady else self._broken + 1
        if not self._stopped.is_set():
            self._moved(State.INTERRUPTED, str(trouble))
        return trouble

    def _hear(self) -> None:
        """raises Trouble"""
        reader = Reader()
        for piece in self._link.stream():
            for name, data in reader.take(piece):
                self._take(name, data)
            if self._stopped.is_set():
                return

    def _take(self, name: str, data: bytes) -> None:
        """raises Trouble; events of other names are passed over"""
        self._link.tag = ""
        try:
            if name == "put":
                self._held.replace(decode(data))
            elif name == "patch":
                self._held.change(decode_changes(data))
            else:
                return
        except NoRuleset as error:
            raise Trouble(str(error), self._timing.backoff_max) from error
        self._heard_at = self._heard_at or monotonic()
        self._moved(State.STREAMING, "")
        self._received()

    def _poll(self) -> float:
        try:
            document = self._link.ruleset()
            if document is not None:
                self._held.replace(decode(document))
        except (Trouble, NoRuleset) as trouble:
            self._unanswered += 1
            self._link.tag = ""
            self._stream_at = 0.0  # a server that comes back is met by whichever is first
            self._moved(State.INTERRUPTED, str(trouble))
            asked = trouble.retry_after if isinstance(trouble, Trouble) else self._timing.backoff_max
            return delay(self._timing, self._unanswered, asked, self._luck)
        self._unanswered = 0
        self._moved(State.POLLING, "")
        if document is not None:
            self._received()
        return self._timing.poll
