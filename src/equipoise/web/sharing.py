"""Layers and holdouts of an environment: which experiments share the traffic, and who is kept out of them."""

from collections.abc import Iterable

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.barriers import unit_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.gates import length
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.identity import Place
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.state import Layer
from equipoise.web.doorway import address, places_seen, sharing_of
from equipoise.web.experiments import one
from equipoise.web.html import page
from equipoise.web.lines import MINE, NOBODYS, Part, parts
from equipoise.web.visit import Visit

LOOKS = 6  # colours that the style sheet has for slices


class Holder(Struct, frozen=True):
    """An experiment on a line. address: "" where it is gone; share: None where it has none of its own"""

    key: str
    name: str
    address: str
    status: str
    archived: bool
    look: str
    share: int | None = None


class Band(Struct, frozen=True):
    """A layer or a holdout: its line, and the experiments on it. `free` is None where nothing can be."""

    kind: str
    key: str
    name: str
    description: str
    unit: str
    parts: tuple[Part, ...]
    holders: tuple[Holder, ...]
    free: int | None = None
    kept_out: int | None = None
    ended_at: int | None = None


def show(visit: Visit) -> Answer:
    who, place = visit.principal, visit.place

    def found(world: World) -> Answer:
        world.named(ENVIRONMENT, Place(place.project), place.environment)
        layers = world.select(LAYER, Query(Place(place.project))).items
        holdouts = world.select(HOLDOUT, Query(place)).items
        return page(
            "sharing",
            who=who.name,
            place=place,
            places=places_seen(world),
            experiments=address(place),
            here=sharing_of(place),
            layers=[_layer(world, place, each) for each in layers],
            holdouts=[_holdout(world, each) for each in holdouts],
        )

    return visit.read(found, place, who)


def _layer(world: World, place: Place, layer: Layer) -> Band:
    held = layer.within(place.environment)
    looks = {each.experiment: f"slice-{at % LOOKS}" for at, each in enumerate(held)}
    every = world.of_keys(EXPERIMENT, layer.project, (each.experiment for each in layer.reservations))
    here = {each.key: each for each in every if each.place == place}
    return Band(
        kind="layer",
        key=layer.key,
        name=layer.name,
        description=layer.description,
        unit=unit_of(layer, every),
        parts=tuple(part for each in held for part in parts(each.ranges, looks[each.experiment])),
        holders=tuple(
            _holder(place, each.experiment, here.get(each.experiment), looks[each.experiment], each.share)
            for each in held
        ),
        free=SHARE_WHOLE - sum(each.share for each in held),
    )


def _holdout(world: World, holdout: Holdout) -> Band:
    joined = world.using(holdout.project, "holdout", holdout.id)
    let_in = holdout.gate.ranges
    kept_out = SHARE_WHOLE - length(let_in)
    shut = parts(((0, kept_out),), NOBODYS) if kept_out else ()
    return Band(
        kind="holdout",
        key=holdout.key,
        name=holdout.name,
        description=holdout.description,
        unit=holdout.unit,
        parts=(*shut, *parts(let_in, MINE)),
        holders=_joined(holdout.place, joined),
        kept_out=kept_out,
        ended_at=holdout.ended_at,
    )


def _joined(place: Place, experiments: Iterable[Experiment]) -> tuple[Holder, ...]:
    return tuple(_holder(place, each.key, each, MINE) for each in experiments if each.place == place)


def _holder(place: Place, key: str, now: Experiment | None, look: str, share: int | None = None) -> Holder:
    if now is None:
        return Holder(key, key, "", "", False, look, share)
    archived = now.archived_at is not None
    return Holder(key, now.name, one(place, key), now.status.value, archived, look, share)
