"""What a principal of one environment may do to a flag that all share."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Moment, Outcome, apply
from equipoise.domain.errors import Forbidden
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import SetVariations, Switch
from equipoise.domain.flag.state import Flag, Variation
from equipoise.security.permissions import confine
from equipoise.security.principals import Principal
from tests.domain.builders import a_flag, after

MOMENT = Moment(1_700_000_000_000, b"entropy")
ALL = Principal("token", "member", "writer", project="default")
TEST_ONLY = replace(ALL, environment="test")


def outcome(flag: Flag, command: Any) -> Outcome[Flag]:
    return apply(FLAG, flag, command, MOMENT)


@pytest.fixture
def served() -> Flag:
    """A flag that production has on."""
    flag: Flag = after(FLAG, a_flag(), Switch("production", True))
    return flag


def revalued(flag: Flag) -> SetVariations:
    first, *rest = flag.variations
    changed = (replace(first, value="another"), *rest)
    return SetVariations(changed, flag.on_variation, flag.off_variation)


def test_it_changes_its_own_environment(served: Flag) -> None:
    confine(TEST_ONLY, outcome(served, Switch("test", True)))


@pytest.mark.parametrize("command", [revalued, lambda _: labels.Archive(), lambda _: labels.Delete()])
def test_it_does_not_change_what_others_are_served(served: Flag, command: Any) -> None:
    with pytest.raises(Forbidden):
        confine(TEST_ONLY, outcome(served, command(served)))
    confine(ALL, outcome(served, command(served)))


def test_it_does_not_switch_another_environment(served: Flag) -> None:
    with pytest.raises(Forbidden):
        confine(TEST_ONLY, outcome(served, Switch("production", False)))


def test_it_may_do_with_a_flag_that_nobody_else_has_on_what_it_likes() -> None:
    for command in (revalued(a_flag()), labels.Archive(), labels.Delete()):
        confine(TEST_ONLY, outcome(a_flag(), command))


def test_it_may_add_a_variation_and_rename_the_flag(served: Flag) -> None:
    more = (*served.variations, Variation("0" * 8 + "-0000-4000-8000-" + "0" * 12, "one more"))
    confine(TEST_ONLY, outcome(served, SetVariations(more, served.on_variation, served.off_variation)))
    confine(TEST_ONLY, outcome(served, labels.Rename("Another name")))
