"""Rows of flags that need each other first: how long they may be, and that none leads back."""

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.errors import Exceeded, Invalid
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag, Prerequisite
from equipoise.domain.limits import PREREQUISITES_IN_A_ROW_MAX as MOST
from equipoise.domain.prerequisites import check_rows
from equipoise.domain.snapshot import Served, Snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import context
from equipoise.evaluation.evaluate import evaluate
from equipoise.evaluation.explain import explain
from equipoise.evaluation.machine import Machine
from tests.domain.builders import ON, a_flag, a_targeting, an_environment


class Around(Struct):
    """The flags as they are after the change, and how often somebody asked for them."""

    flags: dict[str, Flag]
    asked: int = 0

    def flags_named(self, project: str, keys: Iterable[str]) -> tuple[Flag, ...]:
        self.asked += 1
        return tuple(self.flags[key] for key in keys if key in self.flags)

    def needing(self, project: str, flag: str) -> tuple[Flag, ...]:
        self.asked += 1
        link = ("prerequisite", flag)
        found = (each for each in self.flags.values() if link in FLAG.facets(each).links)
        return tuple(each for each in found if each.archived_at is None)


def needing(key: str, *others: str, environment: str = "production", **fields: Any) -> Flag:
    prerequisites = tuple(Prerequisite(other, ON) for other in others)
    targeting = {environment: a_targeting(prerequisites=prerequisites)}
    return a_flag(key=key, targeting=targeting, **fields)


def row(count: int, start: int = 0) -> list[Flag]:
    """`flag-0` needs `flag-1`, and so on; the last needs nothing."""
    last = start + count - 1
    made = [needing(f"flag-{at}", f"flag-{at + 1}") for at in range(start, last)]
    return [*made, needing(f"flag-{last}")]


def checked(after: Flag, *others: Flag, before: Flag | None = None) -> Around:
    around = Around({each.key: each for each in (*others, after)})
    check_rows(before, after, around)
    return around


def test_a_row_has_so_many_flags_and_no_more_wherever_it_is_lengthened() -> None:
    for at in (0, 1, MOST // 2, MOST - 2):
        flags = row(MOST)
        checked(flags[at], *flags, before=needing(flags[at].key))
        flags = row(MOST + 1)
        with pytest.raises(Exceeded, match=f"PREREQUISITES_IN_A_ROW_MAX is {MOST}"):
            checked(flags[at], *flags, before=needing(flags[at].key))


def test_the_longest_of_several_ways_counts() -> None:
    first = needing("first", "aside", "flag-0")
    aside = needing("aside", "flag-0")
    checked(first, aside, *row(MOST - 2))
    with pytest.raises(Exceeded):
        checked(first, aside, *row(MOST - 1))


def test_every_flag_of_the_longest_row_is_answered_and_explained() -> None:
    flags = {each.key: Served(each, each.in_environment("production"), 1) for each in row(MOST)}
    ruleset = compile(Snapshot(an_environment(), 1, flags))
    who = context({"kind": "user", "key": "anna"})
    for decision in (
        evaluate(ruleset, "flag-0", who),
        Machine(ruleset).decide("flag-0", who),
        explain(ruleset, "flag-0", who).decision,
    ):
        assert (decision.value, decision.reason.error) == (True, None)


def test_a_circle_is_refused_whoever_closes_it() -> None:
    with pytest.raises(Invalid, match="a circle"):
        checked(needing("a", "b"), needing("b", "c"), needing("c", "a"))


def test_a_circle_that_was_there_is_never_walked_for_ever() -> None:
    with pytest.raises(Exceeded):
        checked(needing("a", "b"), needing("b", "c"), needing("c", "b"))


def test_rows_of_other_environments_do_not_count() -> None:
    checked(needing("a", "b"), needing("b", "a", environment="test"))


def test_what_needs_nothing_new_asks_nobody() -> None:
    now = needing("a", "b", "c")
    for after in (replace(now, name="Other"), needing("a", "c"), needing("a")):
        assert checked(after, needing("b", "a"), before=now).asked == 0


def test_an_archived_flag_stands_in_a_row_again_once_it_is_restored() -> None:
    flags = row(MOST + 1)
    shelved = replace(flags[3], archived_at=5)
    rest = [*flags[:3], *flags[4:]]
    checked(flags[1], *rest[:1], *rest[2:3], shelved, before=needing("flag-1"))
    with pytest.raises(Exceeded):
        checked(flags[3], *rest, before=shelved)


def test_flags_that_share_what_they_need_are_read_once_each() -> None:
    """Ten in each of ten levels, each of which needs all of the next."""
    levels = [[f"flag-{level}-{at}" for at in range(10)] for level in range(10)]
    flags = [
        needing(key, *below) for keys, below in zip(levels, [*levels[1:], []], strict=True) for key in keys
    ]
    first = needing("first", *levels[0])
    assert checked(first, *flags).asked <= len(levels) + 2
