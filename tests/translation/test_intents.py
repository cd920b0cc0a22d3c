"""Bodies into intents."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.domain.errors import Exceeded, Invalid
from equipoise.domain.limits import PATCH_OPERATIONS_MAX
from equipoise.translation.intents import PatchFailed, by_edit, merged

RENDERED = {"name": "a", "tags": ["x"], "nested": {"on": True}, "version": 3}


def test_an_edit_gives_the_fields_it_changes_and_no_other() -> None:
    patch = [
        {"op": "replace", "path": "/name", "value": "b"},
        {"op": "replace", "path": "/tags/0", "value": "x"},
        {"op": "test", "path": "/version", "value": 3},
    ]
    assert by_edit(patch, RENDERED) == {"name": "b"}


def test_an_edit_from_true_to_one_is_an_edit() -> None:
    assert by_edit([{"op": "replace", "path": "/on", "value": 1}], {"on": True}) == {"on": 1}


def test_a_field_that_is_taken_away_is_none() -> None:
    assert by_edit([{"op": "remove", "path": "/tags"}], RENDERED) == {"tags": None}
    assert by_edit({"tags": None}, RENDERED) == {"tags": None}


def test_a_merge_patch_edits_inside_objects() -> None:
    assert by_edit({"nested": {"on": False}}, RENDERED) == {"nested": {"on": False}}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/version", "value": 4},
        {"op": "replace", "path": "/nothing/here", "value": 1},
        {"op": "remove", "path": "/tags/7"},
        {"op": "replace", "path": "", "value": []},
        {"op": "add", "path": "/name/inner", "value": 1},
        {"op": "move", "path": "/a", "from": "/missing"},
    ],
)
def test_a_patch_that_cannot_be_applied_has_failed(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchFailed):
        by_edit([operation], RENDERED)


def test_copies_of_copies_meet_a_limit_before_they_fill_the_memory() -> None:
    doubling = {"op": "copy", "from": "/all", "path": "/all/-"}
    with pytest.raises(Exceeded, match="BODY_BYTES_MAX"):
        by_edit([doubling] * 40, {"all": ["x" * 1_000]})


def test_a_patch_has_a_limit_of_operations() -> None:
    with pytest.raises(Exceeded, match="PATCH_OPERATIONS_MAX"):
        by_edit([{"op": "test", "path": "/a", "value": 1}] * (PATCH_OPERATIONS_MAX + 1), {"a": 1})


def test_a_patch_leaves_what_it_was_given_as_it_was() -> None:
    given = {"tags": ["x"]}
    by_edit([{"op": "add", "path": "/tags/-", "value": "y"}], given)
    assert given == {"tags": ["x"]}


def test_every_malformed_operation_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        by_edit(
            [{"op": "fly", "path": "/a"}, 3, {"op": "add", "path": "a"}, {"op": "move", "path": "/a"}], {}
        )
    places = [violation.where for violation in caught.value.violations]
    assert places == ["[0].op", "[1]", "[2].path", "[2].value", "[3].from"]


values = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=4), values, max_size=4)


@given(objects)
def test_an_empty_patch_changes_nothing(rendered: dict[str, Any]) -> None:
    assert by_edit([], rendered) == {}
    assert by_edit({}, rendered) == {}


@given(objects, objects)
def test_a_merge_patch_applied_twice_is_applied_once(target: dict[str, Any], patch: dict[str, Any]) -> None:
    assert merged(merged(target, patch), patch) == merged(target, patch)
