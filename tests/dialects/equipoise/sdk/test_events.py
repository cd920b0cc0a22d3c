"""The events of our SDK: what each line becomes."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.equipoise.sdk.events import counted, decode
from equipoise.domain.records import Dead, Decoded, Done, Received, Seen

NOW_MS = 1_760_000_000_000
NOW = NOW_MS * 1_000
HOUR_MS = 3_600_000


def exposure(**fields: Any) -> dict[str, Any]:
    event = {
        "kind": "exposure",
        "at": NOW_MS - 5,
        "flag": "checkout",
        "version": 7,
        "rule": "fallthrough",
        "variation": 1,
        "units": {"user": "anna"},
        **fields,
    }
    return {name: value for name, value in event.items() if value is not ...}


def outcome(**fields: Any) -> dict[str, Any]:
    event = {"kind": "outcome", "at": NOW_MS - 5, "name": "purchase", "units": {"user": "anna"}, **fields}
    return {name: value for name, value in event.items() if value is not ...}


def read(*lines: Any, encoding: str = "") -> list[Decoded]:
    body = b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines)
    body = gzip.compress(body) if encoding else body
    return list(decode(Received("equipoise", "e", "p", NOW, body, encoding)))


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_exposures_and_outcomes_become_records_in_their_order(encoding: str) -> None:
    several = {"user": "anna", "org": "acme"}
    found = read(
        exposure(attributes={"user": {"plan": "gold"}}),
        outcome(value=9.5, data={"sku": [1.0]}, units=several),
        exposure(rule="rule-1", units=several, attributes={"user": {}}),
        outcome(value=None, data=None),
        encoding=encoding,
    )
    at = (NOW_MS - 5) * 1_000
    assert found == [
        Seen("checkout", 7, "fallthrough", 1, {"user": "anna"}, at, '{"user":{"plan":"gold"}}'),
        Done("purchase", several, at, 9.5, '{"sku": [1.0]}'),
        Seen("checkout", 7, "rule-1", 1, several, at),
        Done("purchase", {"user": "anna"}, at),
    ]


LONG = "x" * 1_025
BAD = [
    (b"nonsense", "malformed"),
    (b"[]", "malformed"),
    (b'{"kind":"other"}', "malformed"),
    (b'{"at":1}', "malformed"),
    (b"\xff", "malformed"),
    (b"[" * 100_000, "malformed"),
    (b'{"kind":"outcome","value":NaN}', "bad number"),
    (b'{"kind":"outcome","value":1e400}', "bad number"),
    (outcome(name=""), "no key"),
    (outcome(name=LONG), "key too long"),
    (outcome(name=7), "malformed"),
    (outcome(units={}), "no context"),
    (outcome(units={"user": ""}), "no context"),
    (outcome(units={"": "anna"}), "no context"),
    (outcome(units={"user": LONG}), "key too long"),
    (outcome(units={f"kind-{number}": "a" for number in range(101)}), "too many kinds"),
    (outcome(units={"user": 7}), "malformed"),
    (outcome(at=...), "no time"),
    (outcome(at=NOW_MS + 25 * HOUR_MS), "clock far off"),
    (outcome(at=0), "clock far off"),
    (outcome(value=True), "malformed"),
    (outcome(data="x" * (256 * 1024)), "data too long"),
    (exposure(flag=""), "no key"),
    (exposure(version=0), "no version"),
    (exposure(version=2**63), "no version"),
    (exposure(variation=...), "no variation"),
    (exposure(rule=""), "no rule"),
    (exposure(attributes=[]), "malformed"),
]


@pytest.mark.parametrize(("line", "cause"), BAD)
def test_a_bad_line_is_dead_with_its_cause_and_harms_no_other(line: Any, cause: str) -> None:
    before, dead, after = read(outcome(), line, exposure())
    assert isinstance(before, Done)
    assert isinstance(after, Seen)
    assert isinstance(dead, Dead)
    assert dead.cause == cause
    assert dead.event == (line if isinstance(line, bytes) else json.dumps(line).encode())


def test_a_clock_that_is_a_little_ahead_is_held_back_to_the_time_of_receipt() -> None:
    (found,) = read(outcome(at=NOW_MS + HOUR_MS))
    assert isinstance(found, Done)
    assert found.at == NOW


def test_a_body_that_cannot_be_unpacked_is_dead_as_a_whole() -> None:
    received = Received("equipoise", "e", "p", NOW, b"no gzip", "gzip")
    assert list(decode(received)) == [Dead("unreadable", b"no gzip")]


@given(st.binary(max_size=200))
def test_whatever_comes_is_one_record_for_each_line_and_raises_nothing(body: bytes) -> None:
    assert len(list(decode(Received("equipoise", "e", "p", NOW, body)))) == counted(body)
