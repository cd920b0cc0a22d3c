"""What is said of the evidence, and what to do next."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.analysis.results import (
    ArmResult,
    Call,
    Check,
    Compared,
    Estimate,
    Grade,
    Interval,
    Verdict,
    Warned,
)
from equipoise.analysis.verdict import verdict
from equipoise.domain.allocation import Arm, BySegment, Hashing, SegmentArm, Split
from equipoise.domain.experiment.state import Phase, Role, Side, Status
from tests.analysis.found import a_plan, of_running
from tests.domain.builders import OFF, ON
from tests.domain.experiment.examples import STARTED_AT

THIRD = "third"
ARMS = tuple(
    ArmResult(id, name, id == OFF, 33_333, 100, ())
    for id, name in ((OFF, "Old"), (ON, "Two steps"), (THIRD, "One"))
)
LOST_UNITS = Check("sample_ratio", "Split", Grade.BAD, "Units came askew.", "Mend it.")


def an_estimate(relative: float, low: float | None, high: float | None, level: float = 0.95) -> Estimate:
    """An estimate against a mean of 10."""
    tenfold = (None if bound is None else 10 * bound for bound in (low, high))
    around = Interval(low, high)
    return Estimate(
        "confidence-sequence",
        False,
        10 * relative,
        1,
        None,
        Interval(*tenfold),
        relative,
        around,
        0.01,
        -2,
        level,
    )


def compared(always: Estimate | None, **fields: Any) -> Compared:
    plain = Compared(
        "purchases", "Purchases", 3, Role.PRIMARY, Side.TWO, 0.0, 1, ON, OFF, always=always, fixed=always
    )
    return replace(plain, **fields)


def judged(
    *comparisons: Compared, health: tuple[Check, ...] = (), arms: Any = ARMS, **fields: Any
) -> Verdict:
    experiment, iteration = of_running(**fields)
    return verdict(experiment, iteration, a_plan(iteration), arms, comparisons, health)


UP, DOWN = an_estimate(0.203, 0.121, 0.29), an_estimate(-0.12, -0.2, -0.04)
OPEN = an_estimate(0.02, -0.05, 0.09)


def test_an_arm_that_is_better_is_named_with_its_lift_and_interval() -> None:
    said = judged(compared(UP))
    assert (said.call, said.arm, said.metric) == (Call.BETTER, ON, "purchases")
    assert said.sentence == (
        "“Two steps” raises “Purchases” by 20.3 % (95 % always-valid interval 12.1 % to 29.0 %); "
        "it is better than “Old”."
    )
    assert "Ship “Two steps”" in said.next_step


def test_where_less_is_better_less_is_better() -> None:
    said = judged(compared(DOWN, direction=-1))
    assert said.call is Call.BETTER
    assert said.sentence.startswith(
        "“Two steps” lowers “Purchases” by 12.0 % (95 % always-valid interval 4.0 % to 20.0 %)"
    )
    assert "less is better" in said.sentence
    assert judged(compared(UP, direction=-1)).call is Call.WORSE


def test_an_arm_that_is_worse_is_worse() -> None:
    said = judged(compared(DOWN))
    assert (said.call, said.arm) == (Call.WORSE, ON)
    assert "Stop it" in said.next_step


def test_an_interval_that_holds_nothing_at_all_decides_nothing() -> None:
    said = judged(compared(OPEN))
    assert said.call is Call.UNDECIDED
    assert "-5.0 % to 9.0 %" in said.sentence


def test_the_best_of_several_is_named() -> None:
    better = an_estimate(0.4, 0.2, 0.6)
    assert judged(compared(UP), compared(better, arm=THIRD)).arm == THIRD


def test_one_arm_that_is_worse_decides_nothing_about_another() -> None:
    assert judged(compared(DOWN), compared(OPEN, arm=THIRD)).call is Call.UNDECIDED
    assert judged(compared(DOWN), compared(DOWN, arm=THIRD)).call is Call.WORSE


def test_what_got_worse_beside_it_is_to_be_weighed() -> None:
    beside = compared(DOWN, metric="revenue", name="Revenue", role=Role.SECONDARY)
    said = judged(compared(UP), beside)
    assert said.call is Call.BETTER
    assert "“Revenue”" in said.next_step


def test_an_interval_open_to_one_side_decides_all_the_same() -> None:
    assert judged(compared(an_estimate(0.5, 0.1, None))).call is Call.BETTER
    assert "10.0 % or more" in judged(compared(an_estimate(0.5, 0.1, None))).sentence
    assert judged(compared(an_estimate(0.5, None, None))).call is Call.UNDECIDED


def test_without_a_lift_the_difference_is_told() -> None:
    bare = replace(UP, relative=None, relative_interval=None)
    assert "raises “Purchases” by 2.030 (95 % always-valid interval 1.21" in judged(compared(bare)).sentence


@pytest.mark.parametrize(("side", "call"), [(Side.GREATER, Call.BETTER), (Side.LESS, Call.UNDECIDED)])
def test_a_one_sided_statement_speaks_of_its_side_alone(side: Side, call: Call) -> None:
    assert judged(compared(UP, side=side)).call is call


def test_an_arm_within_its_margin_is_not_worse() -> None:
    assert judged(compared(OPEN, margin=0.06)).call is Call.NOT_WORSE
    assert judged(compared(OPEN, margin=0.04)).call is Call.UNDECIDED
    assert judged(compared(OPEN, margin=0.1, direction=-1)).call is Call.NOT_WORSE


# what stands before a verdict


def test_a_draft_has_no_data_and_is_to_be_started() -> None:
    said = judged(started_at=None)
    assert (said.call, said.next_step) == (Call.NO_DATA, "Start the iteration.")


def test_nobody_seen_is_no_data_and_says_where_to_look() -> None:
    nobody = tuple(replace(arm, units=0) for arm in ARMS)
    said = judged(arms=nobody)
    assert said.call is Call.NO_DATA
    assert "“checkout”" in said.next_step
    assert judged(arms=nobody, status=Status.STOPPED).call is Call.NO_DATA


def test_what_cannot_be_trusted_decides_nothing_however_clear_it_looks() -> None:
    said = judged(compared(UP), health=(LOST_UNITS,))
    assert (said.call, said.next_step) == (Call.UNTRUSTED, "Mend it.")


@pytest.mark.parametrize(
    ("allocation", "word"),
    [
        (BySegment((SegmentArm(ON, "beta"),), OFF, fallback_control=True), "segments"),
        (Split((Arm(OFF, 50_000), Arm(ON, 50_000)), Hashing("sha1/15hex", seed=1)), "control"),
        (Split((Arm(OFF, 100_000, control=True),), Hashing("sha1/15hex", seed=1)), "one arm"),
    ],
)
def test_arms_that_cannot_be_compared_are_undecided_and_it_is_said_why(allocation: Any, word: str) -> None:
    said = judged(phases=(Phase(allocation, STARTED_AT),))
    assert said.call is Call.UNDECIDED
    assert word in said.sentence
    assert said.next_step


def test_an_experiment_that_measures_nothing_is_undecided() -> None:
    said = judged(metrics=(), primary="")
    assert said.call is Call.UNDECIDED
    assert "metric" in said.next_step


def test_where_nothing_could_be_estimated_the_warning_is_the_reason() -> None:
    why = Warned("no_variance", "All units have the same value.", "Wait for one that differs.")
    said = judged(compared(None, warnings=(why,)))
    assert (said.call, said.next_step) == (Call.UNDECIDED, "Wait for one that differs.")
    assert "All units have the same value." in said.sentence
