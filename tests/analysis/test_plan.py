"""What is settled before anybody looks at data."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.analysis.plan import ALPHA, BUCKETS, BUCKETS_MAX, TUNED, Plan, bucket_of, control_spent, plan
from equipoise.analysis.question import Measured, Value
from equipoise.domain.allocation import Arm, BySegment, Hashing, SegmentArm, Split
from equipoise.domain.clauses import Clause
from equipoise.domain.experiment.state import Comparison, Contrast, Iteration, MetricUse, Phase, Role, Side
from equipoise.domain.metric.state import Measure, Metric, Winsor
from equipoise.domain.proposal import Proposal, ProposedArm, allocate
from tests.domain.builders import ID, OFF, ON, a_definition, a_flag, a_metric
from tests.domain.experiment.examples import STARTED_AT, STOPPED_AT, a_ramp, running, stopped

THIRD = "3e6b8a5c-0000-4000-8000-000000000003"
HOUR_MS = 3_600_000
NOW = (STARTED_AT + HOUR_MS) * 1_000


def the_iteration(**fields: Any) -> Iteration:
    current = running().current
    assert current is not None
    return replace(current, **fields)


def planned(
    iteration: Iteration | None = None, metrics: dict[str, Metric | None] | None = None, **said: Any
) -> Plan:
    found = {"purchases": a_metric(version=3)} if metrics is None else metrics
    arguments: dict[str, Any] = {"flag": a_flag(), "environment": ID, "now": NOW} | said
    return plan(iteration or the_iteration(), found, **arguments)


def a_split(*arms: Arm) -> Split:
    return Split(
        arms, Hashing("sha1/15hex", seed=1), rest=100_000 - sum(arm.share for arm in arms), outside=OFF
    )


def phased(*allocations: Split | BySegment) -> tuple[Phase, ...]:
    return tuple(Phase(each, STARTED_AT + at) for at, each in enumerate(allocations))


# arms and comparisons


def test_each_arm_is_compared_with_the_control() -> None:
    found = planned()
    assert [arm.id for arm in found.arms] == [OFF, ON]
    assert [arm.name for arm in found.arms] == ["off", "on"]
    (only,) = found.comparisons
    assert (only.arm, only.against, only.role, only.version) == (ON, OFF, Role.PRIMARY, 3)
    assert (only.alpha, found.tuned) == (ALPHA, TUNED)


def test_alpha_is_split_over_the_arms_that_are_compared() -> None:
    three = a_split(Arm(OFF, 40_000, control=True), Arm(ON, 30_000), Arm(THIRD, 30_000, name="third"))
    found = planned(the_iteration(phases=phased(three)))
    assert [each.alpha for each in found.comparisons] == [ALPHA / 2, ALPHA / 2]
    assert {each.arm for each in found.comparisons} == {ON, THIRD}


def test_what_decides_comes_first() -> None:
    uses = (MetricUse("revenue"), MetricUse("purchases"))
    both: dict[str, Metric | None] = {
        "purchases": a_metric(),
        "revenue": a_metric(key="revenue", name="Revenue"),
    }
    found = planned(the_iteration(metrics=uses, primary="purchases"), both)
    assert [(each.metric, each.role) for each in found.comparisons] == [
        ("purchases", Role.PRIMARY),
        ("revenue", Role.SECONDARY),
    ]


def test_what_is_said_explicitly_takes_the_place_of_what_would_follow() -> None:
    said = Comparison("purchases", Contrast(OFF, ON), 0.02, Side.GREATER, Role.GUARDRAIL)
    (only,) = planned(the_iteration(comparisons=(said,))).comparisons
    assert (only.arm, only.against, only.margin, only.side, only.role) == (
        OFF,
        ON,
        0.02,
        Side.GREATER,
        Role.GUARDRAIL,
    )


def test_a_comparison_of_an_arm_that_is_not_there_is_none() -> None:
    said = Comparison("purchases", Contrast("nobody"))
    assert planned(the_iteration(comparisons=(said,))).comparisons == ()


def test_where_less_is_better_the_direction_says_so() -> None:
    (only,) = planned(metrics={"purchases": a_metric(definition=a_definition(higher=False))}).comparisons
    assert only.direction == -1


def test_without_a_control_nothing_is_compared_and_it_is_said_why() -> None:
    found = planned(the_iteration(phases=phased(a_split(Arm(OFF, 50_000), Arm(ON, 50_000)))))
    assert found.comparisons == ()
    assert found.obstacle is not None
    assert found.obstacle.code == "no_control"


def test_arms_by_segment_are_not_compared_and_it_is_said_why() -> None:
    by = BySegment((SegmentArm(ON, "beta"),), OFF, fallback_control=True)
    found = planned(the_iteration(phases=phased(by)))
    assert [arm.id for arm in found.arms] == [ON, OFF]
    assert (found.comparisons, found.expected) == ((), None)
    assert found.obstacle is not None
    assert found.obstacle.code == "by_segment"


@pytest.mark.parametrize(
    ("by", "controls"),
    [
        (BySegment((SegmentArm(ON, "beta"), SegmentArm(ON, "staff", control=True)), OFF), [True, False]),
        (BySegment((SegmentArm(ON, "beta"), SegmentArm(OFF, "staff")), OFF, True), [False, True]),
        (BySegment((SegmentArm(OFF, "beta", control=True), SegmentArm(ON, "staff")), OFF), [True, False]),
    ],
    ids=["its second segment", "the fallback", "its first segment"],
)
def test_one_arm_stands_for_all_segments_that_get_its_variation(by: BySegment, controls: list[bool]) -> None:
    found = planned(the_iteration(phases=phased(by))).arms
    assert len({arm.id for arm in found}) == len(found) == 2
    assert [arm.control for arm in found] == controls


def test_a_draft_of_any_shape_is_planned_with_each_arm_once() -> None:
    arms = (ProposedArm(ON, segment="beta"), ProposedArm(OFF), ProposedArm(ON, segment="staff", control=True))
    found = planned(the_iteration(phases=(), proposal=Proposal(arms), started_at=None))
    assert [(arm.id, arm.control) for arm in found.arms] == [(ON, True), (OFF, False)]


def test_arms_of_one_name_are_told_apart() -> None:
    twins = a_split(Arm(OFF, 50_000, control=True, name="same"), Arm(THIRD, 50_000, name="same"))
    names = [arm.name for arm in planned(the_iteration(phases=phased(twins))).arms]
    assert len(set(names)) == 2


def test_a_draft_is_planned_by_its_proposal() -> None:
    proposal = Proposal((ProposedArm(OFF, 50_000, control=True), ProposedArm(ON, 50_000)))
    found = planned(the_iteration(phases=(), proposal=proposal, started_at=None))
    assert [(arm.id, arm.share) for arm in found.arms] == [(OFF, 50_000), (ON, 50_000)]
    assert found.expected is None


HALF = a_split(Arm(OFF, 50_000, control=True), Arm(ON, 50_000))
TENTH = a_split(Arm(OFF, 10_000, control=True), Arm(ON, 10_000))
NOBODY = Split((Arm(ON, 0), Arm(OFF, 0, control=True)), Hashing("sha1/15hex", seed=1), 100_000, OFF, True)


def test_shares_are_expected_only_where_all_phases_agree() -> None:
    less = a_split(Arm(OFF, 90_000, control=True), Arm(ON, 10_000))
    assert planned(the_iteration(phases=phased(HALF, HALF))).expected == {OFF: 50_000, ON: 50_000}
    assert planned(the_iteration(phases=phased(HALF, less))).expected is None
    assert planned(the_iteration(phases=phased(HALF, less, HALF))).expected is None


def test_traffic_that_grows_at_equal_proportions_is_one_split() -> None:
    salted = Hashing("sha1/15hex", seed=1, traffic="traffic.0")
    grown = phased(
        *(
            allocate(Proposal((ProposedArm(OFF, share, control=True), ProposedArm(ON, 2 * share))), salted)
            for share in (3_333, 6_666, 33_330)
        )
    )
    found = planned(the_iteration(phases=grown))
    assert found.expected == {OFF: 33_333, ON: 66_667}
    assert [arm.share for arm in found.arms] == [33_333, 66_667]
    assert planned(the_iteration(phases=(*grown, *phased(HALF)))).expected is None


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((10_000, 25_000, 50_000), {ON: 10_000, OFF: 10_000}),
        ((0, 10_000, 50_000), {ON: 10_000, OFF: 10_000}),
        ((0, 1, 33_333), {ON: 1, OFF: 1}),
        ((0,), None),
        ((10_000, 60_000), None),
        ((60_000,), {ON: 50_000, OFF: 40_000}),
        ((60_000, 70_000), None),
        ((100_000,), {ON: 50_000, OFF: 0}),
    ],
    ids=str,
)
def test_up_to_half_a_ramp_is_one_split(levels: tuple[int, ...], expected: dict[str, int] | None) -> None:
    seeded = Hashing("sha1/15hex", seed=1)
    climbed = phased(*(allocate(a_ramp(level), seeded) for level in levels))
    assert planned(the_iteration(phases=climbed)).expected == expected


@pytest.mark.parametrize(
    ("levels", "phase"),
    [
        ((10_000, 25_000, 50_000), None),
        ((60_000,), None),
        ((10_000, 50_000, 60_000, 100_000), 2),
        ((60_000, 70_000), 1),
    ],
    ids=str,
)
def test_the_question_ends_where_a_ramp_takes_from_its_control(
    levels: tuple[int, ...], phase: int | None
) -> None:
    seeded = Hashing("sha1/15hex", seed=1)
    climbed = the_iteration(phases=phased(*(allocate(a_ramp(level), seeded) for level in levels)))
    spent = None if phase is None else (STARTED_AT + phase) * 1_000
    assert control_spent(climbed) == planned(climbed).question.until == spent
    assert planned(climbed, until=STARTED_AT * 1_000).question.until == STARTED_AT * 1_000


def test_an_allocation_that_is_no_ramp_spends_no_control() -> None:
    assert control_spent(the_iteration(phases=phased(HALF, TENTH))) is None


def test_a_phase_that_gave_nobody_an_arm_says_nothing() -> None:
    for phases in ((NOBODY, HALF), (HALF, NOBODY), (NOBODY, TENTH, NOBODY, HALF)):
        found = planned(the_iteration(phases=phased(*phases))).expected
        assert found is not None
        assert found[ON] == found[OFF] > 0
    assert planned(the_iteration(phases=phased(NOBODY))).expected is None
    by = BySegment((SegmentArm(ON, "beta"),), OFF)
    assert planned(the_iteration(phases=phased(NOBODY, by, HALF))).expected is None
    assert planned(the_iteration(phases=phased(HALF, by))).expected is None


@given(st.lists(st.integers(1, 30), min_size=2, max_size=3), st.lists(st.integers(1, 1_000), min_size=1))
def test_phases_of_one_proportion_are_one_split(parts: list[int], widths: list[int]) -> None:
    phases = []
    for width in widths:
        arms = (Arm(id, part * width) for id, part in zip((OFF, ON, THIRD), parts, strict=False))
        phases.append(a_split(*arms))
    found = planned(the_iteration(phases=phased(*phases))).expected
    assert found == {arm.variation: arm.share for arm in phases[0].arms}


def test_an_arm_of_an_earlier_phase_stays_an_arm() -> None:
    before = a_split(Arm(OFF, 50_000, control=True), Arm(THIRD, 50_000, name="gone"))
    now = a_split(Arm(OFF, 50_000, control=True), Arm(ON, 50_000))
    found = planned(the_iteration(phases=phased(before, now)))
    assert [(arm.id, arm.share, arm.control) for arm in found.arms] == [
        (OFF, 50_000, True),
        (ON, 50_000, False),
        (THIRD, 0, False),
    ]


# metrics


@pytest.mark.parametrize(
    ("numeric", "aggregation", "value"),
    [
        (False, "average", Value.OCCURRED),
        (False, "sum", Value.COUNT),
        (True, "sum", Value.SUM),
        (True, "average", Value.MEAN),
    ],
)
def test_a_metric_becomes_a_number_per_unit(numeric: bool, aggregation: str, value: Value) -> None:
    measure = Measure(
        event="bought", numeric=numeric, aggregation=aggregation, field="total", window=(1_000, 60_000)
    )
    found = planned(metrics={"purchases": a_metric(definition=a_definition(measure=measure, missing=None))})
    week = 7 * 24 * 3_600_000_000
    assert found.question.measured == (
        Measured("purchases", "bought", value, "total", 1_000_000, 60_000_000, None, week),
    )
    assert [each.binary for each in found.comparisons] == [value is Value.OCCURRED]


UNMEASURED = {
    "trace": a_definition(kind="trace"),
    "percentile": a_definition(analysis="percentile", percentile=90),
    "ratio": a_definition(denominator=Measure(event="visit")),
    "filters": a_definition(measure=Measure(event="bought", filters=Clause("c", "plan", "in", ("pro",)))),
    "clamped": a_definition(measure=Measure(event="bought", winsor=Winsor(upper=99.0))),
    "distinct": a_definition(measure=Measure(event="bought", aggregation="count_distinct")),
    "no event": a_definition(measure=Measure()),
}


@pytest.mark.parametrize("what", UNMEASURED)
def test_what_cannot_be_measured_yet_is_said_and_never_measured_wrongly(what: str) -> None:
    found = planned(metrics={"purchases": a_metric(definition=UNMEASURED[what])})
    assert (found.question.measured, found.comparisons, found.versions) == ((), (), {})
    assert [(each.code, bool(each.remedy)) for each in found.unmeasured] == [("not_measured", True)]


def test_a_group_a_strange_unit_and_a_metric_that_is_gone_are_said() -> None:
    uses = (MetricUse("purchases"), MetricUse("many", group=True), MetricUse("visits", unit="company"))
    metrics = {"purchases": None, "visits": a_metric(key="visits")}
    found = planned(the_iteration(metrics=uses), metrics)
    assert [each.code for each in found.unmeasured] == ["metric_gone", "not_measured", "not_measured"]


def test_a_metric_that_is_not_the_version_that_was_pinned_is_said() -> None:
    found = planned(metrics={"purchases": a_metric(version=4)})
    assert [each.code for each in found.unmeasured] == ["metric_changed"]
    assert found.versions == {"purchases": 4}


# time and digest


def test_a_stopped_iteration_ends_when_it_stopped_at_the_latest() -> None:
    iteration = stopped().current
    assert planned(iteration).question.until == STOPPED_AT * 1_000
    assert planned(iteration, until=STARTED_AT * 1_000 + 5).question.until == STARTED_AT * 1_000 + 5
    assert planned().question.until is None


@given(st.integers(-(10**15), BUCKETS[-1] * BUCKETS_MAX))
def test_a_timeline_has_at_most_two_hundred_buckets_and_is_as_fine_as_that_allows(span: int) -> None:
    bucket = bucket_of(span)
    assert span <= bucket * BUCKETS_MAX
    finer = [each for each in BUCKETS if each < bucket]
    assert not finer or span > finer[-1] * BUCKETS_MAX


def test_the_same_plan_has_the_same_digest_however_fine_its_timeline() -> None:
    one, later = planned(), planned(now=NOW + 10**12)
    assert one.question.bucket != later.question.bucket
    assert one.digest == later.digest


@pytest.mark.parametrize(
    "other",
    [
        lambda: planned(until=NOW),
        lambda: planned(metrics={"purchases": a_metric(version=3, definition=a_definition(missing=None))}),
        lambda: planned(the_iteration(unit="company")),
        lambda: planned(the_iteration(comparisons=(Comparison("purchases", margin=0.1),))),
    ],
)
def test_another_plan_has_another_digest(other: Any) -> None:
    assert other().digest != planned().digest
