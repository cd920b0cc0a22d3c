"""What may be asked of a project, and what it answers."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import apply
from equipoise.domain.errors import Exceeded, Invalid, Refused
from equipoise.domain.limits import CONTEXT_KINDS_PER_PROJECT_MAX
from equipoise.domain.project import PROJECT
from equipoise.domain.project.commands import Create, PutContextKind, SetAvailability, SetUnits
from equipoise.domain.project.state import ContextKind, RandomizationUnit
from tests.domain.builders import BORN_AT, LATER, a_moment, a_project, after, events_of

ACCOUNT = ContextKind("account", "Account", created_at=0, changed_at=0)


def test_a_project_is_born_whole() -> None:
    assert after(PROJECT, None, Create(a_project())) == a_project(revision=1, touched_at=LATER)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"id": "x"}, "id"),
        ({"key": "no key"}, "key"),
        ({"name": ""}, "name"),
        ({"tags": ("",)}, "tags"),
        ({"context_kinds": (ACCOUNT, ACCOUNT), "units": ()}, "each key stands once"),
        ({"context_kinds": (replace(ACCOUNT, key="no key"),), "units": ()}, "kind.key"),
        ({"context_kinds": ()}, "must be a context kind of the project"),
    ],
)
def test_a_birth_that_is_not_sound_is_invalid(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(Invalid, match=fault):
        events_of(PROJECT, None, Create(a_project(**fields)))


@pytest.mark.parametrize(
    "command",
    [
        SetAvailability(client_side=False, mobile=True),
        SetUnits(a_project().units),
        PutContextKind(ContextKind("user", "User", created_at=1, changed_at=2, version=9)),
        labels.Rename("Default"),
        labels.Tag(()),
    ],
)
def test_a_change_that_changes_nothing_is_no_event(command: Any) -> None:
    assert events_of(PROJECT, a_project(), command) == ()


def test_what_new_flags_are_for_is_set() -> None:
    now = after(PROJECT, a_project(), SetAvailability(client_side=True, mobile=False))
    assert (now.client_side, now.mobile) == (True, False)


class TestContextKinds:
    def test_a_new_kind_is_born_now(self) -> None:
        now = after(PROJECT, a_project(), PutContextKind(replace(ACCOUNT, version=7)))
        assert now.context_kinds[-1] == ContextKind("account", "Account", LATER, LATER, version=1)

    def test_a_changed_kind_keeps_its_birth_and_its_place(self) -> None:
        put = PutContextKind(ContextKind("user", "Person", created_at=0, changed_at=0))
        now = after(PROJECT, a_project(), put)
        assert now.context_kinds[0] == ContextKind("user", "Person", BORN_AT, LATER, version=2)

    def test_a_kind_that_is_randomised_is_not_archived(self) -> None:
        archived = replace(a_project().context_kinds[0], archived=True)
        with pytest.raises(Refused, match="unit of randomisation"):
            events_of(PROJECT, a_project(), PutContextKind(archived))

    def test_any_other_kind_is_archived(self) -> None:
        archived = replace(ACCOUNT, archived=True)
        now = after(PROJECT, a_project(), PutContextKind(ACCOUNT), PutContextKind(archived))
        kind = now.context_kind("account")
        assert kind is not None
        assert (kind.archived, kind.version) == (True, 2)

    def test_there_are_so_many_and_no_more(self) -> None:
        many = tuple(replace(ACCOUNT, key=f"k{n}") for n in range(CONTEXT_KINDS_PER_PROJECT_MAX))
        full = a_project(context_kinds=many, units=())
        with pytest.raises(Exceeded, match="CONTEXT_KINDS_PER_PROJECT_MAX"):
            events_of(PROJECT, full, PutContextKind(ACCOUNT))
        assert events_of(PROJECT, full, PutContextKind(replace(many[0], name="Renamed")))


class TestUnits:
    def test_units_are_replaced_and_need_no_default(self) -> None:
        units = (RandomizationUnit("device"),)
        assert after(PROJECT, a_project(), SetUnits(units)).units == units

    @pytest.mark.parametrize(
        ("units", "fault"),
        [
            (("user", "user"), "each kind stands once"),
            (("account",), "must be a context kind"),
        ],
    )
    def test_units_are_context_kinds_each_once(self, units: tuple[str, ...], fault: str) -> None:
        wanted = tuple(RandomizationUnit(kind) for kind in units)
        with pytest.raises(Invalid, match=fault):
            events_of(PROJECT, a_project(), SetUnits(wanted))

    def test_one_unit_at_most_is_the_default(self) -> None:
        both = (RandomizationUnit("user", default=True), RandomizationUnit("device", default=True))
        with pytest.raises(Invalid, match="at most one is the default"):
            events_of(PROJECT, a_project(), SetUnits(both))

    def test_an_archived_kind_is_not_randomised(self) -> None:
        archived = a_project(context_kinds=(replace(ACCOUNT, archived=True),), units=())
        with pytest.raises(Invalid, match="must not be archived"):
            events_of(PROJECT, archived, SetUnits((RandomizationUnit("account"),)))


def test_a_project_is_deleted() -> None:
    outcome = apply(PROJECT, a_project(), labels.Delete(), a_moment())
    assert (outcome.after, outcome.events) == (None, (labels.Deleted(),))
