"""Experiments, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.change import Command
from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.experiment import commands
from equipoise.domain.experiment.state import (
    Analysis,
    Comparison,
    Contrast,
    Experiment,
    Iteration,
    MetricUse,
    Role,
    Side,
    Status,
)
from equipoise.domain.flag.state import FALLTHROUGH
from equipoise.domain.labels import Delete
from equipoise.domain.proposal import Proposal, ProposedArm
from equipoise.domain.segment.state import SegmentRule
from tests.properties.strategies.basics import (
    ALL_LABELS,
    T,
    annotations,
    ids,
    json_values,
    keys,
    label_commands,
    mostly,
    names,
    sound_keys,
    sound_names,
    sound_tags,
    sound_texts,
    texts,
    times,
)

VARIATIONS = tuple(f"variation-{number}" for number in range(4))
RULES = (FALLTHROUGH, "rule-1", "rule-2")
METRICS = ("purchases", "visits", "latency")
LEVELS = (0, 1, 10_000, 33_333, 50_000, 50_001, 90_000, SHARE_WHOLE)
GERMANS = SegmentRule("germans", (Clause("", "country", "in", ("DE",)),))
ADULTS = SegmentRule("adults", unless=((Clause("", "age", "lessThan", (18,)),), GERMANS.clauses))
SEGMENTS = {"a": (GERMANS,), "b-1": (ADULTS, GERMANS), "empty": ()}
NESTED = SegmentRule("in", (Clause("", "", SEGMENT_MATCH, ("a",)),))
FACTS = commands.StartFacts(True, False, VARIATIONS, RULES, "salt", {**SEGMENTS, "nested": (NESTED,)})
OTHER_FACTS = replace(FACTS, segments=dict.fromkeys(SEGMENTS, (ADULTS,)))
CLAIMS = ("flow:login", "flow:signup", "flow:reset")


@cache
@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Sound births; most of their drafts could start."""
    return Experiment(
        id=draw(ids()),
        project=draw(sound_keys()),
        environment=draw(sound_keys()),
        key=draw(sound_keys()),
        name=draw(sound_names()),
        flag=draw(sound_keys()),
        created_at=draw(times()),
        maintainer=draw(sound_texts()),
        description=draw(sound_texts()),
        design=draw(st.sampled_from(("experiment", "bandit", "holdout"))),
        analysis=draw(_sound_analyses()),
        tags=draw(sound_tags()),
        holdout=draw(st.just("") | sound_keys()),
        claims=draw(_claims()),
        draft=draw(iterations()),
        annotations=draw(annotations()),
    )


def experiment_commands(experiment: Experiment) -> st.SearchStrategy[Command]:
    """Most of them fit the status, so that histories reach every part of a life."""
    fitting = _fitting(experiment.status, experiment.draft is not None)
    ramp = experiment.current.proposal if experiment.active and experiment.current is not None else None
    if ramp is not None and ramp.levels:
        near = ramp.levels[ramp.step : ramp.step + 2]
        fitting = _in_turn(fitting, fitting, _advances(near))
    return mostly(fitting, _anything())


@cache
def _advances(levels: tuple[int, ...]) -> st.SearchStrategy[Command]:
    return st.builds(commands.Advance, st.sampled_from(levels))


@cache
@st.composite
def iterations(draw: st.DrawFn) -> Iteration:
    """Sound drafts."""
    metrics = draw(_sound_metrics())
    return Iteration(
        id=draw(ids()),
        created_at=draw(times()),
        hypothesis_text=draw(sound_texts()),
        unit=draw(mostly(sound_keys(), st.just(""))),
        metrics=metrics,
        primary=draw(st.sampled_from(("", *(use.key for use in metrics)))),
        comparisons=draw(_tuples(_sound_comparisons())),
        attributes=draw(sound_tags()),
        rule=draw(st.sampled_from(RULES)),
        proposal=replace(draw(proposals()), step=0),
        reshuffle=draw(st.booleans()),
        annotations=draw(annotations()),
    )


@cache
def proposals() -> st.SearchStrategy[Proposal]:
    """Mostly splits and ramps that can start, some by segment, some that cannot start."""
    by_share = st.one_of(_splits(), _ramps())
    return mostly(mostly(by_share, _by_segment()), _unready())


