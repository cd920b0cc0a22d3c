"""Bodies into documents."""

import json
from contextlib import suppress
from time import perf_counter
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, Struct, UnsetType, field

from equipoise.domain.errors import VIOLATIONS_MAX, Invalid
from equipoise.domain.limits import BODY_NESTING_MAX
from equipoise.translation.decode import decode, parse
from equipoise.translation.errors import Unreadable


class Arm(Struct):
    name: str
    percent: str = field(name="allocationPercent")


class Rename(Struct, tag_field="kind", tag="rename"):
    value: str


class Move(Struct, tag_field="kind", tag="move"):
    to: int
    how: Literal["fast", "slow"] | UnsetType = UNSET


class Strict(Struct, forbid_unknown_fields=True):
    name: str = ""


class Document(Struct):
    instructions: list[Rename | Move]
    arms: list[Arm] = []
    named: dict[str, Arm] = {}
    count: int | UnsetType = UNSET
    noted: Annotated[list[Arm], Meta(description="at most ten")] | UnsetType = UNSET
    by_name: Annotated[dict[str, Annotated[Arm, Meta(title="an arm")]], Meta(title="arms")] | UnsetType = (
        UNSET
    )
    strict: Strict | UnsetType = UNSET


def places(body: object) -> list[str]:
    with pytest.raises(Invalid) as caught:
        decode(json.dumps(body).encode(), Document)
    return [violation.where for violation in caught.value.violations]


def test_a_document_that_is_whole_is_decoded_and_unknown_fields_are_ignored() -> None:
    body = b'{"instructions": [{"kind": "move", "to": 1, "more": 2}], "else": null}'
    assert decode(body, Document).instructions == [Move(to=1)]


def test_every_violation_of_a_document_is_named_with_its_place() -> None:
    body = {
        "instructions": [{"kind": "move", "to": "up", "how": "so"}, {"kind": "rename"}],
        "arms": [{"name": 1, "allocationPercent": 5}, {}],
        "named": {"on": {"name": "on"}},
        "count": None,
    }
    assert places(body) == [
        "instructions[0].to",
        "instructions[0].how",
        "instructions[1].value",
        "arms[0].name",
        "arms[0].allocationPercent",
        "arms[1].name",
        "arms[1].allocationPercent",
        "named.on.allocationPercent",
        "count",
    ]


def test_what_is_noted_beside_a_type_hides_none_of_what_is_inside() -> None:
    arms = [{"name": 1}, "x", {"name": "on", "allocationPercent": None}]
    assert places({"instructions": [], "noted": arms, "by_name": {"one": arms[0], "two": "x"}}) == [
        "noted[0].name",
        "noted[0].allocationPercent",
        "noted[1]",
        "noted[2].allocationPercent",
        "by_name.one.name",
        "by_name.one.allocationPercent",
        "by_name.two",
    ]


def test_unknown_fields_are_named_where_a_document_forbids_them() -> None:
    strict = {"name": 1, "colour": "red", "size": 2}
    assert places({"instructions": [], "strict": strict}) == ["strict.name", "strict.colour", "strict.size"]


def test_no_more_violations_are_named_than_anybody_reads() -> None:
    found = places({"instructions": [], "arms": [{}] * 100_000})
    assert len(found) == VIOLATIONS_MAX + 1


def test_an_unknown_kind_is_named_at_its_index() -> None:
    assert places({"instructions": [{"kind": "rename", "value": "x"}, {"kind": "fly"}]}) == [
        "instructions[1]"
    ]


def test_a_missing_required_field_is_said_to_be_required() -> None:
    with pytest.raises(Invalid, match="instructions: is required"):
        decode(b"{}", Document)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"{",
        b"",
        b"\0",
        b'{"a": "\\u0000"}',
        b'["\\ud800"]',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"1e999",
    ],
)
def test_bytes_that_are_no_document_are_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(body)


def test_nesting_is_counted_outside_strings_alone() -> None:
    assert parse(json.dumps({"text": "[" * 1_000 + '\\"{'}).encode())
    assert parse(b"[" * BODY_NESTING_MAX + b"]" * BODY_NESTING_MAX)
    with pytest.raises(Unreadable):
        parse(b"[" * (BODY_NESTING_MAX + 1) + b"]" * (BODY_NESTING_MAX + 1))


@pytest.mark.parametrize("tail", [b'"' + b'\\"' * 200_000, b'"' + b"\\" * 400_001, b'"a' * 200_001])
def test_a_string_that_never_ends_is_read_once(tail: bytes) -> None:
    began = perf_counter()
    with pytest.raises(Unreadable):
        parse(b"[" * (BODY_NESTING_MAX + 1) + tail)
    assert perf_counter() - began < 5


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert parse(b'"\\\\u0000"') == "\\u0000"


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise_anything_but_a_refusal(body: bytes) -> None:
    with suppress(Unreadable, Invalid):
        decode(body, Document)


class _Explained(Exception):
    """A refusal that names at least one violation."""


def _explained(body: bytes) -> None:
    try:
        decode(body, Document)
    except Invalid as error:
        if error.violations:
            raise _Explained from error
        raise


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["instructions", "arms", "named", "count"]), json_values))
def test_a_refused_document_always_names_a_violation(body: dict[str, object]) -> None:
    with suppress(Unreadable, _Explained):
        _explained(json.dumps(body).encode("utf-8", "surrogatepass"))


class Priced(Struct):
    price: Annotated[str, Meta(pattern="^[0-9]+$", description="a whole number")] | UnsetType = UNSET


def test_a_pattern_is_told_in_words() -> None:
    with pytest.raises(Invalid) as caught:
        decode(b'{"price": "free"}', Priced)
    assert str(caught.value) == "price: must be a whole number (found 'free')"
