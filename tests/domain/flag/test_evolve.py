"""Events of a flag are believed: none fails, whatever the state."""

import pytest

from equipoise.domain.change import Event, fold
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.events import (
    DefaultKept,
    EnvironmentForgotten,
    RulesSet,
    Switched,
    VariationServed,
)
from equipoise.domain.flag.state import Fixed
from equipoise.domain.labels import Archived, Deleted
from tests.domain.builders import BORN_AT, LATER, OFF, a_flag, a_rule, a_targeting


@pytest.mark.parametrize(
    "event",
    [
        Switched("never-heard-of", LATER, True),
        VariationServed("test", LATER, "no-such-rule", "no-such-variation"),
        EnvironmentForgotten("never-heard-of"),
        DefaultKept("never-heard-of"),
    ],
)
def test_an_event_on_what_is_not_there_does_not_fail(event: Event) -> None:
    assert fold(FLAG, a_flag(targeting={"test": a_targeting()}), (event,), LATER) is not None


def test_an_event_is_believed_on_an_archived_flag() -> None:
    now = fold(FLAG, a_flag(), (Archived(BORN_AT), Switched("test", LATER, True)), LATER)
    assert now is not None
    assert now.in_environment("test").on


def test_many_events_are_one_step_of_the_revision() -> None:
    events = (
        RulesSet("test", LATER, (a_rule("r1"),)),
        VariationServed("test", LATER, "r1", OFF),
    )
    now = fold(FLAG, a_flag(revision=7), events, LATER)
    assert now is not None
    assert now.revision == 8
    assert now.in_environment("test").serve("r1") == Fixed(OFF)


def test_nothing_is_left_of_a_deleted_flag() -> None:
    assert fold(FLAG, a_flag(), (Deleted(),), LATER) is None
