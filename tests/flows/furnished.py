"""An environment with flags of every kind, and experiments of every sort, in layers and under holdouts."""

from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.ports import Store
from equipoise.delivery.following import NOTHING, look
from equipoise.domain.barriers import NONE, Barriers
from equipoise.domain.clauses import Clause
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.barriers import barriers_of
from equipoise.domain.experiment.commands import Start
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Fixed, Flag, Rollout, Rule, Serve, Target, Targeting
from equipoise.domain.gates import Gate, salted
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.identity import Place as Home
from equipoise.domain.labels import Archive, Delete
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Reserve
from equipoise.domain.layer.state import BOUNDS
from equipoise.domain.proposal import Proposal, ProposedArm, Segments
from equipoise.domain.segment.state import SegmentRule
from equipoise.domain.snapshot import Snapshot
from tests.domain.builders import a_holdout, a_layer, a_segment
from tests.domain.experiment.examples import an_arm, an_experiment, an_iteration
from tests.evaluation import stored_flags
from tests.evaluation.stored_flags import ARCHIVED, DELETED, plain, stored
from tests.storage.desk import an_id, bear, change, force

HERE = "production"
FLAGS, RUNNING = 36, 12
SEGMENTS = 8
EVEN = {"even": (SegmentRule("even", (Clause("c", "key", "endsWith", tuple("02468")),)),)}


class Fence(Struct, frozen=True):
    """What keeps units out of an experiment; None for nothing."""

    layer: Gate | None
    holdout: Gate | None


class Furnished(Struct, frozen=True):
    """fences  flag → what stands before its experiment, which randomises users by fallthrough; those whose
    experiment came by chance are left out"""

    fences: dict[str, Fence]
    snapshot: Snapshot


def furnish(store: Store, seed: int) -> Furnished:
    """By commands, some flags needing what is not served."""
    random = Random(seed)
    flags = [_agreed(flag) for flag in stored(random, FLAGS)]
    force(store, *flags)
    bear(store, FLAG, plain(ARCHIVED), plain(DELETED))
    change(store, FLAG, plain(ARCHIVED).id, Archive())
    change(store, FLAG, plain(DELETED).id, Delete())
    known = {**stored_flags.segments(random, SEGMENTS), **EVEN}
    on = [flag for flag in flags if flag.in_environment(HERE).on][:RUNNING]
    for flag, experiment in zip(on, _by_chance(random, on, known), strict=True):
        _start(store, flag, experiment, known)
    return Furnished(dict(_fenced(store, known)), shown(store))


def _agreed(flag: Flag) -> Flag:
    """With no seed that Node's SDK takes for none, as others do not."""
    here = flag.in_environment(HERE)
    rules = tuple(replace(rule, serve=_seeded(rule.serve)) for rule in here.rules)
    return replace(flag, targeting={HERE: replace(here, rules=rules, fallthrough=_seeded(here.fallthrough))})


def _seeded(serve: Serve) -> Serve:
    return replace(serve, seed=1) if isinstance(serve, Rollout) and serve.seed == 0 else serve


def shown(store: Store) -> Snapshot:
    """What the store has production serve."""
    with store.read() as reader:
        here = reader.named(ENVIRONMENT, Home("default"), HERE)
    assert here is not None
    return look(store, NOTHING, (here.id,)).snapshots[here.id]


def _by_chance(random: Random, flags: Sequence[Flag], known: Segments) -> Iterator[Experiment]:
    """A split, a ramp or arms by segment, on any rule, of any unit."""
    for at, flag in enumerate(flags):
        if at % 3 == 0:
            yield stored_flags.ramp(random, flag)
        elif at % 3 == 1:
            yield stored_flags.by_segment(random, flag, known)
        else:
            yield from stored_flags.experiments(random, (flag,))


def _fenced(store: Store, known: Segments) -> Iterator[tuple[str, Fence]]:
    """Three in a layer, three in another and under a holdout, two under that alone, three that are free."""
    holdout = a_holdout(share=15_000, salt=salted("holdout", 3))
    layers = [a_layer(id=an_id(key), key=key, salt=salted(key, BOUNDS)) for key in ("prices", "pages")]
    bear(store, HOLDOUT, holdout)
    bear(store, LAYER, *layers)
    prices, pages = (layer.id for layer in layers)
    for number, (layer, percent, joined) in enumerate(
        (
            *((prices, percent, None) for percent in (20, 25, 40)),
            *((pages, percent, holdout) for percent in (35, 20, 30)),
            *((None, 0, joined) for joined in (holdout, holdout, None, None, None)),
        )
    ):
        flag = _reachable(f"fenced-{number}")
        experiment = _own(flag, number, joined)
        bear(store, FLAG, flag)
        reserve = Reserve(HERE, experiment.key, percent)
        held = None if layer is None else change(store, LAYER, layer, reserve)
        barriers = barriers_of(experiment, held, (), joined)
        _start(store, flag, experiment, known, barriers)
        layered = None if held is None else held.gate(HERE, experiment.key)
        yield flag.key, Fence(layered, None if joined is None else joined.gate)


def _reachable(key: str) -> Flag:
    """Mostly it comes to the fallthrough."""
    flag = plain(key)
    first, second, third = (each.id for each in flag.variations)
    rule = Rule("r", (Clause("c", "country", "in", ("de",)),), Fixed(second))
    targets = (Target(first, ("key-7",)),)
    targeting = Targeting(True, second, Fixed(third), rules=(rule,), targets=targets)
    return replace(flag, targeting={HERE: targeting})


def _own(flag: Flag, number: int, joined: Holdout | None) -> Experiment:
    """Of users, on the fallthrough: shares, a ramp, or arms by segment."""
    first, second, third = (each.id for each in flag.variations)
    shares = Proposal((an_arm(first, 30_000, control=True), an_arm(second, 50_000)), outside=third)
    ramp = Proposal((an_arm(first, None, control=True), an_arm(second, None)), "", (40_000, 90_000))
    even = ProposedArm(first, control=True, segment="even", priority=1)
    proposal = (shares, ramp, Proposal((even, ProposedArm(second, fallback=True))))[number % 3]
    return an_experiment(
        id=an_id(f"on {flag.key}"),
        key=f"on-{flag.key}",
        name=flag.key,
        flag=flag.key,
        draft=an_iteration(id=an_id(f"iteration of {flag.key}"), proposal=proposal),
        holdout=joined.id if joined else "",
    )


def _start(
    store: Store, flag: Flag, experiment: Experiment, known: Segments, barriers: Barriers = NONE
) -> None:
    there = [a_segment(key=key, rules=rules) for key, rules in known.items()]
    bear(store, EXPERIMENT, experiment)
    change(store, EXPERIMENT, experiment.id, Start(facts_of(flag, HERE, there, barriers)))
