"""What the commands to a layer lead to. What an experiment that runs allows is asked in `guards`."""

from collections.abc import Iterator
from itertools import chain

from equipoise.domain import labels
from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import Violation, check
from equipoise.domain.gates import fitted, joined, length, overlap
from equipoise.domain.identity import is_id, key_rule, name_rule, text_rule
from equipoise.domain.layer.commands import Create, Release, Reserve, Vacate
from equipoise.domain.layer.events import Created, Released, Reserved
from equipoise.domain.layer.state import BOUNDS, PERCENT, Layer, Reservation
from equipoise.domain.limits import within

Events = tuple[Event, ...]
Findings = Iterator[bool | Violation]


def create(_: None, command: Create, _moment: Moment) -> Events:
    layer = command.layer
    bounds = layer.salt.count(".")
    check(
        is_id(layer.id) or Violation("id", "must be 24 hexadecimal digits", layer.id),
        key_rule("project", layer.project),
        key_rule("key", layer.key),
        name_rule("name", layer.name),
        text_rule("description", layer.description),
        bounds == BOUNDS or Violation("salt", f"tells {BOUNDS} bounds apart", bounds),
        *_of_reservations(layer),
    )
    return (Created(layer),)


def _of_reservations(layer: Layer) -> Findings:
    named = [(each.environment, each.experiment) for each in layer.reservations]
    yield len(set(named)) == len(named) or Violation("reservations", "an experiment stands once", named)
    for each in layer.reservations:
        yield key_rule("reservations.environment", each.environment)
        yield key_rule("reservations.experiment", each.experiment)
        whole = all(bound % PERCENT == 0 for bound in chain.from_iterable(each.ranges))
        yield whole or Violation("reservations.ranges", "are whole percents", each.ranges)
        yield joined(each.ranges) == each.ranges or Violation("reservations.ranges", "rise, and do not touch")
    for environment in dict.fromkeys(each.environment for each in layer.reservations):
        ranges = chain.from_iterable(each.ranges for each in layer.within(environment))
        yield not overlap(ranges) or Violation("reservations", "do not overlap", environment)


def reserve(now: Layer, command: Reserve, _: Moment) -> Events:
    present = now.of(command.environment, command.experiment)
    others = [each for each in now.within(command.environment) if each is not present]
    taken = sum(each.share for each in others) // PERCENT
    left = 100 - taken
    whole = 0 <= command.percent <= 100
    rule = f"reservations of an environment sum to at most 100 percent; {left} are left for this one"
    check(
        key_rule("environment", command.environment),
        key_rule("experiment", command.experiment),
        whole or Violation("percent", "must be a whole number from 0 to 100", command.percent),
        not whole or command.percent <= left or Violation("percent", rule, command.percent),
    )
    within("RESERVATIONS_PER_LAYER_MAX", len(now.reservations) + (present is None))
    own = Reservation(command.environment, command.experiment) if present is None else present
    ranges = fitted(
        own.ranges, chain.from_iterable(each.ranges for each in others), command.percent * PERCENT
    )
    if present is not None and ranges == present.ranges:
        return ()
    assert length(ranges) == command.percent * PERCENT <= SHARE_WHOLE, "what is left was asked before"
    return (Reserved(own.environment, own.experiment, ranges),)


def release(now: Layer, command: Release, _: Moment) -> Events:
    present = now.of(command.environment, command.experiment)
    return () if present is None else (Released(command.environment, command.experiment),)


def vacate(now: Layer, command: Vacate, _: Moment) -> Events:
    return tuple(Released(each.environment, each.experiment) for each in now.within(command.environment))


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Rename, labels.Describe, labels.Delete),
    Create: create,
    Reserve: reserve,
    Release: release,
    Vacate: vacate,
}
