"""Lists whose filters or order are beyond the store: these are paged in memory."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from equipoise.application.ports import Page, Query
from equipoise.application.world import World
from equipoise.domain.change import Noun, State

S = TypeVar("S", bound=State)

Test = Callable[[Any], bool]
Order = tuple[Callable[[Any], Any], bool]  # (what to sort by, descending)


def found(
    world: World, noun: Noun[S], query: Query, tests: Sequence[Test] = (), orders: Sequence[Order] = ()
) -> Page[S]:
    """One page of what the query finds and every test holds of, in these orders.

    cost  one page; with tests or orders, all that the query finds
    """
    if not tests and not orders:
        return world.select(noun, query)
    everything = world.select(noun, replace(query, limit=None, offset=0)).items
    kept = [each for each in everything if all(test(each) for test in tests)]
    for key, descending in reversed(orders):
        kept.sort(key=key, reverse=descending)
    end = None if query.limit is None else query.offset + query.limit
    return Page(tuple(kept[query.offset : end]), len(kept))
