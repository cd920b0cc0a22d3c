"""Whether a request hops to a worker thread, or is answered where it stands.

Two threads of one process share one interpreter: a hop there and back costs as much as a quick
transaction. So a route that is brief by its nature is answered in the event loop's own thread, as long
as the store says that nobody is in its way; if it was slow once it hops for a while.
"""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from equipoise.translation.routes import Route

T = TypeVar("T")

BRIEF_BYTES_MAX = 16_384
QUICK_SECONDS = 0.010
SLOW_FOR_SECONDS = 5.0


class Hop:
    """Remembers which operations were slow of late. For one thread, that of the event loop.

    undisturbed  whether the store would answer at once: it is in this process, and nobody else writes
    """

    def __init__(self, undisturbed: Callable[[], bool]) -> None:
        self._undisturbed = undisturbed
        self._slow_until: dict[str, float] = {}

    def needed(self, route: Route, body_bytes: int) -> bool:
        if not route.brief or body_bytes > BRIEF_BYTES_MAX:
            return True
        return perf_counter() < self._slow_until.get(route.operation, 0.0) or not self._undisturbed()

    def timed(self, operation: str, work: Callable[[], T]) -> T:
        """Does the work here and now, and notes whether it was quick."""
        began = perf_counter()
        try:
            return work()
        finally:
            ended = perf_counter()
            if ended - began > QUICK_SECONDS:
                self._slow_until[operation] = ended + SLOW_FOR_SECONDS