@st.composite
def _splits(draw: st.DrawFn) -> Proposal:
    variations = draw(st.permutations(VARIATIONS))[: draw(st.integers(1, 4))]
    cuts = sorted(draw(st.lists(st.integers(1, SHARE_WHOLE), min_size=4, max_size=4)))
    shares = [cut - before for before, cut in zip([0, *cuts], cuts, strict=False)]
    control = draw(st.sampled_from(variations))
    arms = (
        ProposedArm(variation, share, variation == control)
        for variation, share in zip(variations, shares, strict=False)
    )
    return Proposal(tuple(arms), draw(st.sampled_from(("", *VARIATIONS))))


@st.composite
def _ramps(draw: st.DrawFn) -> Proposal:
    """At the first step, since only advancing leads on; now and then at another."""
    control, treatment, *_ = draw(st.permutations(VARIATIONS))
    levels = draw(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4, unique=True).map(sorted))
    step = draw(mostly(st.just(0), st.integers(0, len(levels) - 1)))
    return Proposal((ProposedArm(treatment), ProposedArm(control, control=True)), "", tuple(levels), step)


@st.composite
def _by_segment(draw: st.DrawFn) -> Proposal:
    """Several segments may get one variation, which may be the fallback too."""
    served = draw(st.lists(st.sampled_from(VARIATIONS), max_size=3))
    keys = draw(st.permutations(sorted(SEGMENTS)))
    control = draw(st.sampled_from(("", *VARIATIONS)))
    priority = st.none() | st.integers(0, 3)
    arms = [
        ProposedArm(each, None, each == control, draw(sound_texts()), segment, draw(priority))
        for each, segment in zip(served, keys, strict=False)
    ]
    fallback = draw(st.sampled_from(VARIATIONS))
    return Proposal((*arms, ProposedArm(fallback, control=fallback == control, fallback=True)))


@cache
def _unready() -> st.SearchStrategy[Proposal]:
    first, second = VARIATIONS[:2]
    fallback = ProposedArm(second, fallback=True)
    return st.sampled_from(
        (
            Proposal(),
            Proposal((ProposedArm("nowhere", SHARE_WHOLE),)),
            Proposal((ProposedArm(first, 0, True), ProposedArm(second))),
            Proposal((ProposedArm(first, 5), fallback)),
            Proposal((ProposedArm(first, 5),), outside="nowhere"),
            Proposal((ProposedArm(first, 60_000), ProposedArm(second, 60_000))),
            Proposal((ProposedArm(first, 5), ProposedArm(first, 6))),
            Proposal((ProposedArm(first, 5, True), ProposedArm(second, 5, True))),
            Proposal((fallback, fallback)),
            Proposal((ProposedArm(first, segment="unknown"), fallback)),
            Proposal((ProposedArm(first, segment="nested"), fallback)),
            Proposal((ProposedArm(first, segment="a"), fallback), levels=(5,)),
            Proposal((ProposedArm(first),), levels=(0, 5)),
        )
    )


@cache
def _fitting(status: Status, waits: bool) -> st.SearchStrategy[Command]:
    moves: dict[Status, tuple[st.SearchStrategy[Command], ...]] = {
        Status.DRAFT: (_starts(), _starts(), _settings()),
        Status.RUNNING: (_stops(), st.just(commands.Pause()), _additions()),
        Status.PAUSED: (_stops(), st.just(commands.Resume()), _additions(), _phases()),
        Status.STOPPED: (_starts(), _starts()),
    }
    plan = (_edits(), st.just(commands.SetAside())) if waits else (_drafts(), st.just(commands.TakeUp()))
    idle = not waits and status in (Status.DRAFT, Status.STOPPED)
    turns = () if idle else (_in_turn(*moves[status]), _in_turn(*moves[status]))
    return _in_turn(*turns, _in_turn(*plan), label_commands(*ALL_LABELS[:5]))


def _in_turn(*strategies: st.SearchStrategy[Command]) -> st.SearchStrategy[Command]:
    """Each as often as the others, however many branches it has; `one_of` would count the branches."""
    return st.integers(0, len(strategies) - 1).flatmap(strategies.__getitem__)


@cache
def _anything() -> st.SearchStrategy[Command]:
    return st.one_of(
        label_commands(*ALL_LABELS),
        mostly(st.just(commands.Pause()), st.just(Delete())),
        st.just(commands.Resume()),
        _settings(),
        _starts(),
        _stops(),
        _additions(),
        _phases(),
        _advances(LEVELS),
        _drafts(),
        _edits(),
    )


