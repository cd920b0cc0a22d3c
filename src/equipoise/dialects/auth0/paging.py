"""Lists by checkpoint: `take` so many, `from` the id that the page before named."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.auth0 import ids
from equipoise.domain.change import Noun, State
from equipoise.domain.errors import Invalid, Missing, Violation
from equipoise.domain.identity import Id
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter

S = TypeVar("S", bound=State)

TAKE, TAKE_MAX = 25, 50
PAGE = (
    Parameter("from", "Id from which to start: what the page before named as `next`."),
    Parameter("take", f"How many to answer, 1 to {TAKE_MAX}; {TAKE} where it is not said.", "integer"),
)


def page(
    world: World,
    call: Call,
    noun: Noun[S],
    said: str,
    query: Query,
    holds: Callable[[S], bool] = lambda _: True,
) -> tuple[tuple[S, ...], str]:
    """The page that is asked for, and the id that the next one starts from; "" where this is the last.

    said    what people call the noun
    holds   what the store cannot be asked
    cost    of a page, and of all that it passes over
    raises  Invalid
    """
    take = _take(call)
    since = _since(world, call, noun, said)
    found: list[S] = []
    while len(found) <= take:
        some = world.select(noun, replace(query, since=since, limit=TAKE_MAX + 1)).items
        found += [each for each in some[:TAKE_MAX] if holds(each)]
        if len(some) <= TAKE_MAX:
            break
        since = _place(noun, some[TAKE_MAX])
    following = ids.spelled(said, found[take].id) if len(found) > take else ""
    return tuple(found[:take]), following


def _take(call: Call) -> int:
    text = call.asked("take", str(TAKE))
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= TAKE_MAX:
        raise Invalid(Violation("take", f"must be a whole number, 1 to {TAKE_MAX}", text))
    return int(text)


def _since(world: World, call: Call, noun: Noun[S], said: str) -> tuple[int, Id] | None:
    """Where the page starts. What is gone meanwhile was born in the second that its id begins with: what was
    born later in that second may come again, and nothing is passed over."""
    text = call.asked("from")
    if not text:
        return None
    try:
        id = ids.read(said, text)
    except Missing:
        raise Invalid(Violation("from", "must be the `next` of another page", text)) from None
    state = world.find(noun, id)
    return (int(id[:8], 16) * 1_000, "") if state is None else _place(noun, state)


def _place(noun: Noun[S], state: S) -> tuple[int, Id]:
    return noun.facets(state).created_at, state.id
