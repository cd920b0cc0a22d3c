"""What a start is made of, for every surface alike: read from the world in the same change."""

from collections.abc import Iterable

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.barriers import Barriers
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.barriers import barriers_of
from equipoise.domain.experiment.commands import Start, StartFacts
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.identity import Id, Place
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Release, Reserve
from equipoise.domain.layer.state import Layer, reserved_link
from equipoise.domain.metric import METRIC
from equipoise.domain.segment import SEGMENT
from equipoise.translation.intents import Steps


def facts_for(world: World, now: Experiment, flag: Flag) -> StartFacts:
    """What must be known to start its draft, or to open a phase of what is paused."""
    iterations = (each for each in (now.draft, now.current) if each is not None)
    named = tuple(dict.fromkeys(key for each in iterations for key in each.proposal.segments))
    return facts_naming(world, now, flag, named)


def facts_naming(world: World, now: Experiment, flag: Flag, segments: tuple[str, ...]) -> StartFacts:
    """The same for an allocation that names these segments."""
    found = world.select(SEGMENT, Query(now.place, keys=segments)).items if segments else ()
    return facts_of(flag, now.environment, found, barriers(world, now))


def barriers(world: World, now: Experiment) -> Barriers:
    """What its units have to pass by now."""
    return _barriers(world, now, layer_of(world, now))


def barriers_each(world: World, project: str, experiments: Iterable[Experiment]) -> dict[Id, Barriers]:
    """Experiment id → what its units have to pass by now; of those alone that are in a layer or a holdout."""
    layers = world.select(LAYER, Query(Place(project))).items
    homes = ((now, _among(layers, now)) for now in experiments)
    return {now.id: _barriers(world, now, layer) for now, layer in homes if layer is not None or now.holdout}


def _barriers(world: World, now: Experiment, layer: Layer | None) -> Barriers:
    holdout = world.find(HOLDOUT, now.holdout) if now.holdout else None
    joined = holdout if holdout is not None and holdout.place == now.place else None
    return barriers_of(now, layer, () if layer is None else fellows(world, layer), joined)


def layer_of(world: World, now: Experiment) -> Layer | None:
    """The layer that the experiment is in."""
    link = reserved_link(now.environment, now.key)
    return _among(world.select(LAYER, Query(Place(now.project), links=(link,))).items, now)


def _among(layers: Iterable[Layer], now: Experiment) -> Layer | None:
    return next((each for each in layers if each.of(now.environment, now.key) is not None), None)


def fellows(world: World, layer: Layer) -> tuple[Experiment, ...]:
    """Experiments of the keys that the layer names, in any environment: whoever starts one, and wherever they
    are let in, the units of a layer are of one kind."""
    return world.of_keys(EXPERIMENT, layer.project, (each.experiment for each in layer.reservations))


def released(world: World, now: Experiment) -> Steps:
    """Leaves its layer, since it goes."""
    layer = layer_of(world, now)
    if layer is not None:
        yield LAYER, layer, Release(now.environment, now.key)


def given_back(world: World, now: Experiment) -> Steps:
    """Once it is archived, what its layer reserved for it is free for others. It stays in there: restored,
    it does not start before something is reserved for it again, so it never meets the others unawares."""
    layer = layer_of(world, now) if now.archived_at is not None else None
    if layer is not None:
        yield LAYER, layer, Reserve(now.environment, now.key, 0)


def start_of(world: World, now: Experiment, flag: Flag, reason: str = "") -> Start:
    """The start of its draft: metrics are pinned in their present versions."""
    used = () if now.draft is None else tuple(use.key for use in now.draft.metrics if not use.group)
    metrics = world.select(METRIC, Query(Place(now.project), keys=used)).items if used else ()
    pins = {metric.key: metric.version for metric in metrics}
    return Start(facts_for(world, now, flag), reason, pins)
