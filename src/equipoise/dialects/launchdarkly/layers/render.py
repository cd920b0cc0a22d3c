"""Layers as documents."""

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from equipoise.application.world import World
from equipoise.dialects.launchdarkly.documents import Links
from equipoise.dialects.launchdarkly.layers import documents
from equipoise.domain.experiment.barriers import unit_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.identity import Place
from equipoise.domain.layer.state import PERCENT, Layer, Reservation
from equipoise.translation.starting import fellows


def layers(world: World, found: Iterable[Layer], total: int, links: Links) -> documents.Layers:
    return documents.Layers([layer(world, each) for each in found], total, links)


def layer(world: World, now: Layer) -> documents.Layer:
    """With the reservations of all environments that whoever asks may know of."""
    seen = [each for each in now.reservations if world.principal.sees(Place(now.project, each.environment))]
    experiments = fellows(world, now)
    known = {(each.environment, each.key): each for each in experiments}
    environments = dict.fromkeys(each.environment for each in seen)
    return documents.Layer(
        key=now.key,
        name=now.name,
        description=now.description,
        createdAt=now.created_at,
        randomizationUnit=unit_of(now, experiments) or UNSET,
        environments={
            name: documents.Configuration(
                [_reservation(each, known) for each in seen if each.environment == name]
            )
            for name in environments
        },
    )


def _reservation(each: Reservation, known: Mapping[tuple[str, str], Experiment]) -> documents.Reservation:
    of = known.get((each.environment, each.experiment))
    flag = "" if of is None else of.flag
    return documents.Reservation(each.experiment, flag, each.share // PERCENT)
