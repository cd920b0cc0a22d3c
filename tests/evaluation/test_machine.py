"""What is generated answers as the reference does, and neither ever raises."""

from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.clauses import OPERATORS
from equipoise.evaluation.context import Context, context
from equipoise.evaluation.decision import Fault, Why
from equipoise.evaluation.evaluate import REACHED_MAX, evaluate
from equipoise.evaluation.linear import linear_matcher
from equipoise.evaluation.machine import DEPTH_MAX, Machine, _left_to_the_reference
from equipoise.evaluation.patterns import MatcherFactory
from equipoise.evaluation.questions import ANSWERS_KEPT_MAX, TEXT_KEPT_MAX, Answers
from equipoise.evaluation.reference import MALFORMED
from equipoise.evaluation.ruleset import (
    Clause,
    Keys,
    Prerequisite,
    Rollout,
    Rule,
    RuledFlag,
    Ruleset,
    Segment,
    SegmentRule,
    Slot,
    Target,
)
from tests.evaluation import random_data, wire
from tests.evaluation.answers import Both, alike, bare, plain
from tests.evaluation.strategies import FLAGS, contexts, rulesets
from tests.evaluation.test_bucketing import FLAGS as FLAGS_OF_OURS

USER = context({"kind": "user", "key": "u", "country": "de"})


def a_flag(key: str = "f", **fields: Any) -> RuledFlag:
    return replace(RuledFlag(key, 3, True, "salt", ("a", "b"), 1, 0), **fields)


def a_clause(op: str = "in", *values: Any, negate: bool = False) -> Clause:
    return Clause("user", ("country",), op, values, negate)


@given(
    rulesets,
    st.lists(contexts, min_size=1, max_size=4),
    st.sampled_from(["mine", None]),
    st.sampled_from([linear_matcher, bare]),
)
def test_the_machine_answers_as_the_reference(
    ruleset: Ruleset, units: list[Context], default: Any, matcher: MatcherFactory
) -> None:
    both = Both(ruleset, matcher)
    for unit in units:
        for key in (*FLAGS, "gone"):
            decision = both.decide(key, unit, default)
            if decision.variation is None:
                assert decision.value is default
            else:
                assert decision.variation in range(len(ruleset.flags[key].variations))
                assert decision.reason.kind is not Why.ERROR


MALFORMED_SERVES = {
    "a scheme that nobody knows": Rollout((Slot(0, 100_000),), scheme="sha1/16hex"),
    "an index past the end": 2,
    "a negative index": -1,
    "nothing": None,
    "a rollout without slots": Rollout(()),
    "a slot past the end": Rollout((Slot(2, 100_000),)),
    "a hash of nowhere": Rollout((Slot(0, 100_000),), bucket_by=MALFORMED),
}


@pytest.mark.parametrize("serve", MALFORMED_SERVES.values(), ids=MALFORMED_SERVES)
def test_what_makes_no_sense_serves_the_default(serve: Any) -> None:
    for flag in (a_flag(fallthrough=serve), a_flag(rules=(Rule("r", (), serve),))):
        decision = Both(Ruleset({"f": flag})).decide("f", USER, "mine")
        assert (decision.value, decision.variation) == ("mine", None)
        assert (decision.reason.kind, decision.reason.error) == (Why.ERROR, Fault.MALFORMED_FLAG)
        assert decision.version == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"on": False, "off_variation": 9},
        {"targets": (Target(9, Keys(frozenset({"u"}))),)},
        {"rules": (Rule("r", (Clause("user", MALFORMED, "in", ("x",)),), 0),)},
        {"rules": (Rule("r", (Clause("org", MALFORMED, "in", ("x",)),), 0),)},
        {"prerequisites": (Prerequisite("f", 0),)},
    ],
)
def test_a_malformed_flag_serves_no_arm(fields: dict[str, Any]) -> None:
    decision = Both(Ruleset({"f": a_flag(**fields)})).decide("f", USER, "mine")
    assert (decision.value, decision.variation) == ("mine", None)
    assert decision.reason.error is Fault.MALFORMED_FLAG


