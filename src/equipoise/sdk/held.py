"""What a client evaluates now, and whom it tells when that changes."""

import logging
from collections.abc import Callable
from threading import Event, Lock

from msgspec import Struct

from equipoise.evaluation.document import Changes
from equipoise.evaluation.machine import Machine
from equipoise.evaluation.ruleset import Rollout, RuledFlag, Ruleset

Told = Callable[[frozenset[str]], object]  # keys of the flags that are other than before

_log = logging.getLogger("equipoise.sdk")


class Ready(Struct, frozen=True):
    """leading  keys of flags that need one with an experiment first, so that seeing them is seeing that"""

    machine: Machine
    leading: frozenset[str]


class Held:
    """The ruleset of a client. `now` is swapped whole; None until there is one."""

    def __init__(self) -> None:
        self.now: Ready | None = None
        self._listeners: list[Told] = []
        self.forked()

    def forked(self) -> None:
        """In a new process: locks may be held by threads that are not there."""
        self._lock, self.there = Lock(), Event()
        if self.now is not None:
            self.there.set()

    @property
    def ruleset(self) -> Ruleset:
        return Ruleset({}) if self.now is None else self.now.machine.ruleset

    def replace(self, ruleset: Ruleset) -> None:
        with self._lock:
            before = self.now
            machine = Machine(ruleset, before=None if before is None else before.machine)
            self.now = Ready(machine, frozenset(_leading(ruleset)))
            self.there.set()
        if before is not None:
            self._tell(_differing(before.machine.ruleset, ruleset))

    def change(self, changes: Changes) -> None:
        self.replace(changes.applied(self.ruleset))

    def listen(self, told: Told) -> Callable[[], None]:
        """Returns what ends it."""
        with self._lock:
            self._listeners = [*self._listeners, told]

        def end() -> None:
            with self._lock:
                self._listeners = [each for each in self._listeners if each is not told]

        return end

    def _tell(self, changed: frozenset[str]) -> None:
        for told in self._listeners if changed else ():
            try:
                told(changed)
            except Exception:
                _log.exception("a listener to changes failed")


def _differing(before: Ruleset, now: Ruleset) -> frozenset[str]:
    keys = before.flags.keys() | now.flags.keys()
    return frozenset(key for key in keys if before.flags.get(key) != now.flags.get(key))


def _leading(ruleset: Ruleset) -> set[str]:
    """By any number of steps."""
    tried = {key for key, flag in ruleset.flags.items() if _tried(flag)}
    needing = {key: {each.flag for each in flag.prerequisites} for key, flag in ruleset.flags.items()}
    leading: set[str] = set()
    while more := {key for key, needed in needing.items() if needed & (tried | leading)} - leading:
        leading |= more
    return leading


def _tried(flag: RuledFlag) -> bool:
    serves = (flag.fallthrough, *(rule.serve for rule in flag.rules))
    return any(isinstance(serve, Rollout) and serve.experiment for serve in serves)
