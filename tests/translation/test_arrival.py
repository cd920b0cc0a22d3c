"""What is asked of every event, and the cause under which it is dead."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from equipoise.translation.arrival import (
    AHEAD_US,
    EARLIEST_MS,
    Unlike,
    attributes_of,
    cause_of,
    data_of,
    happened_at,
    key_of,
    served_of,
    units_of,
)

NOW = 1_760_000_000_000_000
LONG = "k" * 1_025
ROOT = Path(__file__).parents[2]

BAD: tuple[tuple[Any, tuple[Any, ...], str], ...] = (
    (happened_at, (None, NOW), "no time"),
    (happened_at, (EARLIEST_MS - 1, NOW), "clock far off"),
    (happened_at, ((NOW + AHEAD_US) / 1_000 + 1, NOW), "clock far off"),
    (key_of, (None,), "no key"),
    (key_of, ("",), "no key"),
    (key_of, (LONG,), "key too long"),
    (units_of, ({},), "no context"),
    (units_of, ({"": "anna"},), "no context"),
    (units_of, ({"user": ""},), "no context"),
    (units_of, ({"user": "anna", "org": LONG},), "key too long"),
    (units_of, ({f"kind-{number}": "anna" for number in range(101)},), "too many kinds"),
    (served_of, ("", 7, "fallthrough", 1), "no key"),
    (served_of, ("checkout", None, "fallthrough", 1), "no version"),
    (served_of, ("checkout", 0, "fallthrough", 1), "no version"),
    (served_of, ("checkout", 2**63, "fallthrough", 1), "no version"),
    (served_of, ("checkout", 7, "fallthrough", None), "no variation"),
    (served_of, ("checkout", 7, "fallthrough", -1), "no variation"),
    (served_of, ("checkout", 7, None, 1), "no rule"),
    (served_of, ("checkout", 7, "", 1), "no rule"),
    (data_of, (Raw(b"1" * 1_000), 263), "data too long"),
    (attributes_of, ({"user": {"number": 10**5_000}},), "unwritable"),
)


@pytest.mark.parametrize(("judge", "said", "cause"), BAD)
def test_what_an_event_does_not_say_as_it_should_is_its_cause(
    judge: Any, said: tuple[Any, ...], cause: str
) -> None:
    with pytest.raises(Unlike, match=f"^{cause}$"):
        judge(*said)


@given(st.integers(EARLIEST_MS, (NOW + AHEAD_US) // 1_000))
def test_nothing_happens_after_its_receipt(created_ms: int) -> None:
    assert happened_at(created_ms, NOW) == min(created_ms * 1_000, NOW)


def test_what_is_at_its_limit_is_taken() -> None:
    key = "k" * 1_024
    units = {f"kind-{number}": key for number in range(100)}
    assert (key_of(key), units_of(units)) == (key, units)
    assert served_of(key, 2**63 - 1, "rule-1", 0) == (key, 2**63 - 1, "rule-1", 0)
    data = "1" * 256 * 1_024
    assert data_of(Raw(data.encode()), 1) == data
    assert [data_of(Raw(nothing), 100) for nothing in (b"", b"null")] == [None, None]


def test_kinds_without_attributes_are_left_out() -> None:
    assert attributes_of({"user": {"plan": "gold"}, "org": {}}) == '{"user":{"plan":"gold"}}'
    assert attributes_of({}) == "{}"


def test_numbers_that_are_none_are_told_from_what_is_malformed() -> None:
    assert cause_of(b'{"value":NaN}', ValueError()) == "bad number"
    assert cause_of(b"{}", ValueError("Integer value out of range")) == "bad number"
    assert cause_of(b"[", ValueError("cut off")) == "malformed"


def test_every_cause_stands_in_the_guide() -> None:
    source = "".join(each.read_text() for each in sorted((ROOT / "src").rglob("*.py")))
    causes = set(re.findall(r'(?:Unlike|Dead)\("([a-z ]+)"', source))
    causes |= set(re.findall(r'^(?:NO|NOT)_[A-Z]+ = "(n[a-z ]+)"$', source, re.MULTILINE))
    assert {cause for _, _, cause in BAD} < causes
    told = (ROOT / "docs/guide/events.md").read_text()
    assert {cause for cause in causes if f"`{cause}`" not in told} == set()