@pytest.mark.parametrize("negate", [False, True])
@pytest.mark.parametrize(
    ("pattern", "text", "matcher"),
    [("(a+)+$", "de", bare), ("(?=d)", "de", linear_matcher), ("^a", ["d"] * 33, linear_matcher)],
)
def test_what_nobody_can_tell_serves_no_arm(negate: bool, pattern: str, text: Any, matcher: Any) -> None:
    clause = a_clause("matches", "[", pattern, negate=negate)
    holding = Segment("s", rules=(SegmentRule((clause,)),))
    flags = {
        "f": a_flag(rules=(Rule("r", (clause,), 1),)),
        "g": a_flag("g", rules=(Rule("r", (Clause("user", (), "segmentMatch", ("s",)),), 1),)),
        "h": a_flag("h", prerequisites=(Prerequisite("f", 1),)),
    }
    both = Both(Ruleset(flags, {"s": holding}), matcher)
    for key in flags:
        decision = both.decide(key, context({"kind": "user", "key": "u", "country": text}), "mine")
        assert (decision.value, decision.variation) == ("mine", None)
        assert decision.reason.error is Fault.MALFORMED_FLAG
        for nothing in ({}, {"country": 3}):
            unit = context({"kind": "user", "key": "u", **nothing})
            assert both.decide(key, unit, "mine").reason.error is None


@pytest.mark.parametrize("matcher", [linear_matcher, bare])
def test_a_broken_pattern_never_matches(matcher: MatcherFactory) -> None:
    for negate in (False, True):
        flag = a_flag(rules=(Rule("r", (a_clause("matches", "[", "a**", negate=negate),), 1),))
        assert Both(Ruleset({"f": flag}), matcher).decide("f", USER).variation == int(negate)


def test_a_key_that_cannot_be_hashed_is_an_error_and_no_arm() -> None:
    flag = a_flag(fallthrough=Rollout((Slot(0, 100_000),), experiment=True))
    decision = Both(Ruleset({"f": flag})).decide("f", context({"kind": "user", "key": "\udfff"}), "mine")
    assert (decision.value, decision.reason.error) == ("mine", Fault.EXCEPTION)


def test_segments_that_hold_each_other_are_malformed() -> None:
    def holds(key: str, other: str) -> Segment:
        return Segment(key, rules=(SegmentRule((Clause("user", (), "segmentMatch", (other,)),)),))

    flag = a_flag(rules=(Rule("r", (Clause("user", (), "segmentMatch", ("s",)),), 1),))
    ruleset = Ruleset({"f": flag}, {"s": holds("s", "t"), "t": holds("t", "s")})
    assert Both(ruleset).decide("f", USER).reason.error is Fault.MALFORMED_FLAG


@pytest.mark.parametrize("depth", [DEPTH_MAX - 1, DEPTH_MAX + 10, 5_000])
def test_a_long_chain_of_prerequisites_is_answered(depth: int) -> None:
    flags = {str(n): a_flag(str(n), prerequisites=(Prerequisite(str(n + 1), 0),)) for n in range(depth)}
    decision = Both(Ruleset({**flags, str(depth): a_flag(str(depth))})).decide("0", USER)
    found = Why.FALLTHROUGH if depth < 1_000 else Why.ERROR
    assert decision.reason.kind is found


def test_what_was_needed_first_is_told_innermost_first() -> None:
    flags = {
        "f": a_flag("f", prerequisites=(Prerequisite("g", 0), Prerequisite("i", 1))),
        "g": a_flag("g", prerequisites=(Prerequisite("h", 0),)),
        "h": a_flag("h"),
        "i": a_flag("i"),
    }
    decision, told = Both(Ruleset(flags)).decided("f", USER)
    assert [(key, by) for key, _, by in told] == [("h", "g"), ("g", "f"), ("i", "f")]
    assert decision.reason.prerequisite == "i"


def test_text_of_a_user_never_becomes_source() -> None:
    nasty = "'\"\\\n}{raise SystemExit #"
    flag = a_flag(
        nasty,
        salt=nasty,
        variations=(nasty, "b"),
        fallthrough=Rollout((Slot(0, 100_000),), kind=nasty, bucket_by=(nasty, nasty)),
        targets=(Target(0, Keys(frozenset({nasty}), nasty)),),
        rules=(
            Rule(nasty, (Clause(nasty, (nasty,), op, (nasty,)),), 1)
            for op in ("in", "startsWith", "contains", nasty)
        ),
    )
    flag = replace(flag, rules=tuple(flag.rules))
    machine = Machine(Ruleset({nasty: flag}))
    part = {"key": nasty, "kind": nasty, "anonymous": False, nasty: nasty}
    decision = machine.decide(nasty, Context({nasty: part}))
    assert decision == evaluate(machine.ruleset, nasty, Context({nasty: part}))
    assert machine.decide(nasty, Context({nasty: {**part, "key": "other"}})).reason.rule_id == nasty


