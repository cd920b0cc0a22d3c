"""Assignment is proved by vectors of our own, which need nothing from outside this repository."""

import json
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldclient import Context
from ldclient.impl.evaluator_common import _bucket_context

from equipoise.evaluation.bucketing import (
    BITS,
    bounds,
    bucket,
    bucketable,
    digits,
    prefix,
    slot_at,
    threshold,
)
from equipoise.evaluation.context import context
from equipoise.evaluation.ruleset import Slot
from tests.evaluation.answers import Both, reason_document
from tests.evaluation.published import Published
from tests.evaluation.wire import ruleset

GOLDEN = Path(__file__).parent / "golden"
HASHES = json.loads((GOLDEN / "hashes.json").read_text())["hashes"]
FLAGS = json.loads((GOLDEN / "arms.json").read_text())["flags"]


@pytest.mark.parametrize("vector", HASHES, ids=lambda each: each["text"])
def test_a_text_has_these_digits_and_this_bucket(vector: Any) -> None:
    text = prefix(vector["key"], vector["salt"], vector["seed"]) + vector["value"]
    assert text == vector["text"]
    assert digits(text) == int(vector["digits"], 16)
    assert bucket(digits(text)) == vector["bucket"]
    assert sha1(text.encode()).hexdigest()[:15] == vector["digits"]


@pytest.mark.parametrize("golden", FLAGS, ids=lambda each: each["name"])
def test_units_get_these_arms(golden: Any) -> None:
    flag = golden["flag"]
    both = Both(ruleset({"flags": {flag["key"]: flag}}))
    for case in golden["cases"]:
        decision = both.decide(flag["key"], context(case["context"]))
        assert (decision.variation, reason_document(decision.reason)) == (case["variation"], case["reason"])


@pytest.mark.parametrize("vector", HASHES, ids=lambda each: each["text"])
def test_the_published_client_has_the_same_bucket(vector: Any) -> None:
    unit = Context.create(vector["value"])
    theirs = _bucket_context(vector["seed"], unit, "user", vector["key"], vector["salt"], None)
    assert theirs == vector["bucket"]


@pytest.mark.parametrize("golden", FLAGS, ids=lambda each: each["name"])
def test_the_published_client_serves_the_same_arms(golden: Any) -> None:
    flag = golden["flag"]
    published = Published({"flags": {flag["key"]: flag}, "segments": {}})
    for case in golden["cases"]:
        _, variation, reason = published.decide(flag["key"], case["context"])
        assert (variation, reason) == (case["variation"], case["reason"])


ENDS = st.one_of(
    st.floats(-2, 3),
    st.integers(0, 100_000).map(lambda weight: weight / 100_000),
    st.lists(st.integers(0, 100_000), min_size=1, max_size=20).map(
        lambda weights: list(bounds([Slot(0, weight) for weight in weights]))[-1]
    ),
)


@given(ENDS, st.integers(0, 2**BITS - 1), st.integers(-600, 600))
def test_a_number_is_below_the_threshold_when_its_bucket_is_below_the_end(
    end: float, anywhere: int, near: int
) -> None:
    limit = threshold(end)
    for number in (anywhere, limit + near, 0, 2**BITS - 1):
        if 0 <= number < 2**BITS:
            assert (number < limit) == (bucket(number) < end)


def test_weights_are_added_as_doubles() -> None:
    ends = list(bounds([Slot(0, 10_000)] * 10))
    assert ends[2] == 0.1 + 0.1 + 0.1 != 0.3
    assert ends[-1] < 1


def test_who_is_past_the_last_end_falls_into_the_last_slot() -> None:
    slots = (Slot(0, 1), Slot(1, 1))
    assert [slot_at(slots, at).variation for at in (0.0, 0.00001, 0.5, 1.0)] == [0, 1, 1, 1]


def test_only_texts_and_whole_numbers_are_hashed() -> None:
    values: tuple[Any, ...] = ("a", 7, True, 7.0, None, ["a"], {})
    assert [bucketable(value) for value in values] == ["a", "7", None, None, None, None, None]


def test_half_a_surrogate_pair_is_not_hashed() -> None:
    with pytest.raises(UnicodeEncodeError):
        digits("\ud800")
