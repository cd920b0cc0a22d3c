"""Which changes concern whoever comes with a kind of key."""

from typing import Any

import pytest

from equipoise.application.availability import available, concerns
from equipoise.application.serving import Key, Update
from equipoise.domain.flag.state import Prerequisite
from equipoise.domain.snapshot import Served, Snapshot
from tests.domain.builders import ON, a_flag, a_targeting, an_environment


def a_served(
    key: str, *needed: str, client: bool = True, mobile: bool = True, version: int = 7, **fields: Any
) -> Served:
    prerequisites = tuple(Prerequisite(each, ON) for each in needed)
    flag = a_flag(key=key, client_side=client, mobile=mobile, **fields)
    return Served(flag, a_targeting(prerequisites=prerequisites), version)


def a_snapshot(*served: Served) -> Snapshot:
    return Snapshot(an_environment(), 9, {each.flag.key: each for each in served})


@pytest.mark.parametrize(
    ("client", "mobile", "keys"),
    [
        (False, False, {Key.SERVER}),
        (True, False, {Key.SERVER, Key.CLIENT}),
        (False, True, {Key.SERVER, Key.MOBILE}),
    ],
)
def test_a_flag_is_there_for_servers_and_for_whom_it_says(client: bool, mobile: bool, keys: set[Key]) -> None:
    flag = a_flag(client_side=client, mobile=mobile)
    assert {key for key in Key if available(flag, key)} == keys


def test_a_flag_that_becomes_available_or_is_so_no_longer_concerns_them() -> None:
    hidden, shown = a_snapshot(a_served("flag", client=False)), a_snapshot(a_served("flag", version=8))
    for before, after in ((hidden, shown), (shown, hidden)):
        assert concerns(Update(before, after, ("flag",), {}), Key.CLIENT)


def test_a_flag_that_is_needed_concerns_them_though_they_may_not_know_of_it() -> None:
    outer, inner = a_served("outer", "inner"), a_served("inner", "innermost", client=False)
    before, after = a_snapshot(outer, inner), a_snapshot(outer, inner, a_served("innermost", client=False))
    assert concerns(Update(before, after, ("innermost",), {}), Key.CLIENT)
    assert concerns(Update(after, before, (), {"innermost": 8}), Key.CLIENT)


def test_prerequisites_that_lead_in_a_circle_end() -> None:
    flags = a_served("a", "b"), a_served("b", "a")
    before, after = a_snapshot(*flags), a_snapshot(*flags, a_served("c", client=False))
    update = Update(before, after, ("c",), {})
    assert not concerns(update, Key.CLIENT)
    assert concerns(update, Key.SERVER)
