"""What a running experiment lays over its flag, and where a change of a flag is felt."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain.allocation import SHA1, SHARE_WHOLE, Hashing, Split
from equipoise.domain.clauses import SEGMENT_MATCH, Clause, segments_named
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import ProposeAllocation, Resume
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag, Rollout, Rule, Targeting, Variation, Weighted
from equipoise.domain.gates import Gate
from equipoise.domain.overlay import ALL, Overlay, environments_touched, memberships_of, overlaid, overlay_of
from equipoise.domain.proposal import Proposal, ProposedArm, allocate
from tests.domain.builders import (
    ID,
    LATER,
    OFF,
    ON,
    a_flag,
    a_rollout,
    a_rule,
    a_segment_rule,
    a_targeting,
    after,
)
from tests.domain.experiment.examples import (
    FIRST,
    a_ramp,
    an_arm,
    an_iteration,
    by_segment,
    drafted,
    paused,
    running,
    stopped,
    the_facts,
    with_draft,
)

GERMANS = Clause("c", "country", "in", ("DE",))


def overlay(now: Experiment) -> Overlay:
    laid = overlay_of(now)
    assert laid is not None
    return laid


def laid_over(targeting: Targeting, **iteration: Any) -> Targeting:
    return overlaid(targeting, (overlay(running(draft=an_iteration(**iteration))),))


def test_only_what_runs_is_laid_over_its_flag() -> None:
    assert overlay_of(drafted()) is None
    assert overlay_of(paused()) is None
    assert overlay_of(stopped()) is None
    assert overlay_of(with_draft(stopped())) is None
    assert overlay_of(running()) is not None


def test_an_overlay_says_whose_it_is_and_where() -> None:
    now = running(draft=an_iteration(unit="device", reshuffle=False))
    assert now.current is not None
    assert overlay(now) == Overlay(
        project="default",
        environment="production",
        flag="checkout",
        rule="fallthrough",
        experiment=ID,
        iteration=FIRST,
        phase=0,
        unit="device",
        allocation=now.current.phases[0].allocation,
        reshuffle=False,
    )


def test_a_new_phase_is_another_overlay() -> None:
    proposal = Proposal((an_arm(ON, 10_000), an_arm(OFF, 90_000, control=True)))
    now = after(EXPERIMENT, paused(), ProposeAllocation(proposal, the_facts()), Resume())
    assert overlay(now).phase == 1
    assert overlay(now) != overlay(running())


def test_edits_beside_the_run_leave_the_overlay() -> None:
    assert overlay(with_draft(running())) == overlay(running())


def test_the_fallthrough_serves_the_arms_under_the_seed() -> None:
    now = running()
    assert now.current is not None
    assert now.current.hashing is not None
    targeting = a_targeting(rules=(a_rule(),))
    served = overlaid(targeting, (overlay(now),))
    assert served == replace(
        targeting,
        fallthrough=Rollout(
            weights=(Weighted(OFF, 50_000), Weighted(ON, 50_000)),
            kind="user",
            seed=now.current.hashing.seed,
            experiment=True,
            outside=OFF,
            reshuffle=True,
        ),
    )


def test_units_are_hashed_by_the_scheme_that_the_allocation_names() -> None:
    now = overlay(running())
    assert isinstance(now.allocation, Split)
    named = replace(now, allocation=replace(now.allocation, hashing=Hashing("fnv1a/2", seed=5)))
    served = overlaid(a_targeting(), (named,)).fallthrough
    assert isinstance(served, Rollout)
    assert (served.scheme, served.seed) == ("fnv1a/2", 5)


FEW = Proposal((an_arm(OFF, 10_000, control=True), an_arm(ON, 20_000)))


def test_the_rest_of_one_line_is_a_weight_of_its_own_that_is_not_tracked() -> None:
    unsalted = replace(overlay(running()), allocation=allocate(FEW, Hashing(SHA1, 7)))
    served = overlaid(a_targeting(), (unsalted,)).fallthrough
    assert isinstance(served, Rollout)
    assert served.weights == (
        Weighted(OFF, 10_000),
        Weighted(ON, 20_000),
        Weighted(OFF, 70_000, untracked=True),
    )
    assert sum(each.weight for each in served.weights) == SHARE_WHOLE


def test_a_share_of_traffic_is_let_in_before_the_arms_share_it() -> None:
    now = overlay(running(draft=an_iteration(proposal=FEW)))
    served = overlaid(a_targeting(rules=(a_rule("rule-1"),)), (now,))
    first, gated = served.rules
    assert first == a_rule("rule-1")
    assert (gated.id, segments_named(gated.clauses)) == (now.gated_rule, (f"gate:{FIRST}:0:0",))
    assert isinstance(gated.serve, Rollout)
    assert [each.weight for each in gated.serve.weights] == [33_333, 66_667]
    assert isinstance(served.fallthrough, Rollout)
    assert served.fallthrough.weights == (Weighted(OFF, SHARE_WHOLE, untracked=True),)
    assert now.rules == ("fallthrough", now.gated_rule)


def test_what_passes_the_gates_answers_the_rule_first() -> None:
    now = overlay(running(draft=an_iteration(proposal=FEW)))
    targeting = a_targeting(rules=(a_rule("rule-0"), a_rule("rule-1", clauses=(GERMANS,)), a_rule("rule-2")))
    served = overlaid(targeting, (replace(now, rule="rule-1"),))
    assert [each.id for each in served.rules] == ["rule-0", now.gated_rule, "rule-1", "rule-2"]
    assert served.rules[1].clauses[0] == GERMANS
    assert served.rules[2].clauses == (GERMANS,)
    assert served.fallthrough == targeting.fallthrough


def test_by_segment_whoever_is_kept_out_gets_what_the_flag_serves() -> None:
    gate = Gate("holdout.0", ((10_000, SHARE_WHOLE),))
    now = replace(overlay(running(draft=an_iteration(proposal=by_segment()))), gates=(gate,))
    served = overlaid(a_targeting(), (now,))
    assert served.fallthrough == a_targeting().fallthrough
    assert [each.id for each in served.rules] == [*now.rules[1:]]
    assert all(f"gate:{FIRST}:0:0" in segments_named(each.clauses) for each in served.rules)


def test_one_rule_is_under_experiment_and_the_others_stay() -> None:
    targeting = a_targeting(rules=(a_rule("rule-0"), a_rule("rule-1", clauses=(GERMANS,))))
    now = overlay(running(draft=an_iteration()))
    served = overlaid(targeting, (replace(now, rule="rule-1"),))
    assert served.fallthrough == targeting.fallthrough
    assert served.rules[0] == targeting.rules[0]
    assert served.rules[1].clauses == (GERMANS,)
    assert isinstance(served.rules[1].serve, Rollout)


def test_two_experiments_lie_side_by_side() -> None:
    targeting = a_targeting(rules=(a_rule("rule-1"),))
    one = overlay(running())
    served = overlaid(targeting, (one, replace(one, rule="rule-1")))
    assert isinstance(served.fallthrough, Rollout)
    assert isinstance(served.rules[0].serve, Rollout)
    assert overlaid(targeting, ()) is targeting


def test_an_overlay_on_a_rule_that_is_gone_does_nothing() -> None:
    targeting = a_targeting(rules=(a_rule("rule-1"),))
    assert overlaid(targeting, (replace(overlay(running()), rule="gone"),)) == targeting


def for_all(variation: str) -> Rollout:
    """How an experiment serves one variation to all whom it reaches."""
    return Rollout((Weighted(variation, SHARE_WHOLE),), experiment=True)


def arm_rule(segment: str, variation: str, *before: Clause, **fields: Any) -> Rule:
    key = f"{FIRST}:0:{segment}"
    matched = Clause(key, "", SEGMENT_MATCH, (key,))
    return replace(Rule(f"{FIRST}.{variation}.{segment}", (*before, matched), for_all(variation)), **fields)


def test_by_segment_the_arms_are_rules_and_the_fallthrough_the_fallback() -> None:
    targeting = a_targeting(rules=(a_rule("rule-1"),))
    served = laid_over(targeting, proposal=by_segment())
    assert served.rules == (*targeting.rules, arm_rule("beta", ON))
    assert served.fallthrough == for_all(OFF)
    assert replace(served, rules=targeting.rules, fallthrough=targeting.fallthrough) == targeting


def test_by_segment_the_arms_of_a_rule_stand_before_it_and_ask_what_it_asks() -> None:
    rules = (a_rule("rule-0"), a_rule("rule-1", clauses=(GERMANS,), disabled=True), a_rule("rule-2"))
    now = overlay(running(draft=an_iteration(proposal=by_segment())))
    served = overlaid(a_targeting(rules=rules), (replace(now, rule="rule-1"),))
    assert served.rules == (
        rules[0],
        arm_rule("beta", ON, GERMANS, disabled=True),
        replace(rules[1], serve=for_all(OFF)),
        rules[2],
    )
    assert served.fallthrough == a_targeting().fallthrough


SEVERAL = (
    ProposedArm(ON, segment="second", priority=2, name="On"),
    ProposedArm("third", segment="first", priority=1),
    ProposedArm(ON, segment="last"),
    ProposedArm(OFF, fallback=True),
)
SEGMENTS = {key: (a_segment_rule(key),) for key in ("first", "second", "last")}


def by_several() -> Experiment:
    facts = the_facts(variations=(ON, OFF, "third"), segments=SEGMENTS)
    return after(EXPERIMENT, paused(), ProposeAllocation(Proposal(SEVERAL), facts), Resume())


def test_by_segment_the_arms_are_asked_by_priority() -> None:
    served = overlaid(a_targeting(), (overlay(by_several()),))
    assert [rule.serve for rule in served.rules] == [for_all("third"), for_all(ON), for_all(ON)]
    assert [rule.description for rule in served.rules] == ["", "On", ""]


def test_by_segment_the_unit_is_asked_for_and_the_reshuffling_kept() -> None:
    served = laid_over(a_targeting(), proposal=by_segment(), unit="device", reshuffle=False)
    expected = replace(for_all(OFF), kind="device", reshuffle=False)
    assert served.fallthrough == expected
    assert served.rules[0].clauses[0].kind == "device"
    assert served.rules[0].serve == replace(expected, weights=for_all(ON).weights)


def test_an_overlay_names_every_rule_that_it_serves_by() -> None:
    assert overlay(running()).rules == ("fallthrough",)
    for now in (overlay(by_several()), replace(overlay(by_several()), rule="rule-1")):
        served = overlaid(a_targeting(rules=(a_rule("rule-1"), a_rule("rule-2"))), (now,))
        told = [rule.id for rule in served.rules if rule.id not in ("rule-1", "rule-2")]
        assert now.rules == (now.rule, *told)
        assert len(set(told)) == 3


def test_a_new_phase_asks_under_new_names_by_rules_of_the_old_ones() -> None:
    """An SDK that knows the segment of the phase before must not take it for this one; who is in an arm is
    reported under one rule all along."""
    before = overlay(by_several())
    now = replace(before, phase=before.phase + 1)
    assert now.rules == before.rules
    keys = {each.key for each in memberships_of((now,))}
    assert len(keys) == 3
    assert not keys & {each.key for each in memberships_of((before,))}


def test_every_segment_that_an_overlay_asks_for_is_given() -> None:
    unless = (a_segment_rule("r", unless=((GERMANS,),)),)
    facts = the_facts(variations=(ON, OFF, "third"), segments={**SEGMENTS, "last": unless})
    now = overlay(after(EXPERIMENT, paused(), ProposeAllocation(Proposal(SEVERAL), facts), Resume()))
    given = {each.key: each for each in memberships_of((now,))}
    rules = overlaid(a_targeting(), (now,)).rules
    asked = {
        *segments_named(clause for rule in rules for clause in rule.clauses),
        *segments_named(clause for each in given.values() for group in each.groups for clause in group),
    }
    assert asked == given.keys()
    assert len(given) == 4
    assert list(memberships_of((overlay(running()),))) == []


@pytest.mark.parametrize("level", [0, 30_000, 50_000, 60_000, 100_000])
def test_on_a_ramp_the_rest_lies_between_the_arms(level: int) -> None:
    served = laid_over(a_targeting(), proposal=a_ramp(level)).fallthrough
    assert isinstance(served, Rollout)
    treated = [each.weight for each in served.weights if each.variation == ON]
    assert sum(treated) == level
    assert sum(each.weight for each in served.weights) == SHARE_WHOLE
    untracked = [each.untracked for each in served.weights]
    assert untracked in ([False, True, False], [False, False])
    assert (served.weights[0].variation, served.weights[-1].variation) == (OFF, ON)
    assert served.outside == (OFF if level <= 50_000 else ON)


HERE, THERE = a_targeting(), a_targeting(on=False)


def flag(**fields: Any) -> Flag:
    return a_flag(targeting={"production": HERE, "test": THERE}, **fields)


def test_a_flag_that_is_born_or_deleted_is_felt_everywhere() -> None:
    assert environments_touched(None, flag()) is ALL
    assert environments_touched(flag(), None) is ALL
    assert environments_touched(None, None) == frozenset()


@pytest.mark.parametrize(
    "fields",
    [
        {"variations": (Variation(ON, 1), Variation(OFF, False))},
        {"variations": (*flag().variations, Variation("third", 3))},
        {"variations": flag().variations[::-1]},
        {"archived_at": LATER},
        {"salt": "other"},
        {"client_side": True},
        {"mobile": False},
        {"on_variation": OFF},
        {"off_variation": ON},
        {"on_at_birth": True},
    ],
    ids=str,
)
def test_what_all_environments_share_is_felt_everywhere(fields: dict[str, Any]) -> None:
    assert environments_touched(flag(), flag(**fields)) is ALL


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": "Other"},
        {"description": "Other"},
        {"tags": ("other",)},
        {"annotations": {"some.field": 1}},
        {"deprecated_at": LATER},
        {"revision": 9},
        {"variations": (Variation(ON, True, "renamed"), Variation(OFF, False, "off"))},
    ],
    ids=str,
)
def test_names_and_notes_are_felt_nowhere(fields: dict[str, Any]) -> None:
    assert environments_touched(flag(), flag(**fields)) == frozenset()


@pytest.mark.parametrize(
    "change",
    [
        {"on": False},
        {"off_variation": ON},
        {"fallthrough": a_rollout()},
        {"rules": (a_rule(),)},
        {"track_events": True},
    ],
    ids=str,
)
def test_targeting_is_felt_where_it_is(change: dict[str, Any]) -> None:
    now = flag()
    changed = replace(now, targeting={**now.targeting, "production": replace(HERE, **change)})
    assert environments_touched(now, changed) == frozenset({"production"})


def test_targeting_that_is_set_first_or_forgotten_is_felt_there() -> None:
    set_first = replace(flag(), targeting={**flag().targeting, "staging": a_targeting()})
    assert environments_touched(flag(), set_first) == frozenset({"staging"})
    assert environments_touched(set_first, flag()) == frozenset({"staging"})


def test_a_default_that_is_written_down_and_a_change_undone_are_felt_nowhere() -> None:
    now = flag()
    written = replace(now, targeting={**now.targeting, "staging": now.in_environment("staging")})
    assert environments_touched(now, written) == frozenset()
    undone = replace(now, targeting={**now.targeting, "test": replace(THERE, changed_at=LATER)})
    assert environments_touched(now, undone) == frozenset()
