"""What experiments stand among: their flags, their segments, each other. A query for each noun reads it."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.auth0.experiments.statuses import shown
from equipoise.dialects.auth0.experiments.validity import Standing
from equipoise.domain.barriers import NONE, Barriers
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Id, Place
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.state import Segment
from equipoise.translation.starting import barriers_each


class Around(Struct, frozen=True):
    """flags, segments  by key; what is gone is left out
    active           the tenant's active experiments
    barriers         experiment id → what its units have to pass, where it is in a layer or a holdout
    """

    flags: Mapping[str, Flag]
    segments: Mapping[str, Segment]
    active: tuple[Experiment, ...]
    barriers: Mapping[Id, Barriers]

    def flag(self, now: Experiment) -> Flag | None:
        """The flag that it is on: one made later under the same key is another."""
        found = self.flags.get(now.flag)
        return found if found is not None and found.created_at <= now.created_at else None

    def standing(self, now: Experiment) -> Standing:
        flag = self.flag(now)
        named = shown(now).proposal.segments
        segments = [self.segments[key] for key in named if key in self.segments]
        return Standing(
            None
            if flag is None
            else facts_of(flag, now.environment, segments, self.barriers.get(now.id, NONE)),
            tuple(each for each in self.active if each.id != now.id),
        )


def around(world: World, place: Place, experiments: Iterable[Experiment], past: bool = False) -> Around:
    """past  as of the point that is asked about: then one by one"""
    seen = tuple(experiments)
    flags = dict.fromkeys(each.flag for each in seen)
    segments = dict.fromkeys(key for each in seen for key in shown(each).proposal.segments)
    return Around(
        _read(world, FLAG, Place(place.project), tuple(flags), past),
        _read(world, SEGMENT, place, tuple(segments), past),
        world.active_in(place.project, place.environment),
        {} if past else barriers_each(world, place.project, seen),
    )


def _read(world: World, noun: Any, place: Place, keys: tuple[str, ...], past: bool) -> dict[str, Any]:
    if not keys:
        return {}
    if past:
        states = (world.peek(noun, place, key) for key in keys)
        return {state.key: state for state in states if state is not None}
    return {state.key: state for state in world.select(noun, Query(place, keys=keys)).items}
