"""Laws of gates, over units: who is let in, who is kept out, and that one hash says nothing of another."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.stats import chi2_contingency, chisquare

from equipoise.domain.allocation import SHA1, SHARE_WHOLE, Hashing
from equipoise.domain.barriers import Barriers
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create, Pause, ProposeAllocation, Resume, Start
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag, Rollout
from equipoise.domain.gates import Gate, Range, salted
from equipoise.domain.proposal import Proposal, allocate
from equipoise.domain.snapshot import snapshot
from equipoise.evaluation.bucketing import bucket, digits
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import context
from tests.dialects.launchdarkly.sdk.reader import decoded
from tests.domain.builders import OFF, ON, a_segment, after
from tests.domain.experiment.examples import a_ramp, an_arm, halves
from tests.evaluation import random_data, stored_flags
from tests.evaluation.answers import Both, plain, reason_document
from tests.evaluation.gated import HERE, a_switch, arms, serving, started
from tests.evaluation.published import Published

LAYER, HOLDOUT = salted("layer", 99), salted("holdout", 3)
keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def place(salt: str, key: str) -> float:
    return bucket(digits(f"{salt}.{key}")) * SHARE_WHOLE


def of_both(share: int, control: int = 1, treatment: int = 1) -> Proposal:
    """The control and the treatment, in these proportions of a share."""
    each = share // (control + treatment)
    return Proposal((an_arm(OFF, each * control, control=True), an_arm(ON, each * treatment)))


def cut(marks: list[int]) -> list[Range]:
    return list(pairwise(sorted({0, *(mark * 1_000 for mark in marks), SHARE_WHOLE})))


@given(st.lists(st.integers(1, 99), min_size=1, max_size=8), keys, st.randoms(use_true_random=False))
def test_nobody_is_in_two_experiments_of_a_layer(marks: list[int], key: str, random: Random) -> None:
    ranges = cut(marks)
    random.shuffle(ranges)
    halved = ranges[::2], ranges[1::2]
    flags = [a_switch("first"), a_switch("second")]
    gates = [Gate(LAYER, tuple(sorted(each))) for each in halved]
    both = serving(flags, [started(f, halves(), gate) for f, gate in zip(flags, gates, strict=True)])
    counted = [arms(both, flag.key, key)[1] for flag in flags]
    at = place(LAYER, key)
    assert counted == [any(low <= at < high for low, high in each) for each in halved]
    assert counted.count(True) == 1


@given(st.integers(1, 99), keys)
def test_who_is_held_out_is_in_no_experiment_that_joined_and_gets_what_those_outside_get(
    percent: int, key: str
) -> None:
    gate = Gate(HOLDOUT, ((percent * 1_000, SHARE_WHOLE),))
    flags = [a_switch("first"), a_switch("second")]
    both = serving(flags, [started(flags[0], halves(), gate), started(flags[1], a_ramp(50_000), gate)])
    held_out = place(HOLDOUT, key) < percent * 1_000
    for flag in flags:
        variation, counted = arms(both, flag.key, key)
        assert counted is not held_out
        assert not held_out or variation == 1


@given(st.integers(1, 50), st.integers(1, 4), st.integers(1, 4), keys)
def test_growing_traffic_at_equal_proportions_only_adds(step: int, one: int, other: int, key: str) -> None:
    flag = a_switch("checkout")
    small = (one + other) * step * 10
    now = started(flag, of_both(small, one, other))
    before = arms(serving((flag,), (now,)), flag.key, key)
    for share in (2 * small, 4 * small, (one + other) * (SHARE_WHOLE // (one + other))):
        opened = ProposeAllocation(of_both(share, one, other), facts_of(flag, HERE.key))
        now = after(EXPERIMENT, now, Pause(), opened, Resume())
        grown = arms(serving((flag,), (now,)), flag.key, key)
        assert not before[1] or grown == before
        before = grown


def test_what_runs_on_one_line_stays_on_it() -> None:
    flag = a_switch("checkout")
    now = started(flag, of_both(20_000))
    assert now.current is not None
    unsalted = Hashing(SHA1, 7)
    phase = replace(now.current.phases[0], allocation=allocate(of_both(20_000), unsalted))
    now = replace(now, current=replace(now.current, phases=(phase,)))
    opened = ProposeAllocation(of_both(40_000), facts_of(flag, HERE.key))
    now = after(EXPERIMENT, now, Pause(), opened, Resume())
    assert now.current is not None
    then: Any = now.current.allocation
    assert (then.hashing, then.rest, then.traffic) == (unsalted, 60_000, SHARE_WHOLE)


# by chance


UNITS = 20_000
LEAST = 1e-4  # of chance; the keys are fixed, so what passes once passes always


def arms_of_all(both: Both, flag: str) -> list[int | None]:
    """The arm of each unit, None for in none. By the machine alone: there are many."""
    found = []
    for number in range(UNITS):
        decision = both.machine.decide(flag, context({"kind": "user", "key": f"unit-{number}"}))
        found.append(decision.variation if decision.reason.in_experiment else None)
    return found


def test_shares_of_traffic_and_arms_come_out_as_they_were_asked_for_and_independent() -> None:
    flags = [a_switch("first"), a_switch("second")]
    both = serving(flags, [started(flags[0], of_both(30_000, 1, 2)), started(flags[1], of_both(50_000))])
    first, second = (arms_of_all(both, flag.key) for flag in flags)
    seen = [[first.count(each) for each in (1, 0, None)], [second.count(each) for each in (1, 0, None)]]
    for counts, shares in zip(seen, [(10, 20, 70), (25, 25, 50)], strict=True):
        assert chisquare(counts, [UNITS * share / 100 for share in shares]).pvalue > LEAST
    pairs = list(zip(first, second, strict=True))
    table = [[pairs.count((one, other)) for other in (1, 0, None)] for one in (1, 0, None)]
    assert chi2_contingency(table).pvalue > LEAST


def test_an_experiments_arms_are_independent_of_the_layer_and_of_the_holdout() -> None:
    flag = a_switch("checkout")
    now = started(flag, halves())
    met = arms_of_all(serving((flag,), (now,)), flag.key)
    for salt in (LAYER, HOLDOUT):
        tenths = [int(place(salt, f"unit-{number}") / 10_000) for number in range(UNITS)]
        pairs = list(zip(met, tenths, strict=True))
        table = [[pairs.count((arm, tenth)) for tenth in range(10)] for arm in (0, 1)]
        assert chi2_contingency(table).pvalue > LEAST


# the published client


def behind_gates(random: Random) -> tuple[list[Flag], list[Experiment]]:
    """Flags with experiments of every sort, in one layer of many ranges, and behind one holdout."""
    ranges = cut(random.sample(range(1, 100), 30))
    random.shuffle(ranges)
    flags: list[Flag] = []
    experiments: list[Experiment] = []
    segments = stored_flags.segments(random, 8)
    for at in range(16):
        flag = stored_flags.plain(f"flag-{at}", on_at_birth=True)
        born = (
            stored_flags.ramp(random, flag),
            stored_flags.by_segment(random, flag, segments),
            *stored_flags.experiments(random, (flag,)),
        )[at % 3]
        gates = [Gate(LAYER, tuple(sorted(ranges[at::16])))] if at % 4 else []
        gates += [Gate(HOLDOUT, ((7_777, SHARE_WHOLE),))] if at % 2 else []
        there = [a_segment(key=key, rules=rules) for key, rules in segments.items()]
        facts = facts_of(flag, HERE.key, there, Barriers(tuple(gates)))
        flags.append(flag)
        experiments.append(after(EXPERIMENT, None, Create(born), Start(facts)))
    return flags, experiments


@pytest.mark.parametrize("seed", range(2))
def test_who_passes_is_who_passes_in_the_published_client(seed: int) -> None:
    random = Random(seed)
    flags, experiments = behind_gates(random)
    taken = snapshot(HERE, 9, flags, {}, experiments)
    both, published = Both(compile(taken), plain), Published(decoded(taken))
    met: dict[tuple[str, bool], int] = {}
    documents = [random_data.context(random) for _ in range(150)]
    documents += [{"kind": kind, "key": f"{kind}-{n}"} for kind in ("user", "org") for n in range(150)]
    for document in documents:
        ours = context(document)
        for key in taken.flags:
            decision = both.decide(key, ours, "mine")
            _, variation, reason = published.decide(key, document, "mine")
            assert (decision.variation, reason_document(decision.reason)) == (variation, reason), document
            which = reason["kind"], reason.get("inExperiment", False)
            met[which] = met.get(which, 0) + 1
    assert min(met["RULE_MATCH", True], met["FALLTHROUGH", False]) > 300


def test_at_the_very_bounds_the_published_client_agrees() -> None:
    """Bounds are put right where a unit is, and a share beside it."""
    names = [f"unit-{number}" for number in range(60)]
    for key in names:
        at = int(place(HOLDOUT, key))
        flags = [a_switch(name) for name in ("below", "here", "above")]
        bounds = (at, min(at + 1, SHARE_WHOLE - 1), max(at - 1, 1))
        experiments = [
            started(flag, halves(), Gate(HOLDOUT, ((max(bound, 1), SHARE_WHOLE),)))
            for flag, bound in zip(flags, bounds, strict=True)
        ]
        taken = snapshot(HERE, 9, flags, {}, experiments)
        both, published = Both(compile(taken)), Published(decoded(taken))
        document = {"kind": "user", "key": key}
        for flag in flags:
            decision = both.decide(flag.key, context(document))
            _, variation, reason = published.decide(flag.key, document)
            assert (decision.variation, reason_document(decision.reason)) == (variation, reason)


def test_a_context_without_the_unit_is_counted_nowhere() -> None:
    flag = a_switch("checkout")
    for gate in (Gate(LAYER, ((0, 50_000),)), Gate(HOLDOUT, ((50_000, SHARE_WHOLE),))):
        both = serving((flag,), (started(flag, halves(), gate),))
        decision = both.decide("checkout", context({"kind": "organization", "key": "acme"}))
        assert (decision.variation, decision.reason.in_experiment) == (1, False)


def test_whoever_is_kept_out_is_served_by_the_rule_under_experiment() -> None:
    flag = a_switch("checkout")
    taken = snapshot(HERE, 9, (flag,), {}, (started(flag, of_both(20_000)),))
    fallthrough = taken.flags["checkout"].targeting.fallthrough
    assert isinstance(fallthrough, Rollout)
    assert [each.untracked for each in fallthrough.weights] == [True]