@cache
def _settings() -> st.SearchStrategy[Command]:
    analyses = mostly(_sound_analyses(), st.just(Analysis("nonsense")))
    unsound = st.sampled_from((("flow:login",) * 2, ("rule:a:b",), ("",)))
    return st.one_of(
        st.builds(commands.SetAnalysis, analyses),
        st.builds(commands.JoinHoldout, keys()),
        st.just(commands.LeaveHoldout()),
        st.builds(commands.Claim, mostly(_claims(), unsound)),
    )


@cache
def _claims() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(CLAIMS), max_size=2, unique=True).map(tuple)


@cache
def _starts() -> st.SearchStrategy[Command]:
    off = commands.StartFacts(False, True, VARIATIONS[:1], (), "salt")
    pins = st.dictionaries(st.sampled_from((*METRICS, "other")), st.integers(1, 9), max_size=3)
    return st.builds(commands.Start, mostly(st.just(FACTS), st.just(off)), texts(), pins)


@cache
def _stops() -> st.SearchStrategy[Command]:
    return st.builds(commands.Stop, st.sampled_from(("", *VARIATIONS, "nowhere")), texts())


@cache
def _additions() -> st.SearchStrategy[Command]:
    """To the current iteration; those that would alter it are refused."""
    current = st.just("current")
    return st.one_of(
        st.builds(commands.SetMetrics, _sound_metrics(), st.sampled_from(("", *METRICS)), current),
        st.builds(commands.SetAttributes, sound_tags(), current),
        st.builds(commands.AnnotateIteration, st.just("one"), sound_keys(), json_values(), current),
    )


@cache
def _phases() -> st.SearchStrategy[Command]:
    facts = mostly(st.sampled_from((FACTS, OTHER_FACTS)), st.none())
    return st.builds(commands.ProposeAllocation, proposals(), facts)


@cache
def _drafts() -> st.SearchStrategy[Command]:
    return st.one_of(
        st.builds(commands.DraftIteration, iterations()), st.builds(commands.CloneIteration, ids())
    )


@cache
def _edits() -> st.SearchStrategy[Command]:
    metrics = mostly(_sound_metrics(), _tuples(st.builds(MetricUse, keys())))
    rules = mostly(st.sampled_from(RULES), st.sampled_from(("", "nowhere")))
    margins = _tuples(st.builds(Comparison, keys(), margin=st.floats()))
    return st.one_of(
        st.builds(commands.SetHypothesis, texts()),
        st.builds(commands.SetMetrics, metrics, st.sampled_from(("", *METRICS))),
        st.builds(commands.SetComparisons, mostly(_tuples(_sound_comparisons()), margins)),
        st.builds(commands.SetAttributes, _tuples(names())),
        st.builds(commands.SetUnit, mostly(keys(), st.just(""))),
        st.builds(commands.ProposeAllocation, proposals()),
        st.builds(commands.Place, rules),
        st.builds(commands.SetReshuffle, st.booleans()),
        st.builds(commands.AnnotateIteration, st.just("one"), sound_keys(), json_values()),
        st.just(commands.TakeUp()),
    )


@cache
def _sound_analyses() -> st.SearchStrategy[Analysis]:
    methods = st.sampled_from(("frequentist", "bayesian", "export_only"))
    return st.builds(Analysis, methods, st.dictionaries(sound_keys(), json_values(), max_size=2))


@cache
def _sound_metrics() -> st.SearchStrategy[tuple[MetricUse, ...]]:
    unit = st.sampled_from(("", "user", "device"))
    use = st.builds(MetricUse, st.sampled_from(METRICS), st.booleans(), unit)
    return st.lists(use, max_size=3, unique_by=lambda it: it.key).map(tuple)


@cache
def _sound_comparisons() -> st.SearchStrategy[Comparison]:
    arm = st.sampled_from(("", *VARIATIONS))
    return st.builds(
        Comparison,
        metric=st.sampled_from(METRICS),
        contrast=st.builds(Contrast, arm, arm),
        margin=st.floats(0, 1),
        side=st.sampled_from(Side),
        role=st.sampled_from(Role),
    )


def _tuples(items: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, max_size=3).map(tuple)
