"""The client: what an application asks, and what it says came of it."""

import logging
import random
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from threading import Lock, Thread

import httpx

from equipoise.domain.clauses import Json
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Fault, Recorder, error, with_default
from equipoise.evaluation.document import NoRuleset
from equipoise.evaluation.ruleset import RuledFlag, Ruleset
from equipoise.sdk import files, process
from equipoise.sdk.contexts import Given, prepare
from equipoise.sdk.events import Events
from equipoise.sdk.following import Follower
from equipoise.sdk.held import Held, Told
from equipoise.sdk.link import HOW, Link
from equipoise.sdk.malformed import MalformedFlags
from equipoise.sdk.sending import Sender
from equipoise.sdk.status import State, Status
from equipoise.sdk.timing import TIMING, Timing

READY_SECONDS = 5.0
CLOSE_SECONDS = 5.0
JOIN_SECONDS_MAX = 0.5

_log = logging.getLogger("equipoise.sdk")
_NOT_READY = error(Fault.CLIENT_NOT_READY)


class Client:
    """Flags of one environment, evaluated in this process. Threads may share it, and it outlives a fork.

    Nothing here raises on account of the server, the context or the flag: what goes wrong is the reason of a
    decision, and the default is served. As a context manager it starts, waits until it is ready (at most
    READY_SECONDS), and closes.
    """

    def __init__(
        self,
        key: str = "",
        url: str = "http://127.0.0.1:8080",
        *,
        file: str | Path | None = None,
        stream: bool = True,
        attributes: Collection[str] = (),
        timing: Timing = TIMING,
        http: Callable[[], httpx.Client] = httpx.Client,
    ) -> None:
        """key      the environment's key for server-side SDKs; "" talks to no server. raises ValueError where
                    it is not one word, as no key is
        file        where the last ruleset is kept, and read at the start
        stream      whether to be told of changes at once, or to ask every `timing.poll` seconds
        attributes  names of those of a context that are sent with an exposure; none, if none are named
        http        makes what requests go through: another authority for certificates, a proxy
        """
        key = _one_word(key)
        self._key, self._file = key, None if file is None else Path(file)
        self._state, self._problem = (State.STARTING if key else State.OFFLINE), ""
        self._watchers: list[Callable[[Status], object]] = []
        self._held, self._malformed = Held(), MalformedFlags()
        self._events = Events(time.time, timing.exposure_window, self._hurry)
        luck = random.random
        self._sender = Sender(Link(key, url, timing, http), self._events, timing, tuple(attributes), luck)
        self._follower = Follower(
            Link(key, url, timing, http), self._held, timing, stream, self._moved, self._keep, luck
        )
        self._threads: list[Thread] = []
        self._lock = Lock()

    @classmethod
    def fixed(cls, values: Mapping[str, Json]) -> "Client":
        """A client without a server that serves everybody these: flag key → value. For tests."""
        client = cls()
        flags = {key: RuledFlag(key, 1, True, "", (value,), None, 0) for key, value in values.items()}
        client._held.replace(Ruleset(flags))
        return client

    # its life

    def start(self) -> None:
        """Returns at once. A second time it does nothing."""
        with self._lock:
            if self._threads or self._state is State.CLOSED:
                return
            self._read_file()
            if self._key:
                self._start_threads()
            elif self._file is None:
                self._moved(State.OFFLINE, f"there is no SDK key, and no file to serve from; {HOW}")

    def wait_ready(self, seconds: float = READY_SECONDS) -> bool:
        """Whether there is something to evaluate, from the server or the file, within so many seconds."""
        return self._held.there.wait(seconds)

    def flush(self, seconds: float = CLOSE_SECONDS) -> bool:
        """Sends what waits. Whether that came to an end, well or refused for good, within so many seconds."""
        return not self._threads or self._sender.flush(seconds)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Sends what waits, for so many seconds at the most, and ends. What was received is served on."""
        with self._lock:
            threads, self._threads = self._threads, []
        if threads:
            process.leave(self)
            self._follower.stop()
            self._sender.flush(seconds)
            status = self.status
            if lost := status.waiting + status.dropped:
                _log.warning("closed with %d events that the server does not have", lost)
            self._sender.stop()
            for thread in threads:
                thread.join(JOIN_SECONDS_MAX)
        self._moved(State.CLOSED, "")

    def __enter__(self) -> "Client":
        self.start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # what is asked

    def variation(self, key: str, context: Given, default: Json = None) -> Json:
        """The value alone."""
        return self.detail(key, context, default).value

    def detail(self, key: str, context: Given, default: Json = None) -> Decision:
        """Value, index of the variation, reason, version of the flag. Whoever sees an experiment is recorded.

        context  the key of a user; a document (`kind`, `key`, attributes; kind `multi` for several); or what
                 `prepare` made of either, which costs least
        default  served where no variation is
        """
        try:
            ready = self._held.now
            if ready is None:
                return with_default(_NOT_READY, default)
            asked = context if isinstance(context, Context) else prepare(context)
            if key in ready.leading:
                decision = ready.machine.decide(key, asked, default, self._needed(asked))
            else:
                decision = ready.machine.decide(key, asked, default)
            if decision.reason.in_experiment and self._threads:
                self._events.saw(key, decision, asked)
            elif decision.reason.error is Fault.MALFORMED_FLAG:
                self._malformed.met(ready.machine.ruleset.flags[key], ready.machine.ruleset, asked)
            return decision
        except Exception as failure:
            _log.debug("an evaluation failed", exc_info=failure)
            return with_default(error(Fault.EXCEPTION), default)

    def all(self, context: Given) -> dict[str, Decision]:
        """Flag key → decision. Nothing is recorded: who is shown what is not known yet."""
        ready = self._held.now
        if ready is None:
            return {}
        asked = prepare(context)
        return {key: ready.machine.decide(key, asked) for key in ready.machine.ruleset.flags}

    def track(self, name: str, context: Given, value: float | None = None, data: Json = None) -> None:
        """Something that a unit did: an outcome for each kind of the context.

        value  the number that a metric adds up
        data   anything else, as JSON; it is read when it is sent, so leave it as it is
        """
        if self._threads:
            asked = prepare(context)
            if asked.error:
                self._events.give_up(1)
            else:
                self._events.did(name, asked, value, data)

    def on_change(self, told: Told) -> Callable[[], None]:
        """Calls with the keys of the flags that are other than before, from a thread of the client's. Returns
        what ends it."""
        return self._held.listen(told)

    def on_status(self, told: Callable[[Status], object]) -> Callable[[], None]:
        """Calls with each new status, from a thread of the client's. Returns what ends it."""
        self._watchers = [*self._watchers, told]

        def end() -> None:
            self._watchers = [each for each in self._watchers if each is not told]

        return end

    @property
    def ruleset(self) -> Ruleset:
        """What is evaluated now; empty until there is one."""
        return self._held.ruleset

    @property
    def status(self) -> Status:
        return Status(
            self._state, self._held.now is not None, self._problem, len(self._events), self._events.dropped
        )

    # what its parts tell

    def forked(self) -> None:
        """In a new process, where the threads are not. What waited is the parent's to send."""
        self._lock = Lock()
        self._held.forked()
        self._events.forked()
        self._sender.forked()
        self._follower.forked()
        self._start_threads()

    def _start_threads(self) -> None:
        self._threads = [
            Thread(target=part.run, name=f"equipoise-sdk-{name}", daemon=True)
            for name, part in (("follow", self._follower), ("send", self._sender))
        ]
        for thread in self._threads:
            thread.start()
        process.join(self)

    def _hurry(self) -> None:
        self._sender.wake()

    def _needed(self, context: Context) -> Recorder:
        """Whoever is served by way of an experiment sees that one too."""

        def record(key: str, decision: Decision, needed_by: str) -> None:
            if decision.reason.in_experiment and self._threads:
                self._events.saw(key, decision, context)

        return record

    def _moved(self, state: State, problem: str) -> None:
        if state is State.INTERRUPTED and self._state is State.STARTING:
            state = State.STARTING
        if self._state is State.CLOSED or (state, problem) == (self._state, self._problem):
            return
        self._state, self._problem = state, problem
        level, why = (logging.WARNING, f": {problem}") if problem else (logging.INFO, "")
        _log.log(level, "the client is %s%s", state, why)
        status = self.status
        for told in self._watchers:
            try:
                told(status)
            except Exception:
                _log.exception("a listener to the status failed")

    def _read_file(self) -> None:
        if self._file is None:
            return
        try:
            self._held.replace(files.read(self._file))
        except (OSError, NoRuleset) as failure:
            if not (self._key and isinstance(failure, FileNotFoundError)):  # at the first start there is none
                self._moved(self._state, f"the file cannot be read: {failure}")

    def _keep(self) -> None:
        if self._file is None:
            return
        try:
            files.write(self._file, self._held.ruleset)
        except OSError as failure:
            _log.warning("the ruleset cannot be kept in %s: %s", self._file, failure)


def _one_word(key: str) -> str:
    """The key, without the space around it that a file or a shell leaves. It is a secret: it stays unsaid."""
    word = key.strip()
    if any(not "!" <= char <= "~" for char in word):
        raise ValueError(f"the SDK key is not one word; {HOW}")
    return word