POOLS: dict[str, tuple[Any, ...]] = {
    "in": ("a", "b", 1, 2.5, True, False, None, (), [1], ["a"], {"a": 1}, "", 1.0),
    "startsWith": ("a", "ab", "b", "", 1, None, ["ab"]),
    "matches": ("^a", "b$", "[", "ab", 3, ["ab"], ""),
    "lessThan": (-1, 0, 1, 2.5, 2**53, 2**53 + 1, 1e308, 10**400, True, "1", [0, 5]),
    "before": ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z", 1577836800000, 0, "no", [0], True),
    "semVerEqual": ("1", "1.0.0", "1.0.0-a", "2.1", "x", 1, ["1", "3"]),
}
LIKE = {
    **dict.fromkeys(("endsWith", "contains"), "startsWith"),
    **dict.fromkeys(("lessThanOrEqual", "greaterThan", "greaterThanOrEqual"), "lessThan"),
    **dict.fromkeys(("semVerLessThan", "semVerGreaterThan"), "semVerEqual"),
    "after": "before",
}


@pytest.mark.parametrize("op", sorted(OPERATORS - {"segmentMatch"}))
@pytest.mark.parametrize("negate", [False, True])
def test_any_value_of_a_clause_may_match(op: str, negate: bool) -> None:
    """Every pair of values, in both orders, against every value of a context."""
    pool = POOLS[LIKE.get(op, op)]
    found = set()
    for values in product(pool, pool):
        both = Both(Ruleset({"f": a_flag(rules=(Rule("r", (a_clause(op, *values, negate=negate),), 1),))}))
        for value in pool:
            unit = context({"kind": "user", "key": "u", "country": value})
            found.add(both.decide("f", unit).variation)
    assert found == {0, 1}


@pytest.mark.parametrize("op", ["semVerEqual", "semVerLessThan", "semVerGreaterThan"])
def test_what_a_clause_remembers_is_bounded_and_changes_no_answer(op: str) -> None:
    both = Both(Ruleset({"f": a_flag(rules=(Rule("r", (a_clause(op, "1.9.0"),), 1),))}))
    texts = [f"1.{number}.0" for number in range(ANSWERS_KEPT_MAX + 20)]
    for text in (*texts, "1.9.0" + "0" * TEXT_KEPT_MAX, *texts[:20]):
        both.decide("f", context({"kind": "user", "key": "u", "country": text}))


def test_answers_to_few_and_short_texts_are_kept() -> None:
    answers = Answers(lambda text: text > "b")
    assert (answers["a"], answers["c"], answers["c" * (TEXT_KEPT_MAX + 1)]) == (False, True, True)
    assert answers.keys() == {"a", "c"}
    for number in range(ANSWERS_KEPT_MAX):
        assert answers[f"c{number}"]
    assert len(answers) <= ANSWERS_KEPT_MAX


def test_true_is_never_one() -> None:
    def matches(value: Any, *values: Any) -> bool:
        flag = a_flag(rules=(Rule("r", (a_clause("in", *values),), 1),))
        unit = context({"kind": "user", "key": "u", "country": value})
        return Both(Ruleset({"f": flag})).decide("f", unit).variation == 1

    assert matches(1, 1.0)
    assert matches(1.0, 1)
    assert matches(True, False, True)
    assert matches([[True]], [True])
    for value, other in ((True, 1), (1, True), (0, False), (False, 0.0), ([[1]], [True]), ("1", 1)):
        assert not matches(value, other)
        assert not matches(value, other, "x")


