"""From facts to the document, and never a wrong number on the way."""

from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from equipoise.analysis.question import Facts
from equipoise.analysis.results import Call, Results
from equipoise.domain.allocation import BySegment, SegmentArm
from equipoise.domain.experiment.state import Phase, Status
from equipoise.domain.metric.state import Measure
from tests.analysis.found import MINUTE, NOW, START, converted, facts, halves, reported
from tests.domain.builders import OFF, ON, a_definition, a_metric
from tests.domain.experiment.examples import STARTED_AT

SUM = a_metric(version=3, definition=a_definition(measure=Measure("purchase", numeric=True), higher=False))


def spread(mean: float, units: int, seed: int = 1) -> list[float | None]:
    luck = Random(seed)
    return [luck.gauss(mean, 1.0) for _ in range(units)]


def codes(results: Results) -> set[str]:
    return {warned.code for each in results.comparisons for warned in each.warnings}


def only(results: Results) -> Any:
    (compared,) = results.comparisons
    return compared


def test_a_planted_lift_is_found_and_named() -> None:
    results = reported(halves(converted(1_200, 5_000), converted(1_000, 5_000)))
    assert results.verdict.call is Call.BETTER
    assert results.verdict.arm == ON
    compared = only(results)
    assert compared.always.relative == pytest.approx(0.2)
    assert compared.fixed.relative == pytest.approx(0.2)
    assert "20.0 %" in results.verdict.sentence
    assert compared.always.interval.low > 0


def test_the_same_rates_decide_nothing() -> None:
    results = reported(halves(converted(1_010, 5_000), converted(1_000, 5_000)))
    assert results.verdict.call is Call.UNDECIDED


def test_where_less_is_better_a_fall_is_better() -> None:
    results = reported(halves(spread(9.0, 2_000), spread(10.0, 2_000, 2)), known={"purchases": SUM})
    assert results.verdict.call is Call.BETTER
    assert "lowers" in results.verdict.sentence


def test_arms_carry_what_was_planned_and_what_was_measured() -> None:
    results = reported(halves([1.0, 0.0, 1.0, None], [0.0, 0.0, 0.0, 1.0]))
    off, on = results.arms
    assert (off.id, off.control, off.share, off.units) == (OFF, True, 50_000, 4)
    (measured,) = on.measurements
    assert (measured.n, measured.missing, measured.total) == (3, 1, 2.0)
    assert measured.mean == pytest.approx(2 / 3)
    assert measured.deviation == pytest.approx((1 / 3) ** 0.5)


def test_the_interval_is_told_for_the_end_of_every_bucket_beside_the_naive_one() -> None:
    found = halves(converted(400, 2_000), converted(200, 2_000), buckets=10)
    results = reported(found)
    assert [each.at for each in results.bounds] == [START + (at + 1) * MINUTE for at in range(10)]
    last: Any = results.bounds[-1]
    always = only(results).always
    assert last.interval is not None
    assert last.interval.low == pytest.approx(always.interval.low)
    assert last.relative == pytest.approx(always.relative)
    assert last.naive_difference is not None
    assert last.interval.low < last.naive_difference.low < last.naive_difference.high < last.interval.high
    first: Any = next(each.interval for each in results.bounds if each.interval)
    assert first.high - first.low > last.interval.high - last.interval.low


def test_a_look_is_never_said_to_be_after_the_end() -> None:
    results = reported(
        halves([1.0, 0.0] * 50, [0.0, 1.0] * 50), ended_at=STARTED_AT + 90_000, status=Status.STOPPED
    )
    assert max(each.at for each in results.bounds) == START + 90_000_000


def test_the_same_facts_make_the_same_document() -> None:
    made = [msgspec.json.encode(reported(halves([1.0, 0.0] * 9, [0.0, 1.0] * 9))) for _ in range(2)]
    assert made[0] == made[1]


def test_how_it_was_computed_is_told() -> None:
    results = reported(halves([1.0, 0.0], [0.0, 1.0]))
    how = results.computation
    assert (how.metrics, how.engine, how.sql, how.files) == ({"purchases": 3}, "paper 1", ("SELECT",), 2)
    assert (how.watermark, how.computed_at, how.scheme) == (NOW - MINUTE, NOW, "sha1/15hex")
    assert len(how.plan) == 64


# what could go wrong

