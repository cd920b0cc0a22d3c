"""What a draft must have to start, and what is merely unwise."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.errors import Invalid
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.readiness import facts_of, shortcomings, warnings
from equipoise.domain.experiment.state import Comparison, Contrast, MetricUse
from equipoise.domain.flag.state import FALLTHROUGH
from equipoise.domain.proposal import Proposal, ProposedArm
from equipoise.domain.segment.state import SegmentRule
from tests.domain.builders import OFF, ON, a_flag, a_rule, a_segment, a_targeting, events_of
from tests.domain.experiment.examples import (
    a_ramp,
    a_start,
    an_arm,
    an_iteration,
    by_segment,
    drafted,
    halves,
    the_facts,
)


def places(iteration: dict[str, Any], facts: dict[str, Any] | None = None) -> list[str]:
    found = shortcomings(an_iteration(**iteration), the_facts(**(facts or {})))
    return [violation.where for violation in found]


def unwise(**fields: Any) -> list[str]:
    return [f"{each.where}: {each.rule}" for each in warnings(an_iteration(**fields))]


def test_two_halves_on_a_flag_that_is_on_are_ready() -> None:
    assert places({}) == []
    assert unwise() == []


@pytest.mark.parametrize(
    ("iteration", "facts", "expected"),
    [
        ({}, {"on": False}, ["flag"]),
        ({}, {"archived": True}, ["flag"]),
        ({"unit": ""}, {}, ["unit"]),
        ({"rule": "rule-1"}, {}, ["rule"]),
        ({"rule": "rule-1"}, {"rules": ("rule-1",)}, []),
        ({"rule": FALLTHROUGH}, {"rules": ()}, []),
        ({}, {"variations": (ON,)}, ["arms"]),
        ({"proposal": Proposal()}, {}, ["arms"]),
        ({"proposal": Proposal((an_arm(ON, 0),), OFF)}, {}, ["arms"]),
        ({"proposal": Proposal((an_arm(ON, None),), OFF)}, {}, ["arms"]),
        ({"proposal": Proposal((an_arm(ON, 1),), OFF)}, {}, []),
        ({"proposal": Proposal((an_arm(ON, 1),), "elsewhere")}, {}, ["outside"]),
        ({"proposal": Proposal((an_arm(ON, 1),))}, {}, ["outside"]),
        ({"proposal": Proposal((an_arm(ON, 100_000),))}, {}, []),
        ({"proposal": Proposal((an_arm(ON, 1, control=True),))}, {}, []),
        ({"proposal": Proposal((an_arm(ON, 50_001), an_arm(OFF)))}, {}, ["arms"]),
        ({"proposal": Proposal((an_arm(ON), an_arm(ON)))}, {}, ["arms"]),
        ({"proposal": Proposal((an_arm(ON, control=True), an_arm(OFF, control=True)))}, {}, ["arms"]),
        ({"proposal": a_ramp(0, 10_000)}, {}, []),
        ({"proposal": a_ramp(100_000)}, {}, []),
        ({"proposal": a_ramp(10_000)}, {"variations": (ON,)}, ["arms"]),
        ({"proposal": Proposal(a_ramp().arms[:1], levels=(10_000,))}, {}, ["arms"]),
        ({"proposal": Proposal(by_segment().arms, levels=(10_000,))}, {}, ["levels"]),
        ({"proposal": replace(halves(), scheme="fnv1a/2")}, {}, ["scheme"]),
        ({"proposal": replace(by_segment(), scheme="xxh32")}, {}, ["scheme"]),
    ],
    ids=str,
)
def test_a_draft_lacks_what_evaluation_needs(
    iteration: dict[str, Any], facts: dict[str, Any], expected: list[str]
) -> None:
    assert places(iteration, facts) == expected


def test_by_segment_needs_one_fallback_and_no_share() -> None:
    beta = ProposedArm(ON, segment="beta")
    rest = ProposedArm(OFF, fallback=True)
    assert places({"proposal": by_segment()}) == []
    assert places({"proposal": Proposal((beta, rest))}) == []
    assert places({"proposal": Proposal((beta,))}) == ["arms"]
    assert places({"proposal": Proposal((ProposedArm(ON, fallback=True), rest))}) == ["arms"]
    assert places({"proposal": Proposal((ProposedArm(ON), rest))}) == ["arms"]
    assert places({"proposal": Proposal((beta, replace(beta, variation=OFF), rest))}) == ["arms"]
    assert places({"proposal": Proposal((beta, beta, rest))}) == ["arms"]


def test_by_segment_needs_segments_of_the_environment_that_ask_of_contexts_alone() -> None:
    staff = (SegmentRule("r", (Clause("", "", SEGMENT_MATCH, ("staff",)),)),)
    assert places({"proposal": by_segment()}, {"segments": {"beta": ()}}) == []
    assert places({"proposal": by_segment()}, {"segments": {"other": ()}}) == ["arms"]
    assert places({"proposal": by_segment()}, {"segments": {"beta": staff}}) == ["arms"]
    assert places({}, {"segments": {"beta": staff}}) == []


def test_a_start_names_every_shortcoming_at_once() -> None:
    empty = drafted(draft=an_iteration(unit="", rule="gone", proposal=Proposal()))
    with pytest.raises(Invalid) as invalid:
        events_of(EXPERIMENT, empty, a_start(flag=the_facts(on=False, archived=True)))
    assert [each.where for each in invalid.value.violations] == ["flag", "flag", "unit", "rule", "arms"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"proposal": Proposal((an_arm(ON),))},
            ["arms: one arm has nothing to be compared with", "arms: no arm is the control"],
        ),
        (
            {"proposal": Proposal((an_arm(ON, 0), an_arm(OFF, control=True)))},
            ["arms: an arm without a share is given to nobody"],
        ),
        ({"proposal": by_segment()}, []),
        ({"proposal": a_ramp(0, 10_000)}, []),
        ({"metrics": ()}, ["metrics: no metric decides"]),
        ({"comparisons": (Comparison("unknown"),)}, ["comparisons: the metric is not measured"]),
        (
            {"comparisons": (Comparison("purchases", Contrast("unknown")),)},
            ["comparisons: there is no such arm"],
        ),
        ({"comparisons": (Comparison("purchases", Contrast(ON, OFF)),)}, []),
    ],
    ids=str,
)
def test_what_is_unwise_is_a_warning_and_no_refusal(fields: dict[str, Any], expected: list[str]) -> None:
    assert unwise(**fields) == expected


def test_the_first_metric_decides_where_none_is_named() -> None:
    iteration = an_iteration(metrics=(MetricUse("a"), MetricUse("b")))
    assert iteration.primary_key == "a"
    assert warnings(iteration) == ()


def test_the_facts_are_those_of_the_environment() -> None:
    here = a_targeting(rules=(a_rule("rule-1"),))
    flag = a_flag(archived_at=1, targeting={"production": here})
    facts = facts_of(flag, "production")
    assert (facts.on, facts.archived, facts.rules) == (True, True, ("rule-1",))
    assert facts.variations == (ON, OFF)
    assert facts_of(flag, "test").rules == ()
    assert halves().control is not None


def test_the_facts_know_the_segments_that_are_not_archived() -> None:
    there = (a_segment(), a_segment(key="old", archived_at=1), a_segment(key="empty", rules=()))
    assert facts_of(a_flag(), "production", there).segments == {"beta": a_segment().rules, "empty": ()}
    assert facts_of(a_flag(), "production").segments == {}
