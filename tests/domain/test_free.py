"""Values that others give a meaning to, and fields that may stay unsaid."""

from typing import Any

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

from equipoise.domain.errors import Violation
from equipoise.domain.free import changed, given, size_rule
from equipoise.domain.limits import RESOURCE_FIELD_BYTES_MAX
from tests.properties.strategies.basics import json_values


class Room(Struct, frozen=True):
    name: str = "hall"
    lamps: Any = 1
    size: int = 12


class Said(Struct, frozen=True):
    name: str | UnsetType = UNSET
    lamps: Any = UNSET


@drawn(json_values(), st.integers(0, 64))
def test_a_value_has_the_bytes_that_it_has_as_json(value: Any, most: int) -> None:
    size = len(msgspec.json.encode(value))
    assert (size_rule("plan", value, most) is True) == (size <= most)
    assert size_rule("plan", value, size) is True


def test_what_is_too_large_is_told_by_its_size_and_not_shown() -> None:
    found = size_rule("plan", "é" * 4, 9)
    assert found == Violation("plan", "must be at most 9 bytes as JSON (found 10)")


def test_a_value_may_be_so_large_where_nothing_else_is_said() -> None:
    assert size_rule("plan", "x" * (RESOURCE_FIELD_BYTES_MAX - 2)) is True
    assert isinstance(size_rule("plan", "x" * (RESOURCE_FIELD_BYTES_MAX - 1)), Violation)


def test_what_is_unset_has_no_bytes_and_null_has_four() -> None:
    assert size_rule("plan", UNSET, 0) is True
    assert size_rule("plan", None, 4) is True
    assert isinstance(size_rule("plan", None, 3), Violation)


def test_what_is_given_is_what_was_said_and_none_was() -> None:
    assert given(Said()) == {}
    assert given(Said(lamps=None)) == {"lamps": None}
    assert given(Said("", 0)) == {"name": "", "lamps": 0}


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (Said(), {}),
        (Said("hall", 1), {}),
        (Said("cellar", 1), {"name": "cellar"}),
        (Said("cellar", None), {"name": "cellar", "lamps": None}),
        (Said(lamps=1.0), {"lamps": 1.0}),
        (Said(lamps=True), {"lamps": True}),
    ],
)
def test_what_is_changed_is_what_was_said_and_is_not_so(said: Said, fields: dict[str, Any]) -> None:
    found = changed(Room(), said)
    assert found == fields
    assert list(map(type, found.values())) == list(map(type, fields.values()))


def test_objects_in_another_order_are_no_change() -> None:
    assert (
        changed(Room(lamps={"a": 1, "b": {"c": 2, "d": 3}}), Said(lamps={"b": {"d": 3, "c": 2}, "a": 1}))
        == {}
    )
