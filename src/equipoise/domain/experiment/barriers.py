"""The barriers of an experiment: read of the layer that it is in, and of the holdout that it joined."""

from collections.abc import Iterable, Iterator

from equipoise.domain.barriers import Barriers, Demand
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.gates import ReservedShare
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.layer.state import Layer


def barriers_of(
    now: Experiment, layer: Layer | None, fellows: Iterable[Experiment], holdout: Holdout | None
) -> Barriers:
    """What an experiment of this place has to pass by now.

    layer    the one that it is in
    fellows  experiments that may be in the layer too, in any environment
    holdout  the one that it joined
    """
    held_out = holdout is not None and holdout.ended_at is None
    return Barriers(
        gates=(
            *((holdout.gate,) if holdout is not None else ()),
            *((layer.gate(now.environment, now.key),) if layer is not None else ()),
        ),
        reserved=None if layer is None else reserved_in(layer, now),
        demands=(
            *((Demand(holdout.said, holdout.unit),) if holdout is not None and held_out else ()),
            *(() if layer is None else _of_layer(layer, [each for each in fellows if each.id != now.id])),
        ),
    )


def reserved_in(layer: Layer, now: Experiment) -> ReservedShare | None:
    own = layer.of(now.environment, now.key)
    if own is None:
        return None
    others = sum(each.share for each in layer.within(now.environment)) - own.share
    return ReservedShare(layer.key, layer.name, own.share, others)


def _of_layer(layer: Layer, fellows: Iterable[Experiment]) -> Iterator[Demand]:
    unit = unit_of(layer, fellows)
    if unit:
        yield Demand(layer.said, unit)


def unit_of(layer: Layer, experiments: Iterable[Experiment]) -> str:
    """The unit of the first of its experiments that ever started; "" while none has."""
    started = [
        each.current
        for each in experiments
        if each.current is not None and layer.of(each.environment, each.key) is not None
    ]
    return min(started, key=lambda each: each.started_at or 0).unit if started else ""
