"""What our SDK is sent is the ruleset that the server evaluates itself, as a whole and change by change."""

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.application.serving import Update
from equipoise.delivery.channel import update_of
from equipoise.dialects.equipoise.sdk import payload
from equipoise.domain.clauses import Clause
from equipoise.domain.flag.state import Fixed, Prerequisite
from equipoise.domain.segment.membership import Membership
from equipoise.domain.snapshot import Served, Snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.document import decode, decode_changes
from tests.domain.builders import ON, a_flag, a_targeting, an_environment
from tests.evaluation.stored_flags import stored


def a_snapshot(*served: Served, number: int = 9, segments: Any = ()) -> Snapshot:
    flags = {each.flag.key: each for each in served}
    return Snapshot(an_environment(), number, flags, {each.key: each for each in segments})


def served(key: str = "checkout", version: int = 7, **targeting: Any) -> Served:
    return Served(a_flag(key=key), a_targeting(**targeting), version)


def data(event: bytes, name: str) -> bytes:
    head, said, *rest = event.split(b"\n")
    assert (head, said[:6], rest) == (b"event: " + name.encode(), b"data: ", [b"", b""])
    return said[6:]


def applied(before: Snapshot, now: Snapshot) -> bool:
    """Whether the change leads from the one to the other."""
    update = update_of(before, now)
    assert update is not None
    changes = decode_changes(data(payload.update(update), "patch"))
    return changes.applied(compile(before)) == compile(now)


@pytest.mark.parametrize("seed", range(2))
def test_the_whole_of_it_is_what_the_server_evaluates(seed: int) -> None:
    flags = [
        Served(each, each.in_environment("production"), number + 1)
        for number, each in enumerate(stored(Random(seed), 30))
    ]
    snapshot = a_snapshot(*flags, segments=[Membership("beta", ((Clause("c", "plan", "in", ("gold",)),),))])
    assert decode(payload.document(snapshot)) == compile(snapshot)
    assert decode(data(payload.whole(snapshot), "put")) == compile(snapshot)


def test_a_change_says_the_flags_that_changed_and_no_others() -> None:
    before = a_snapshot(served("a"), served("b"), served("c"))
    now = a_snapshot(served("a"), served("b", 8, on=False), served("d"), number=10)
    said = payload.changes(Update(before, now, ("b", "d"), {"c": 10}))
    assert (set(said.flags), said.gone_flags) == ({"b", "d"}, ("c",))
    assert applied(before, now)


def test_a_flag_comes_along_where_the_variation_that_it_needs_moved() -> None:
    upper = served("upper", prerequisites=(Prerequisite("needed", ON),))
    needed = served("needed")
    turned = replace(needed.flag, variations=tuple(reversed(needed.flag.variations)))
    moved = Served(turned, needed.targeting, 8)
    for now in (a_snapshot(upper, moved), a_snapshot(upper)):
        assert applied(a_snapshot(upper, needed), now)
        assert applied(now, a_snapshot(upper, replace(needed, version=9)))


def test_segments_come_and_go_with_the_flags_that_ask_for_them() -> None:
    segment = Membership("beta", ((Clause("c", "plan", "in", ("gold",)),),))
    bare = a_snapshot(served(version=7))
    asking = a_snapshot(served(version=8, fallthrough=Fixed(ON)), segments=[segment])
    assert applied(bare, asking)
    assert applied(asking, replace(bare, flags={"checkout": served(version=9)}))
