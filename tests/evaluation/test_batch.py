"""Many units at once get what each gets alone, to the last bit of the hash."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.evaluation.batch import assign, decide_all
from equipoise.evaluation.bucketing import SCHEMES, bounds, threshold
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Fault
from equipoise.evaluation.evaluate import evaluate
from equipoise.evaluation.machine import Machine
from equipoise.evaluation.reference import Path
from equipoise.evaluation.ruleset import Rollout, Rule, RuledFlag, Ruleset, Serve, Slot
from tests.evaluation.answers import Both, alike
from tests.evaluation.strategies import FLAGS, contexts, flags, rulesets, serves

units = st.lists(
    st.text() | st.sampled_from(["", "u", "\ud800", "é", "😀", "a\x00b", "\udfff."]), max_size=20
)


def alone(flag: RuledFlag, serve: Serve, value: str) -> Decision:
    """Of a context whose key it is, and each attribute that could be hashed."""
    path: Path = () if not isinstance(serve, Rollout) or serve.experiment else serve.bucket_by or ()
    kind = serve.kind if isinstance(serve, Rollout) else "user"
    part: dict[str, object] = {}
    inner = part
    for name in path[:-1]:
        inner[name] = inner = {}
    inner[path[-1] if path else "key"] = value
    part.setdefault("key", "somebody")
    return Both(Ruleset({flag.key: flag})).decide(flag.key, Context({kind: part}))


@given(flags("f"), serves, units, st.booleans())
def test_each_unit_gets_what_it_gets_alone(
    drawn: RuledFlag, serve: Serve, values: list[str], by_rule: bool
) -> None:
    flag = replace(drawn, on=True, prerequisites=(), targets=(), rules=(), fallthrough=serve)
    if by_rule:
        flag = replace(flag, rules=(Rule("r", (), serve),), fallthrough=0)
    found = assign(flag, values, 0 if by_rule else None)
    assert len(found) == len(values)
    for value, decision in zip(values, found, strict=True):
        assert alike(decision, alone(flag, serve, value))


@given(rulesets, st.lists(contexts, max_size=5), st.sampled_from(["mine", None]))
def test_each_context_gets_what_it_gets_alone(
    ruleset: Ruleset, asked: list[Context], default: object
) -> None:
    for key in (*FLAGS, "gone"):
        found = decide_all(Machine(ruleset), key, asked, default)
        assert alike(found, [evaluate(ruleset, key, each, default) for each in asked])


def a_flag(rollout: Serve) -> RuledFlag:
    return RuledFlag("f", 3, True, "salt", ("a", "b", "c"), 0, rollout)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("arms", [1, 2, 3, 7, 20])
def test_a_bucket_next_to_an_end_falls_on_its_own_side(scheme: str, arms: int) -> None:
    """The ends are put where units lie, and just beyond them."""
    keys = [f"unit-{number}" for number in range(50)]
    number = SCHEMES[scheme].number("f", "salt", 9)
    shares = sorted(round(number(key) / SCHEMES[scheme].size * 100_000) for key in keys)[: arms - 1]
    cut = pairwise((0, *shares, 100_000))
    slots = tuple(Slot(at % 3, end - start) for at, (start, end) in enumerate(cut))
    flag = a_flag(Rollout(slots, seed=9, experiment=True, scheme=scheme))
    found = assign(flag, keys)
    assert found == [alone(flag, flag.fallthrough, key) for key in keys]
    ends = [threshold(end, SCHEMES[scheme].size) for end in bounds(slots)][:-1]
    for key, decision in zip(keys, found, strict=True):
        assert decision.variation == slots[sum(number(key) >= end for end in ends)].variation


def test_a_unit_that_cannot_be_hashed_is_an_error_among_others_that_can() -> None:
    flag = a_flag(Rollout((Slot(0, 50_000), Slot(1, 50_000)), seed=1))
    found = assign(flag, ["a", "\ud800", "b"])
    assert [each.reason.error for each in found] == [None, Fault.EXCEPTION, None]


def test_a_rule_that_is_not_there_is_told() -> None:
    with pytest.raises(IndexError):
        assign(a_flag(0), ["a"], 0)
