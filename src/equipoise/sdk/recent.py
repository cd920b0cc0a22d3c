"""Which exposures were recorded lately, so that each is sent once for many evaluations."""

from collections.abc import Hashable
from threading import Lock

REMEMBERED_MAX = 50_000  # names, and once more as many of those before


class Recent:
    """Names, each known for so many seconds after it was met first. Of more than fit, those go that were not
    met for the longest time: what is met moves from the older half into the younger."""

    def __init__(self, seconds: float, most: int = REMEMBERED_MAX) -> None:
        self._seconds, self._most = seconds, most
        self._young: dict[Hashable, float] = {}
        self._old: dict[Hashable, float] = {}
        self.forked()

    def forked(self) -> None:
        """In a new process: the lock may be held by a thread that is not there."""
        self._lock = Lock()

    def met(self, name: Hashable, now: float) -> bool:
        """Whether it is known; from here on it is. Costs a look into a dict where it is."""
        until = self._young.get(name)
        if until is not None and now < until:
            return True
        return self._remember(name, now)

    def _remember(self, name: Hashable, now: float) -> bool:
        with self._lock:
            until = self._young.get(name) or self._old.get(name, 0.0)
            if len(self._young) >= self._most:
                self._old, self._young = self._young, {}
            self._young[name] = until if now < until else now + self._seconds
            return now < until
