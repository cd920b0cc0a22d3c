"""What happened, on its way to the server. The caller's thread only appends."""

from collections import deque
from collections.abc import Callable, Collection
from math import isfinite
from threading import Event as Mark
from threading import Lock
from typing import Any

import msgspec
from msgspec import Struct

from equipoise.domain.clauses import Json
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision
from equipoise.sdk.contexts import units_of
from equipoise.sdk.recent import Recent

WAITING_MAX = 20_000  # events; what comes while so many wait is dropped
BATCH_MAX = 1_000  # events of one body
_NOT_ATTRIBUTES = ("key", "kind")

_encode = msgspec.json.Encoder().encode


class Seen(Struct, frozen=True):
    """A decision in an experiment. at  seconds since 1970"""

    at: float
    flag: str
    decision: Decision
    context: Context


class Done(Struct, frozen=True):
    at: float
    name: str
    context: Context
    value: float | None
    data: Json


Happened = Seen | Done


class Events:
    """What waits to be sent, of any number of threads.

    clock    seconds since 1970
    window   seconds in which a unit that sees the same again is not recorded again
    hurry    told when there is enough for a body
    """

    def __init__(
        self,
        clock: Callable[[], float],
        window: float,
        hurry: Callable[[], None],
        most: int = WAITING_MAX,
    ) -> None:
        self._clock, self._hurry, self._most = clock, hurry, most
        self._recent = Recent(window)
        self.forked()

    def forked(self) -> None:
        """In a new process: what waited is the parent's to send."""
        self._waiting: deque[Happened | Mark] = deque()
        self._lock, self.dropped = Lock(), 0
        self._recent.forked()

    def __len__(self) -> int:
        return len(self._waiting)

    def saw(self, flag: str, decision: Decision, context: Context) -> None:
        """An exposure, unless the unit saw the same lately."""
        parts, now = context.parts, self._clock()
        kind: object = ""
        unit: object
        if len(parts) == 1:  # nearly always, and then this costs half
            (part,) = parts.values()
            kind, unit = part["kind"], part["key"]
        else:
            unit = units_of(context)
        name = (flag, decision.version, decision.variation, decision.reason.rule_id, kind, unit)
        if not self._recent.met(name, now):
            self._add(Seen(now, flag, decision, context))

    def did(self, name: str, context: Context, value: float | None, data: Json) -> None:
        self._add(Done(self._clock(), name, context, value, data))

    def mark(self) -> Mark:
        """What is set once all that waits now was sent, or given up."""
        mark = Mark()
        self._waiting.append(mark)
        return mark

    def take(self) -> tuple[list[Happened], list[Mark]]:
        """What waited longest, for one body, and the marks among it."""
        happened: list[Happened] = []
        marks: list[Mark] = []
        while self._waiting and len(happened) < BATCH_MAX:
            each = self._waiting.popleft()
            if isinstance(each, Mark):
                marks.append(each)
            else:
                happened.append(each)
        return happened, marks

    def give_up(self, many: int) -> None:
        with self._lock:
            self.dropped += many

    def _add(self, happened: Happened) -> None:
        waiting = len(self._waiting)
        if waiting >= self._most:
            self.give_up(1)
            return
        self._waiting.append(happened)
        if waiting % BATCH_MAX == BATCH_MAX - 1:
            self._hurry()


def lines(happened: Collection[Happened], attributes: Collection[str]) -> list[bytes]:
    """As the server reads them, one each; what cannot be said in JSON is left out.

    attributes  names of those of a context that are sent with what it saw
    """
    said = []
    for each in happened:
        try:
            said.append(_encode(_seen(each, attributes) if isinstance(each, Seen) else _done(each)))
        except Exception:
            continue
    return said


def _seen(seen: Seen, attributes: Collection[str]) -> dict[str, Any]:
    decision = seen.decision
    document = {
        "kind": "exposure",
        "at": int(seen.at * 1000),
        "flag": seen.flag,
        "version": decision.version,
        "rule": decision.reason.rule,
        "variation": decision.variation,
        "units": dict(units_of(seen.context)),
    }
    named = {
        kind: {name: part[name] for name in attributes if name in part and name not in _NOT_ATTRIBUTES}
        for kind, part in (seen.context.parts.items() if attributes else ())
    }
    sent = {kind: part for kind, part in named.items() if part}
    return {**document, "attributes": sent} if sent else document


def _done(done: Done) -> dict[str, Any]:
    """raises ValueError for what is no event"""
    document: dict[str, Any] = {
        "kind": "outcome",
        "at": int(done.at * 1000),
        "name": str(done.name),
        "units": dict(units_of(done.context)),
    }
    if done.value is not None:
        if not isfinite(done.value):
            raise ValueError("the value of an outcome is a number")
        document["value"] = float(done.value)
    if done.data is not None:
        document["data"] = done.data
    return document
