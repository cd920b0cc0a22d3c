"""What experiments serve, over random contexts: ramps keep their promises, and by segment as on a ramp the
published client serves what we do."""

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Advance, Create, Start
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag
from equipoise.domain.overlay import overlay_of
from equipoise.domain.snapshot import Snapshot, snapshot
from equipoise.evaluation.bucketing import bucket, digits, prefix
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import context
from tests.dialects.launchdarkly.sdk.reader import decoded
from tests.domain.builders import LATER, a_flag, a_segment, a_targeting, after, an_environment
from tests.domain.experiment.examples import a_ramp, an_iteration, running
from tests.evaluation import random_data, stored_flags
from tests.evaluation.answers import Both, alike, plain, reason_document
from tests.evaluation.published import Published

FLAGS, PLAIN, UNITS = 20, 15, 400
HERE = an_environment()


# ramps


def climbed(levels: tuple[int, ...]) -> Iterator[Both]:
    """What is served at each level of a ramp, one after the other."""
    flag = a_flag(targeting={HERE.key: a_targeting()})
    now = running(draft=an_iteration(proposal=a_ramp(*levels)))
    for level in levels:
        now = after(EXPERIMENT, now, Advance(level))
        yield Both(compile(snapshot(HERE, 9, (flag,), {}, (now,))))


def seed_of(both: Both) -> int:
    fallthrough: Any = both.ruleset.flags["checkout"].fallthrough
    seed: int = fallthrough.seed
    return seed


rising = st.lists(st.integers(0, SHARE_WHOLE), min_size=1, max_size=6, unique=True).map(sorted)
keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(rising.map(tuple), keys)
def test_along_a_ramp_nobody_loses_the_treatment_and_nobody_is_counted_in_two_arms(
    levels: tuple[int, ...], key: str
) -> None:
    asked = context({"kind": "user", "key": key})
    met = [both.decide("checkout", asked) for both in climbed(levels)]
    treated = [each.variation == 0 for each in met]
    assert treated == sorted(treated)
    assert len({each.variation for each in met if each.reason.in_experiment}) <= 1


@given(rising.map(tuple), keys)
def test_the_treatment_goes_to_the_last_of_the_line_up_to_the_level(
    levels: tuple[int, ...], key: str
) -> None:
    for level, both in zip(levels, climbed(levels), strict=True):
        place = bucket(digits(prefix("checkout", "salt", seed_of(both)) + key))
        decision = both.decide("checkout", context({"kind": "user", "key": key}))
        treated, compared = level / SHARE_WHOLE, min(level, SHARE_WHOLE - level) / SHARE_WHOLE
        assert (decision.variation == 0) is (place >= 1 - treated)
        counted = place >= 1 - min(treated, 0.5) or place < compared
        assert decision.reason.in_experiment is counted


def test_whoever_has_no_unit_is_served_the_control_and_not_counted() -> None:
    for both in climbed((10_000, 50_000)):
        decision = both.decide("checkout", context({"kind": "organization", "key": "acme"}))
        assert (decision.variation, decision.reason.in_experiment) == (1, False)


def test_at_a_third_a_third_are_in_each_arm() -> None:
    (both,) = climbed((33_333,))
    met = [both.decide("checkout", context({"kind": "user", "key": f"unit-{n}"})) for n in range(6_000)]
    treated, compared = (
        sum(each.variation == arm and each.reason.in_experiment for each in met) for arm in (0, 1)
    )
    assert treated == sum(each.variation == 0 for each in met)
    assert all(abs(each - 2_000) < 150 for each in (treated, compared))  # four standard errors


# the published client


def started(random: Random, flag: Flag, born: Experiment, segments: Any) -> Experiment:
    """It runs; a ramp has been climbed for some of its levels."""
    there = [a_segment(key=key, rules=rules) for key, rules in segments.items()]
    now = after(EXPERIMENT, None, Create(born), Start(facts_of(flag, HERE.key, there)))
    assert born.draft is not None
    levels = born.draft.proposal.levels
    for at, level in zip(count(LATER), levels[: random.randrange(len(levels) + 1)], strict=False):
        now = after(EXPERIMENT, now, Advance(level), at=at)
    return now


def shown(seed: int) -> tuple[Snapshot, list[Experiment]]:
    """Flags, odd ones and plain ones: some by segment, some on a ramp, some without an experiment."""
    random = Random(seed)
    there = (stored_flags.plain(f"plain-{number}", on_at_birth=True) for number in range(PLAIN))
    flags = [*stored_flags.stored(random, FLAGS), *there]
    segments = stored_flags.segments(random, 8)
    experiments = []
    for at, flag in enumerate(flags):
        if at % 5 == 4 or not flag.in_environment(HERE.key).on:
            continue
        born = (
            stored_flags.ramp(random, flag) if at % 5 > 2 else stored_flags.by_segment(random, flag, segments)
        )
        experiments.append(started(random, flag, born, segments))
    return snapshot(HERE, 9, flags, {}, experiments), experiments


def by_segment(experiment: Experiment) -> tuple[str, ...]:
    """Ids of the rules that it serves segments by."""
    overlay = overlay_of(experiment)
    assert overlay is not None
    return overlay.rules[1:]


@pytest.mark.parametrize("seed", range(4))
def test_every_arm_and_reason_is_the_published_clients(seed: int) -> None:
    taken, experiments = shown(seed)
    both, published = Both(compile(taken), plain), Published(decoded(taken))
    random, met = Random(seed), dict[tuple[str, bool], int]()
    armed = {rule for each in experiments for rule in by_segment(each)}
    reached = set[str]()
    for document in (random_data.context(random) for _ in range(UNITS)):
        ours = context(document)
        for key in taken.flags:
            decision, told = both.decided(key, ours, "mine")
            (value, variation, reason), theirs = published.decided(key, document, "mine")
            assert alike(decision.value, value), (key, document)
            assert (decision.variation, reason_document(decision.reason)) == (variation, reason), document
            assert [(each, served.variation, by) for each, served, by in told] == theirs
            which = reason["kind"], reason.get("inExperiment", False)
            met[which] = met.get(which, 0) + 1
            reached |= {reason.get("ruleId")} & armed
    assert met["FALLTHROUGH", True] > UNITS
    assert met["RULE_MATCH", True] > UNITS
    assert len(reached) > 15
