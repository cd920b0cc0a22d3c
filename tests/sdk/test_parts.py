"""The small parts: reading streams, waiting, remembering, contexts."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.evaluation.context import context
from equipoise.sdk import Context, prepare
from equipoise.sdk.contexts import units_of
from equipoise.sdk.recent import Recent
from equipoise.sdk.stream import Reader
from equipoise.sdk.timing import TIMING, delay

SAID = (
    b':\n\nevent: put\ndata: {"a":"\xe2\x80\xa8"}\n\n:\n\n'
    b"event: patch\r\ndata: 1\r\ndata: 2\r\n\r\nid: 7\ndata:3\n\n"
)
EVENTS = [("put", b'{"a":"\xe2\x80\xa8"}'), ("patch", b"1\n2"), ("", b"3")]


@given(st.lists(st.integers(0, len(SAID)), max_size=12))
def test_events_are_the_same_however_a_stream_is_cut(cuts: list[int]) -> None:
    reader, at = Reader(), [0, *sorted(cuts), len(SAID)]
    pieces = [SAID[start:end] for start, end in pairwise(at)]
    assert [event for piece in pieces for event in reader.take(piece)] == EVENTS


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0, 10_000))
def test_a_retry_waits_longer_each_time_within_bounds(failures: int, luck: float, asked: float) -> None:
    waited = delay(TIMING, failures, 0.0, lambda: luck)
    assert TIMING.backoff / 2 <= waited <= TIMING.backoff_max
    assert delay(TIMING, failures + 1, 0.0, lambda: luck) >= waited
    told = delay(TIMING, failures, asked, lambda: luck)
    assert told == max(waited, min(asked, TIMING.retry_after_max))


def test_a_name_is_known_for_its_window_and_counts_from_when_it_was_met_first() -> None:
    recent = Recent(10.0)
    assert [recent.met("a", now) for now in (0.0, 5.0, 9.9, 10.0, 19.0, 21.0)] == [
        False,
        True,
        True,
        False,
        True,
        False,
    ]


def test_of_more_names_than_fit_those_go_that_were_not_met_for_longest() -> None:
    recent = Recent(1_000.0, most=10)
    recent.met("often", 0.0)
    for number in range(200):
        recent.met(number, 1.0)
        assert recent.met("often", 1.0)
    assert not recent.met(0, 1.0)
    assert recent.met(199, 1.0)
    assert len(recent._young) + len(recent._old) <= 20


@pytest.mark.parametrize(
    ("given", "document"),
    [
        ("anna", {"kind": "user", "key": "anna"}),
        ({"kind": "org", "key": "acme", "plan": "gold"}, {"kind": "org", "key": "acme", "plan": "gold"}),
        ({"key": "anna"}, {"key": "anna"}),
        ("", {"kind": "user", "key": ""}),
        (None, None),
        (7, 7),
    ],
)
def test_a_context_is_the_one_of_its_document(given: Any, document: Any) -> None:
    assert prepare(given) == context(document)


def test_a_prepared_context_is_taken_as_it_is() -> None:
    ready = prepare("anna")
    assert prepare(ready) is ready


class Broken(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no")


def test_what_cannot_be_read_is_a_context_with_an_error() -> None:
    assert "cannot be read" in prepare(Broken(kind="user", key="anna")).error


def test_units_are_all_kinds_of_a_context() -> None:
    several = prepare({"kind": "multi", "user": {"key": "anna"}, "org": {"key": "acme"}})
    assert units_of(several) == (("user", "anna"), ("org", "acme"))
    assert units_of(prepare("anna")) == (("user", "anna"),)
    assert units_of(Context({})) == ()
