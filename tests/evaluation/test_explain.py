"""An explanation decides what the reference decides, and says how in words."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.flag.state import FALLTHROUGH
from equipoise.evaluation import telling
from equipoise.evaluation.bucketing import bucket, digits
from equipoise.evaluation.context import Context, context
from equipoise.evaluation.decision import Fault
from equipoise.evaluation.evaluate import evaluate
from equipoise.evaluation.explain import NODES_MAX, VALUES_SHOWN_MAX, explain
from equipoise.evaluation.linear import linear_matcher
from equipoise.evaluation.reference import MALFORMED, reference, spelled
from equipoise.evaluation.ruleset import (
    Clause,
    Keys,
    Prerequisite,
    Rollout,
    Rule,
    Ruleset,
    Segment,
    SegmentRule,
    Slot,
    Target,
)
from equipoise.evaluation.steps import (
    Asked,
    Belonged,
    Belonging,
    Cause,
    CutShort,
    Decided,
    Explanation,
    Generated,
    Hashed,
    Needed,
    Node,
    Origins,
    Role,
    RolledOut,
    Sampled,
    Step,
    Trial,
)
from equipoise.evaluation.telling import Told, sentence
from tests.evaluation import random_data, wire
from tests.evaluation.answers import alike, bare, plain
from tests.evaluation.strategies import FLAGS, contexts, paths, rulesets
from tests.evaluation.test_machine import USER, a_clause, a_flag

IN_S = Clause("user", (), "segmentMatch", ("s",))
TRIAL = Trial("new-checkout", "0123456789abcdef01234567", 2)


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from every(node.within)


def flat(told: Told) -> Iterator[Told]:
    yield told
    for each in told.within:
        yield from flat(each)


def told(ruleset: Ruleset, key: str = "f", unit: Context = USER, origins: Origins | None = None) -> list[str]:
    """Every sentence, in order."""
    return [sentence(each.step) for each in every(explain(ruleset, key, unit, origins=origins).nodes)]


def step(explanation: Explanation, kind: type[Step]) -> Any:
    """The one step of this kind."""
    (found,) = (each.step for each in every(explanation.nodes) if isinstance(each.step, kind))
    return found


def only(*flags: Any, segments: Sequence[Segment] = ()) -> Ruleset:
    return Ruleset({each.key: each for each in flags}, {each.key: each for each in segments})


def agrees(ruleset: Ruleset, key: str, unit: Context, default: Any = None, matcher: Any = None) -> None:
    said = {} if matcher is None else {"matcher": matcher}
    explanation = explain(ruleset, key, unit, default, **said)
    decision = evaluate(ruleset, key, unit, default, **said)
    assert alike(explanation.decision, decision)
    last = explanation.nodes[-1].step
    assert isinstance(last, Decided)
    assert alike(
        (last.value, last.variation, last.reason), (decision.value, decision.variation, decision.reason.kind)
    )
    for node in every(explanation.nodes):
        assert sentence(node.step).endswith(".")
        rolled = node.step
        if isinstance(rolled, RolledOut) and rolled.hashed.digits is not None:
            assert rolled.hashed.text is not None
            assert (
                rolled.hashed.bucket
                == bucket(digits(rolled.hashed.text))
                == bucket(int(rolled.hashed.digits, 16))
            )


@given(rulesets, contexts, st.sampled_from(["mine", None]))
def test_the_decision_is_the_references_whatever_it_meets(
    ruleset: Ruleset, unit: Context, default: Any
) -> None:
    for key in (*FLAGS, "gone"):
        agrees(ruleset, key, unit, default)


@pytest.mark.parametrize("seed", range(3))
def test_the_decision_is_the_references_on_flags_as_published_clients_are_sent_them(seed: int) -> None:
    random = Random(seed)
    ruleset = wire.ruleset(random_data.data(random, 20))
    for _ in range(20):
        unit = context(random_data.context(random))
        for key in ruleset.flags:
            agrees(ruleset, key, unit, matcher=plain)


@given(paths)
def test_a_path_is_spelled_as_it_is_read(path: Any) -> None:
    assert reference(spelled(path)) == path


@pytest.mark.parametrize("path", [("a/b",), ("/a",), ("~", "/"), ("a", "b~1")])
def test_a_path_with_slashes_is_spelled_as_it_is_read(path: Any) -> None:
    assert reference(spelled(path)) == path


# rollouts


def test_a_rollout_tells_what_is_hashed_and_the_bucket_with_all_its_digits() -> None:
    rollout = Rollout((Slot(0, 50_000), Slot(1, 50_000)), seed=61, experiment=True)
    explanation = explain(only(a_flag(fallthrough=rollout)), "f", USER)
    found = step(explanation, RolledOut)
    assert found.hashed.text == "61.u"
    assert found.hashed.bucket == bucket(digits("61.u"))
    assert [slot.end for slot in found.slots] == [0.5, 1.0]
    assert found.chosen == explanation.decision.variation
    assert repr(found.hashed.bucket) in sentence(found)
    assert "“61.u”" in sentence(found)


def test_a_rollout_of_an_experiment_says_which_and_in_which_iteration() -> None:
    rollout = Rollout((Slot(0, 100_000),), experiment=True)
    origins = Origins({("f", FALLTHROUGH): TRIAL})
    found = told(only(a_flag(fallthrough=rollout)), origins=origins)[-2]
    assert found.startswith("Experiment “new-checkout” (iteration 0123456789abcdef01234567, phase 2): ")
    assert found.endswith("and counts in the experiment.")


def test_who_is_in_no_arm_and_who_has_no_unit_are_told_so() -> None:
    rollout = Rollout((Slot(0, 100_000, untracked=True),), kind="org", experiment=True)
    assert told(only(a_flag(fallthrough=rollout)))[-2] == (
        "The context has no “org” to hash, so the first slot serves variation 0, and counts in no arm."
    )
    tracked = replace(rollout, kind="user")
    assert "counts in no arm" in told(only(a_flag(fallthrough=tracked)))[-2]


# clauses


@pytest.mark.parametrize(
    ("clause", "because", "words"),
    [
        (a_clause("in", "de", "at"), Cause.MATCH, "is one of “de”, “at”: it is “de”; it holds."),
        (a_clause("in", "fr", negate=True), Cause.NO_MATCH, "is none of “fr”: it is “de”; it holds."),
        (Clause("org", ("x",), "in", (1,), True), Cause.NO_KIND, "context has no “org”; it does not hold."),
        (Clause("user", ("x",), "in", (1,), True), Cause.NO_ATTRIBUTE, "no such attribute; it does not"),
        (a_clause("lessThan", 3), Cause.WRONG_TYPE, "it is “de”, which is not a number; it does not hold."),
        (a_clause("semVerEqual", "x"), Cause.NO_VALUE, "nothing here can be compared with a semantic"),
        (a_clause("guess", 1), Cause.NO_OPERATOR, "which is no operator: it does not hold."),
        (Clause("user", MALFORMED, "in", ()), Cause.MALFORMED, "is no attribute"),
        (Clause("user", ("kind",), "in", ("user",)), Cause.MATCH, "it is [\"user\"]; it holds."),
    ],
)  # fmt: skip
def test_a_clause_says_whether_it_holds_and_why(clause: Clause, because: Cause, words: str) -> None:
    found = step(explain(only(a_flag(rules=(Rule("r", (clause,), 1),))), "f", USER), Asked)
    assert found.because is because
    assert words in sentence(found)


@pytest.mark.parametrize(
    ("matcher", "words"),
    [
        (bare, "it is “de”, and this is left to RE2, which is not installed here (pip install"),
        (linear_matcher, "it is “de”, and a pattern here asks for what cannot be done in bounded time"),
    ],
)
def test_a_pattern_that_nobody_can_match_says_why(matcher: Any, words: str) -> None:
    flag = a_flag(rules=(Rule("r", (a_clause("matches", "(?=d)"),), 1),))
    found = explain(only(flag), "f", USER, matcher=matcher)
    asked = step(found, Asked)
    assert (asked.because, asked.held) == (Cause.UNMATCHED, None)
    assert words in sentence(asked)
    assert found.decision.reason.error is Fault.MALFORMED_FLAG


def test_of_many_values_the_first_are_told() -> None:
    clause = a_clause("in", *range(10_000))
    found = step(explain(only(a_flag(rules=(Rule("r", (clause,), 1),))), "f", USER), Asked)
    assert (len(found.values), found.count) == (VALUES_SHOWN_MAX, 10_000)
    assert "9 and 9990 more:" in sentence(found)


# prerequisites, targets, segments


def test_a_prerequisite_is_told_with_its_own_steps() -> None:
    first = a_flag("first", targets=(Target(0, Keys(frozenset({"u"}))),))
    flag = a_flag(prerequisites=(Prerequisite("first", 1),))
    explanation = explain(only(flag, first), "f", USER)
    (needed,) = (each for each in explanation.nodes if isinstance(each.step, Needed))
    assert [sentence(each.step) for each in needed.within] == [
        "Flag “first” is on.",
        "Target of variation 0: the user “u” is among its 1 key.",
        "“first” serves variation 0, “a”: the key is targeted.",
    ]
    assert sentence(needed.step).endswith("it serves variation 0, so this fails.")
    assert "“first”, which it needs" in sentence(explanation.nodes[-1].step)


def test_a_missing_prerequisite_and_one_that_leads_back_are_told() -> None:
    assert "there is no such flag" in told(only(a_flag(prerequisites=(Prerequisite("gone", 1),))))[1]
    around = told(only(a_flag(prerequisites=(Prerequisite("f", 1),))))
    assert around[1].endswith("that leads back to itself, or to what makes no sense here.")
    assert around[-1] == "No variation is served, since the flag, or what it leads to, makes no sense here."


@pytest.mark.parametrize(
    ("segment", "because"),
    [
        (Segment("s", included=(Keys(frozenset({"u"})),)), Belonging.INCLUDED),
        (Segment("s", excluded=(Keys(frozenset({"u"})),)), Belonging.EXCLUDED),
        (Segment("s", rules=(SegmentRule((a_clause("in", "de"),)),)), Belonging.RULE),
        (Segment("s", rules=(SegmentRule((a_clause("in", "fr"),)),)), Belonging.NO_RULE),
        (Segment("other"), Belonging.MISSING),
        (Segment("s", unbounded=True), Belonging.UNBOUNDED),
        (Segment("s", rules=(SegmentRule((IN_S,)),)), Belonging.MALFORMED),
    ],
)  # fmt: skip
def test_a_segment_says_why_it_holds_the_context(segment: Segment, because: Belonging) -> None:
    ruleset = only(a_flag(rules=(Rule("r", (IN_S,), 1),)), segments=[segment])
    found = next(
        each.step for each in every(explain(ruleset, "f", USER).nodes) if isinstance(each.step, Belonged)
    )
    assert found.because is because


def test_a_segment_of_an_experiment_is_named_for_what_it_is_and_its_share_is_told() -> None:
    asked = Clause("user", (), "segmentMatch", ("it:0:s",))
    sampled = Segment("it:0:s", "salt", rules=(SegmentRule((), 25_000),))
    ruleset = only(a_flag(rules=(Rule("r", (asked,), 1),)), segments=[sampled])
    origins = Origins(segments={"it:0:s": Generated(Role.HOLDOUT, "spring")})
    explanation = explain(ruleset, "f", USER, origins=origins)
    assert any(
        line.startswith("Those whom holdout “spring” lets in") for line in told(ruleset, origins=origins)
    )
    found = step(explanation, Sampled)
    assert found.hashed.text == "it:0:s.salt.u"
    assert found.held is (bucket(digits("it:0:s.salt.u")) < 0.25)
    assert "It takes 25 %" in sentence(found)


def test_a_gate_is_one_sentence_and_its_segments_are_facts_alone() -> None:
    below = Segment("it:0:b", "salt", rules=(SegmentRule((), 25_000),))
    not_below = Clause("user", (), "segmentMatch", ("it:0:b",), negate=True)
    gate = Segment("it:0:g", rules=(SegmentRule((not_below,)),))
    asked = Clause("user", (), "segmentMatch", ("it:0:g",))
    ruleset = only(a_flag(rules=(Rule("r", (asked,), 1),)), segments=[below, gate])
    origins = Origins(segments={"it:0:g": Generated(Role.HOLDOUT, "spring", share=75_000)})
    found = next(
        each
        for node in explain(ruleset, "f", USER, origins=origins).nodes
        for each in flat(telling.told(node))
        if isinstance(each.step, Belonged) and each.step.generated
    )
    at = bucket(digits("it:0:b.salt.u"))
    assert found.said == (
        f"Those whom holdout “spring” lets in (75 %): {'not ' if at < 0.25 else ''}in it, since the user key "
        f"is hashed as “it:0:b.salt.u” to bucket {at!r}, which is {'' if at < 0.25 else 'not '}below 0.25."
    )
    assert found.presented == ()
    assert found.within


@pytest.mark.parametrize(
    ("ends", "lies"),
    [
        ((0.1, 0.2, 0.4, 0.5, 0.7, 0.8, 0.9), "between 0.7 and 0.8"),
        ((0.9, 0.8), "below 0.8"),
        ((0.1, 0.7), "not below 0.7"),
    ],
)
def test_a_gate_says_the_narrowest_of_its_bounds(ends: tuple[float, ...], lies: str) -> None:
    hashed = Hashed("user", "key", "it.u", "c" * 15, 0.75)
    asked = tuple(Node(Sampled(int(end * 100_000), end, hashed, held=end > 0.75)) for end in ends)
    gate = Belonged("s", True, Belonging.RULE, Generated(Role.LAYER, "checkout", share=30_000))
    assert telling.told(Node(gate, asked)).said.endswith(f"to bucket 0.75, which is {lies}.")


def test_a_gate_of_what_cannot_be_hashed_is_told_step_by_step() -> None:
    sampled = Segment("it:0:s", "salt", rules=(SegmentRule((), 25_000, kind="car"),))
    asked = Clause("user", (), "segmentMatch", ("it:0:s",))
    ruleset = only(a_flag(rules=(Rule("r", (asked,), 1),)), segments=[sampled])
    origins = Origins(segments={"it:0:s": Generated(Role.LAYER, "checkout", share=25_000)})
    nodes = explain(ruleset, "f", USER, origins=origins).nodes
    gates = [each for node in nodes for each in flat(telling.told(node)) if isinstance(each.step, Belonged)]
    (gate,) = gates
    assert gate.presented == gate.within != ()
    assert gate.said == "The share of layer “checkout” (25 %): in it, since one of its rules holds."


# bounds


def test_more_steps_than_anybody_reads_are_cut_short_and_decided_all_the_same() -> None:
    never = Clause("user", ("plan",), "in", ("none",))
    ruleset = only(a_flag("f", rules=tuple(Rule(f"r{n}", (never,), 1) for n in range(NODES_MAX))))
    explanation = explain(ruleset, "f", USER)
    nodes = list(every(explanation.nodes))
    assert len(nodes) <= NODES_MAX + 2
    assert isinstance(nodes[-2].step, CutShort)
    assert explanation.decision == evaluate(ruleset, "f", USER)


def test_what_is_too_deep_for_notes_is_decided_all_the_same() -> None:
    deep = [a_flag(f"f{n}", prerequisites=(Prerequisite(f"f{n - 1}", 0),)) for n in range(1, 200)]
    ruleset = only(a_flag("f0"), *deep)
    decision = explain(ruleset, "f199", USER).decision
    assert decision == evaluate(ruleset, "f199", USER)
    assert decision.reason.error is None


def test_an_explanation_can_be_sent_and_long_texts_are_cut() -> None:
    unit = context({"kind": "user", "key": "k" * 5_000, "country": 10**30})
    explanation = explain(only(a_flag(rules=(Rule("r", (a_clause("in", "x" * 5_000),), 1),))), "f", unit)
    assert msgspec.json.encode(explanation.nodes)
    assert max(len(sentence(each.step)) for each in every(explanation.nodes)) < 400


def test_no_flag_and_no_context_are_told_too() -> None:
    assert told(only(), "gone")[-1] == "No variation is served, since there is no such flag."
    assert explain(only(a_flag()), "f", context(3)).decision.reason.error is Fault.USER_NOT_SPECIFIED
