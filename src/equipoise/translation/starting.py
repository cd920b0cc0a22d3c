"""What a start is made of, for every surface alike: read from the world in the same change."""

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.experiment.commands import Start, StartFacts
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Place
from equipoise.domain.metric import METRIC
from equipoise.domain.segment import SEGMENT


def facts_for(world: World, now: Experiment, flag: Flag) -> StartFacts:
    """What must be known to start its draft, or to open a phase of what is paused."""
    iterations = (each for each in (now.draft, now.current) if each is not None)
    named = tuple(dict.fromkeys(key for each in iterations for key in each.proposal.segments))
    return facts_naming(world, now.place, flag, named)


def facts_naming(world: World, place: Place, flag: Flag, segments: tuple[str, ...]) -> StartFacts:
    """The same for an allocation that names these segments."""
    found = world.select(SEGMENT, Query(place, keys=segments)).items if segments else ()
    return facts_of(flag, place.environment, found)


def start_of(world: World, now: Experiment, flag: Flag, reason: str = "") -> Start:
    """The start of its draft: metrics are pinned in their present versions."""
    used = () if now.draft is None else tuple(use.key for use in now.draft.metrics if not use.group)
    metrics = world.select(METRIC, Query(Place(now.project), keys=used)).items if used else ()
    pins = {metric.key: metric.version for metric in metrics}
    return Start(facts_for(world, now, flag), reason, pins)