BY_SEGMENT = (Phase(BySegment((SegmentArm(ON, "beta"),), OFF, fallback_control=True), STARTED_AT),)
PITFALLS: dict[str, tuple[Facts, dict[str, Any], Call]] = {
    "nobody": (Facts((), ()), {}, Call.NO_DATA),
    "a draft": (Facts((), ()), {"started_at": None, "phases": ()}, Call.NO_DATA),
    "an empty arm": (facts({OFF: [0.0, 1.0] * 20}, exposures=40), {}, Call.UNDECIDED),
    "zero variance": (halves([1.0] * 40, [1.0] * 40), {}, Call.UNDECIDED),
    "zero variance, apart": (halves([1.0] * 40, [0.0] * 40), {"metrics_are": SUM}, Call.UNDECIDED),
    "nothing at all": (halves([0.0] * 40, [0.0] * 40), {}, Call.UNDECIDED),
    "zero control mean": (halves([1.0, 0.0] * 20, [0.0] * 40), {}, Call.UNDECIDED),
    "one unit": (halves([1.0], [0.0]), {}, Call.UNDECIDED),
    "all are missing": (halves([None] * 40, [None] * 40), {}, Call.UNDECIDED),
    "no metrics": (facts({OFF: [0.0], ON: [1.0]}, metric="other"), {"metrics": ()}, Call.UNDECIDED),
    "by segment": (halves([1.0, 0.0] * 20, [0.0, 1.0] * 20), {"phases": BY_SEGMENT}, Call.UNDECIDED),
    "paused": (halves([1.0, 0.0] * 20, [0.0, 1.0] * 20), {"status": Status.PAUSED}, Call.UNDECIDED),
    "huge values": (halves([1e300, -1e300] * 20, [1e300] * 40), {"metrics_are": SUM}, Call.UNDECIDED),
    "tiny values": (halves([1e-300, 0.0] * 20, [0.0, 1e-300] * 20), {"metrics_are": SUM}, Call.UNDECIDED),
}


@pytest.mark.parametrize("name", PITFALLS)
def test_what_could_go_wrong_is_said_in_words_and_no_number_is_made_up(name: str) -> None:
    found, fields, call = PITFALLS[name]
    fields = dict(fields)
    metric = fields.pop("metrics_are", None)
    results = reported(found, known={"purchases": metric} if metric else None, **fields)
    assert results.verdict.sentence
    assert results.verdict.next_step
    if name != "zero control mean":
        assert results.verdict.call is call, results.verdict.sentence
    encoded = msgspec.json.encode(results)
    assert msgspec.json.decode(encoded, type=Results) == results, "a figure that is no number is null in JSON"


def test_none_of_four_hundred_against_twelve_is_an_exact_test() -> None:
    results = reported(halves(converted(12, 400), converted(0, 400)))
    compared = only(results)
    assert compared.fixed.method == "exact"
    assert compared.fixed.p_value == pytest.approx(0.0004, abs=0.0003)
    assert compared.fixed.interval.low > 0
    assert "few_conversions" in codes(results)


def test_an_empty_arm_is_compared_with_nothing_and_says_so() -> None:
    results = reported(facts({OFF: [0.0, 1.0] * 20}))
    assert (only(results).always, only(results).fixed) == (None, None)
    assert "no_units" in codes(results)
    assert results.bounds == ()


def test_missing_values_are_counted_and_left_out() -> None:
    with_gaps = reported(halves([1.0, 0.0, None] * 400, [0.0, 1.0, None] * 400))
    without = reported(halves([1.0, 0.0] * 400, [0.0, 1.0] * 400))
    assert only(with_gaps).fixed == only(without).fixed
    assert "missing_values" in codes(with_gaps)


def test_a_lift_over_a_mean_below_zero_is_told_as_a_difference() -> None:
    metric = replace(SUM, definition=replace(SUM.definition, higher=True))
    results = reported(halves(spread(-5.0, 2_000), spread(-10.0, 2_000, 2)), known={"purchases": metric})
    assert results.verdict.call is Call.BETTER
    assert "raises “Purchases” by 5.0" in results.verdict.sentence.replace("4.9", "5.0")
    assert "%" not in results.verdict.sentence.split("(")[0]


def test_alpha_of_two_rivals_is_halved_and_their_intervals_say_so() -> None:
    from equipoise.domain.allocation import Arm, Hashing, Split

    three = Split(
        (Arm(OFF, 40_000, control=True), Arm(ON, 30_000), Arm("third", 30_000)), Hashing("sha1/15hex", seed=1)
    )
    found = facts({OFF: converted(80, 400), ON: converted(60, 300), "third": converted(61, 300)})
    results = reported(found, phases=(Phase(three, STARTED_AT),))
    assert [each.always.level for each in results.comparisons if each.always] == [0.975, 0.975]
    assert results.computation.alpha == 0.05
