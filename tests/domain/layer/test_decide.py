"""What may be asked of a layer, and who has which part of its line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.errors import Exceeded, Invalid
from equipoise.domain.gates import Gate, covers, overlap
from equipoise.domain.labels import Describe, Rename
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Create, Release, Reserve, Vacate
from equipoise.domain.layer.events import Released, Reserved
from equipoise.domain.layer.state import PERCENT, Layer, Reservation, facets, reserved_link
from equipoise.domain.limits import RESERVATIONS_PER_LAYER_MAX
from tests.domain.builders import BORN_AT, a_layer, after, events_of

NAMES = ("a", "b", "c", "d")


def born(*commands: Any) -> Layer:
    layer: Layer = after(LAYER, None, Create(a_layer()), *commands, at=BORN_AT)
    return layer


def here(experiment: str, percent: int) -> Reserve:
    return Reserve("production", experiment, percent)


def ranges(layer: Layer, experiment: str) -> tuple[tuple[int, int], ...]:
    found = layer.of("production", experiment)
    assert found is not None
    return tuple((low // PERCENT, high // PERCENT) for low, high in found.ranges)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"id": "short"}, "id"),
        ({"key": "no key"}, "key"),
        ({"name": ""}, "name"),
        ({"description": "\0"}, "description"),
        ({"salt": "layer.0"}, "salt"),
        ({"reservations": (Reservation("e", "a", ((0, 500),)),)}, "reservations.ranges"),
        ({"reservations": (Reservation("e", "a", ((0, 1_000), (1_000, 2_000))),)}, "reservations.ranges"),
        ({"reservations": (Reservation("e", "a"), Reservation("e", "a"))}, "reservations"),
        (
            {
                "reservations": (
                    Reservation("e", "a", ((0, 2_000),)),
                    Reservation("e", "b", ((1_000, 3_000),)),
                )
            },
            "reservations",
        ),
    ],
)
def test_what_is_wrong_with_a_layer_is_named(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        events_of(LAYER, None, Create(a_layer(**fields)))
    assert {each.where for each in refused.value.violations} == {where}


def test_reservations_take_the_first_gaps() -> None:
    layer = born(here("a", 20), here("b", 30), here("c", 10))
    assert [ranges(layer, each) for each in ("a", "b", "c")] == [((0, 20),), ((20, 50),), ((50, 60),)]
    layer = after(LAYER, layer, Release("production", "a"), here("d", 35))
    assert ranges(layer, "d") == ((0, 20), (60, 75))


def test_whoever_grows_keeps_what_it_has_and_whoever_shrinks_gives_the_far_end_away() -> None:
    layer = born(here("a", 20), here("b", 10), here("a", 30))
    assert ranges(layer, "a") == ((0, 20), (30, 40))
    assert ranges(after(LAYER, layer, here("a", 25)), "a") == ((0, 20), (30, 35))
    assert ranges(after(LAYER, layer, here("a", 0)), "a") == ()


def test_environments_have_lines_of_their_own() -> None:
    layer = born(here("a", 100), Reserve("test", "a", 100))
    assert layer.gate("test", "a") == layer.gate("production", "a")
    assert layer.gate("test", "b") == Gate(layer.salt, ())


@pytest.mark.parametrize("percent", [-1, 41, 101])
def test_more_than_is_left_is_refused(percent: int) -> None:
    layer = born(here("a", 60), here("b", 10))
    with pytest.raises(Invalid):
        events_of(LAYER, layer, here("b", percent))
    assert ranges(after(LAYER, layer, here("b", 40)), "b") == ((60, 100),)


def test_what_changes_nothing_is_no_event() -> None:
    layer = born(here("a", 0), here("b", 5))
    for command in (here("a", 0), here("b", 5), Release("test", "b"), Vacate("test"), Rename("Checkout")):
        assert events_of(LAYER, layer, command) == ()
    assert events_of(LAYER, layer, here("c", 0)) == (Reserved("production", "c", ()),)
    assert events_of(LAYER, layer, Vacate("production")) == (
        Released("production", "a"),
        Released("production", "b"),
    )


def test_a_layer_holds_so_many_reservations() -> None:
    many = tuple(Reservation("e", f"x{n}") for n in range(RESERVATIONS_PER_LAYER_MAX))
    layer = after(LAYER, None, Create(a_layer(reservations=many)))
    with pytest.raises(Exceeded):
        events_of(LAYER, layer, Reserve("e", "another", 0))
    assert events_of(LAYER, layer, Reserve("e", "x0", 1))


def test_a_layer_is_found_by_its_experiments_and_claims_them() -> None:
    found = facets(born(here("a", 0), Reserve("test", "a", 1), Describe("Of the checkout")))
    assert ("experiment", "a") in found.links
    assert reserved_link("test", "a") in found.links
    assert found.claims == ("experiment:production/a", "experiment:test/a")


asked = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 100)), max_size=12)


@given(asked)
def test_no_two_of_a_layer_ever_overlap_and_nobody_moves_for_another(steps: list[tuple[str, int]]) -> None:
    layer = born()
    for name, percent in steps:
        before = layer
        try:
            layer = after(LAYER, layer, here(name, percent))
        except Invalid:
            others = sum(each.share for each in layer.reservations if each.experiment != name)
            assert others + percent * PERCENT > SHARE_WHOLE
            continue
        now = layer.of("production", name)
        assert now is not None
        assert now.share == percent * PERCENT
        assert not overlap(span for each in layer.reservations for span in each.ranges)
        for each in before.reservations:
            kept = layer.of("production", each.experiment)
            assert kept is not None
            if each.experiment != name:
                assert kept == each
            elif now.share >= each.share:
                assert covers(kept.ranges, each.ranges)
            else:
                assert covers(each.ranges, kept.ranges)
