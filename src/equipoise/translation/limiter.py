"""A rate limiter: fixed windows, counted per token, and per route of a token."""

from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

WINDOW_MS = 10_000
COUNTED_MAX = 50_000


class Rates(Struct, frozen=True):
    """Requests per window of ten seconds.

    enforced  False: everything is counted and nothing refused
    """

    token: int = 20_000
    route: int = 10_000
    enforced: bool = True


class Quota(Struct, frozen=True):
    """Where one request stands. `reset_at` is milliseconds since 1970."""

    token_limit: int
    token_left: int
    route_limit: int
    route_left: int
    reset_at: int
    refused: bool


class Limiter:
    """Counts in this process; each worker has its own, so the rates are per worker."""

    def __init__(self, rates: Rates, clock: Callable[[], int]) -> None:
        self.rates, self._clock = rates, clock
        self._counts: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._window = 0

    def take(self, who: str, route: str) -> Quota:
        """Counts one request of somebody on a route."""
        now = self._clock()
        window = now // WINDOW_MS
        if window != self._window:
            self._window = window
            self._counts.clear()
        token = self._count(who, "")
        here = self._count(who, route)
        over = token > self.rates.token or here > self.rates.route
        return Quota(
            token_limit=self.rates.token,
            token_left=max(self.rates.token - token, 0),
            route_limit=self.rates.route,
            route_left=max(self.rates.route - here, 0),
            reset_at=(window + 1) * WINDOW_MS,
            refused=self.rates.enforced and over,
        )

    def _count(self, who: str, route: str) -> int:
        count = self._counts.get((who, route), 0) + 1
        self._counts[who, route] = count
        if len(self._counts) > COUNTED_MAX:
            self._counts.popitem(last=False)
        return count