def test_functions_of_what_did_not_change_and_leads_to_no_change_are_taken_over() -> None:
    staff = Segment("staff", rules=(SegmentRule(()),))
    asks = Rule("r", (Clause("user", (), "segmentMatch", ("staff",)),), 1)
    needs_g = (Prerequisite("g", 0),)
    flags = {
        "alone": a_flag("alone"),
        "g": a_flag("g"),
        "needs g": a_flag("needs g", prerequisites=needs_g),
        "needs it in turn": a_flag("needs it in turn", prerequisites=(Prerequisite("needs g", 0),)),
        "asks": a_flag("asks", rules=(asks,)),
        "needs nobody yet": a_flag("needs nobody yet", prerequisites=(Prerequisite("new", 0),)),
    }
    before = Machine(Ruleset(flags, {"staff": staff}))
    for key in flags:
        before.decide(key, USER)

    def lost(ruleset: Ruleset) -> set[str]:
        return flags.keys() - Machine(ruleset, before=before)._ready.keys()

    changed = a_flag("g", version=4, fallthrough=1)
    assert lost(Ruleset(flags, {"staff": staff})) == set()
    assert lost(Ruleset({**flags, "g": changed}, {"staff": staff})) == {"g", "needs g", "needs it in turn"}
    assert lost(Ruleset(flags, {})) == {"asks"}
    assert lost(Ruleset(flags, {"staff": Segment("staff")})) == {"asks"}
    assert lost(Ruleset({**flags, "new": a_flag("new")}, {"staff": staff})) == {"needs nobody yet"}
    assert lost(Ruleset({})) == flags.keys()
    after = Machine(Ruleset({**flags, "g": changed}, {"staff": staff}), before=before)
    assert (after.decide("needs g", USER).variation, before.decide("needs g", USER).variation) == (1, 0)


@given(st.lists(rulesets, min_size=2, max_size=3), st.data())
def test_a_machine_that_follows_others_answers_as_a_new_one(
    rulesets: list[Ruleset], data: st.DataObject
) -> None:
    """Some flags and segments are the same objects as before; some were asked for, some were not."""
    machine, now = Machine(rulesets[0]), rulesets[0]
    unit = data.draw(contexts)
    for changed in rulesets:
        asked = data.draw(st.lists(st.sampled_from(FLAGS)))
        for key in asked:
            machine.decide(key, unit)
        kept = data.draw(st.sets(st.sampled_from([*FLAGS, "s", "t"])))
        now = Ruleset(
            {key: now.flags[key] if key in kept else flag for key, flag in changed.flags.items()},
            {key: now.segments[key] if key in kept else each for key, each in changed.segments.items()},
        )
        machine = Machine(now, before=machine)
        for key in FLAGS:
            assert alike(machine.decide(key, unit), evaluate(now, key, unit))


def test_a_recorder_that_fails_is_the_callers_affair() -> None:
    flags = {"f": a_flag("f", prerequisites=(Prerequisite("g", 0),)), "g": a_flag("g")}

    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Machine(Ruleset(flags)).decide("f", USER, record=fails)


@pytest.mark.parametrize("flag", FLAGS_OF_OURS, ids=lambda each: each["name"])
def test_a_sound_flag_never_needs_the_reference(flag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equipoise.evaluation.machine.evaluate", None)
    key = flag["flag"]["key"]
    machine = Machine(wire.ruleset({"flags": {key: flag["flag"]}}))
    for case in flag["cases"]:
        assert machine.decide(key, context(case["context"])).variation == case["variation"]
        assert key in machine._ready


def test_sound_random_flags_never_need_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that need others in a circle do; nothing else does."""
    data, random = random_data.data(Random(8), 50), Random(8)
    machine = Machine(wire.ruleset(data), plain)
    units = [context(random_data.context(random)) for _ in range(100)]
    for key in data["flags"]:
        machine.decide(key, units[0])
    left = [key for key, decide in machine._ready.items() if decide is _left_to_the_reference]
    monkeypatch.setattr("equipoise.evaluation.machine.evaluate", None)
    written = [key for key in data["flags"] if key not in left]
    for unit in units:
        for key in written:
            machine.decide(key, unit)
    assert len(written) > 30


@pytest.mark.parametrize(("levels", "told"), [(3, 39), (40, REACHED_MAX + 9 * 40)])
def test_flags_that_share_what_they_need_are_decided_in_time(levels: int, told: int) -> None:
    flags = {
        f"{level}.{at}": a_flag(
            f"{level}.{at}",
            prerequisites=tuple(Prerequisite(f"{level - 1}.{n}", 0) for n in range(3)) if level else (),
            fallthrough=0,
        )
        for level in range(levels + 1)
        for at in range(3)
    }
    machine, top, needed = Machine(Ruleset(flags)), f"{levels}.0", list[Any]()
    assert machine.decide(top, USER).variation == 0
    machine.decide(top, USER, record=lambda *each: needed.append(each))
    assert len(needed) <= told
    assert {key for key, _, _ in needed} == {key for key in flags if not key.startswith(f"{levels}.")}
    again = list[Any]()
    evaluate(machine.ruleset, top, USER, record=lambda *each: again.append(each))
    assert again == needed
