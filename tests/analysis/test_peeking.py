"""What looking every day would have done."""

import pytest
from msgspec.structs import replace

from equipoise.analysis.peeking import Peeked, peeked, sentence
from equipoise.analysis.results import Bounds, Interval
from tests.analysis.pictures import PAGE, STEPS, a_result

CLEAR, ROUND = Interval(0.1, 0.3), Interval(-0.1, 0.3)


def look(at: int, naive: Interval | None, always: Interval | None, **fields: str) -> Bounds:
    made = Bounds("purchases", STEPS, at, 0.2, always, None, None, None, naive)
    return replace(made, **fields)


def test_looks_are_counted_by_who_called_a_difference() -> None:
    looks = (look(1, ROUND, ROUND), look(2, CLEAR, ROUND), look(3, CLEAR, CLEAR), look(4, ROUND, ROUND))
    assert peeked(a_result(bounds=looks), "purchases") == (Peeked(STEPS, 4, naive=2, always=1),)


def test_a_look_at_which_one_of_them_could_not_be_asked_is_none() -> None:
    looks = (look(1, None, CLEAR), look(2, CLEAR, None), look(3, CLEAR, ROUND))
    assert peeked(a_result(bounds=looks), "purchases") == (Peeked(STEPS, 1, naive=1, always=0),)


def test_where_only_the_lift_is_known_it_is_asked() -> None:
    looks = (replace(look(1, None, None), naive=CLEAR, relative_interval=ROUND),)
    assert peeked(a_result(bounds=looks), "purchases") == (Peeked(STEPS, 1, naive=1, always=0),)


def test_each_arm_is_told_by_itself_and_no_other_metric() -> None:
    looks = (look(1, CLEAR, ROUND), look(1, ROUND, ROUND, arm=PAGE), look(1, CLEAR, CLEAR, metric="revenue"))
    found = peeked(a_result(bounds=looks), "purchases")
    assert found == (Peeked(STEPS, 1, 1, 0), Peeked(PAGE, 1, 0, 0))
    assert peeked(a_result(bounds=()), "purchases") == ()


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Peeked(STEPS, 27, 23, 0), "at 23 of 27 looks; the always-valid interval never did."),
        (Peeked(STEPS, 27, 25, 21), "at 25 of 27 looks; the always-valid interval at 21."),
        (Peeked(STEPS, 27, 0, 0), "Neither a plain t-test nor the always-valid interval"),
        (Peeked(STEPS, 1, 1, 0), "at 1 of 1 look;"),
    ],
)
def test_the_sentence_holds_the_counts(one: Peeked, said: str) -> None:
    assert said in sentence(one)
