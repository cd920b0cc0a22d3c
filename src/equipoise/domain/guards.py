"""Rules across objects: what one object may not undergo while an experiment, or a flag, needs it.

They are asked after the decisions, and neighbours answer as things are after the change; so a change
that stops an experiment may well alter what the experiment held.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from msgspec.structs import replace

from equipoise.domain.change import Outcome
from equipoise.domain.clauses import same
from equipoise.domain.environment.state import Environment
from equipoise.domain.errors import Held
from equipoise.domain.experiment.state import Experiment, Iteration
from equipoise.domain.flag.state import FALLTHROUGH, Fixed, Flag, Rule, Serve, Targeting
from equipoise.domain.gates import covers
from equipoise.domain.layer.state import Layer, Reservation
from equipoise.domain.metric.state import Metric
from equipoise.domain.prerequisites import Flags, check_rows
from equipoise.domain.project.state import Project
from equipoise.domain.segment.state import Segment


class Neighbours(Flags, Protocol):
    """What a guard may ask: experiments and flags, as they are after the change. Arguments are keys."""

    def active_on(self, project: str, flag: str) -> tuple[Experiment, ...]:
        """Running or paused on the flag, in any environment."""
        ...

    def using(self, project: str, relation: str, key: str) -> tuple[Experiment, ...]:
        """Not archived, and linked so (by `facets`)."""
        ...

    def active_in(self, project: str, environment: str | None) -> tuple[Experiment, ...]:
        """Running or paused in the environment, or anywhere in the project where it is None."""
        ...


def guard(outcome: Outcome[Any], neighbours: Neighbours) -> None:
    """Raises Held, naming the experiment or flag, where one stands in the way of this outcome; Exceeded or
    Invalid where flags would need each other in a row too long to follow."""
    if isinstance(outcome.after, Flag):
        check_rows(outcome.before, outcome.after, neighbours)
    if outcome.before is not None and outcome.noun.name in _GUARDS:
        _GUARDS[outcome.noun.name](outcome.before, outcome.after, neighbours)


def _experiment(_before: Experiment, after: Experiment | None, _: Neighbours) -> None:
    if after is not None and not after.complete:
        raise RuntimeError(f"a change of {after.said} forgot the draft that it put aside")


def _flag(before: Flag, after: Flag | None, neighbours: Neighbours) -> None:
    active = neighbours.active_on(before.project, before.key)
    if after is None:
        _refuse_if_needed(f"delete flag {before.key}", before, neighbours)
        users = neighbours.using(before.project, "flag", before.key)
        _refuse_for(f"delete flag {before.key}", (*active, *users))
        return
    if after.archived_at is not None and before.archived_at is None:
        _refuse_if_needed(f"archive flag {before.key}", before, neighbours)
        _refuse_for(f"archive flag {before.key}", active)
    _keep_needed_variations(before, after, neighbours)
    for experiment in active:
        if experiment.current is not None:
            _keep_rule(before, after, experiment, experiment.current)
            _keep_variations(before, after, experiment, experiment.current)


def _keep_needed_variations(before: Flag, after: Flag, neighbours: Neighbours) -> None:
    for each in before.variations:
        if after.variation(each.id) is None:
            action = f"remove variation {each.id} of flag {before.key}"
            _refuse_if_needed(action, before, neighbours, each.id)


def _refuse_if_needed(action: str, flag: Flag, neighbours: Neighbours, variation: str = "") -> None:
    """Raises Held where another flag needs this one first (where one is named: this variation of it)."""
    for other in neighbours.needing(flag.project, flag.key):
        wanted = (each for targeting in other.targeting.values() for each in targeting.prerequisites)
        if any(each.flag == flag.key and variation in ("", each.variation) for each in wanted):
            raise Held(action, f"flag {other.key} needs it first", other.place)


def _keep_rule(before: Flag, after: Flag, holder: Experiment, iteration: Iteration) -> None:
    was = _owned(before.in_environment(holder.environment), iteration.rule)
    now = _owned(after.in_environment(holder.environment), iteration.rule)
    # A rule that is born in this change was nobody's yet: the experiment starts in the same change.
    if was is None or same(was, now):
        return
    won = _won(was, holder, iteration)
    if won is not None and same(won, now):
        return
    named = "the fallthrough" if iteration.rule == FALLTHROUGH else f"rule {iteration.rule}"
    raise Held(f"change {named} of flag {before.key}", _said(holder), holder.place)


def _won(was: Serve | Rule, holder: Experiment, iteration: Iteration) -> Serve | Rule | None:
    """What the rule is after a stop with a winner and a start in one change; None without them."""
    last = holder.previous[-1] if holder.previous else None
    if last is None or not last.winner:
        return None
    if (last.rule, last.ended_at) != (iteration.rule, iteration.started_at):
        return None
    serve = Fixed(last.winner)
    return replace(was, serve=serve) if isinstance(was, Rule) else serve


def _owned(targeting: Targeting, rule: str) -> Serve | Rule | None:
    """What an experiment on this rule owns of the targeting; None where there is no such rule."""
    if rule == FALLTHROUGH:
        return targeting.fallthrough
    found = next((each for each in targeting.rules if each.id == rule), None)
    # What it is called is free, and so is its own tracking: the experiment reports for itself.
    return None if found is None else replace(found, description="", ref="", track_events=False)


def _keep_variations(before: Flag, after: Flag, holder: Experiment, iteration: Iteration) -> None:
    served = iteration.allocation.variations if iteration.allocation is not None else frozenset()
    for id in sorted(served):
        was, now = before.variation(id), after.variation(id)
        if was is not None and now is None:
            raise Held(f"remove variation {id} of flag {before.key}", _said(holder), holder.place)
        if was is not None and now is not None and not same(was.value, now.value):
            raise Held(f"change variation {id} of flag {before.key}", _said(holder), holder.place)


def _metric(before: Metric, after: Metric | None, neighbours: Neighbours) -> None:
    if after is None:
        users = neighbours.using(before.project, "metric", before.key)
        _refuse_for(f"delete metric {before.key}", users)


def _segment(before: Segment, after: Segment | None, neighbours: Neighbours) -> None:
    if after is None:
        users = neighbours.using(before.project, "segment", before.key)
        here = (each for each in users if each.environment == before.environment)
        _refuse_for(f"delete segment {before.key}", here)


def _layer(before: Layer, after: Layer | None, neighbours: Neighbours) -> None:
    """What is reserved for an experiment that runs grows, at most; nothing joins while it runs."""
    for each in before.reservations:
        kept = None if after is None else after.of(each.environment, each.experiment)
        if kept is None or not covers(kept.ranges, each.ranges):
            action = f"take what {before.said} reserves for experiment {each.experiment}"
            _refuse_for(action, _active(before, each, neighbours))
    for each in () if after is None else after.reservations:
        if before.of(each.environment, each.experiment) is None:
            action = f"put experiment {each.experiment} into {before.said}"
            _refuse_for(action, _active(before, each, neighbours))


def _active(layer: Layer, of: Reservation, neighbours: Neighbours) -> tuple[Experiment, ...]:
    active = neighbours.active_in(layer.project, of.environment)
    return tuple(each for each in active if each.key == of.experiment)


def _environment(before: Environment, after: Environment | None, neighbours: Neighbours) -> None:
    if after is None:
        active = neighbours.active_in(before.project, before.key)
        _refuse_for(f"delete environment {before.key}", active)


def _project(before: Project, after: Project | None, neighbours: Neighbours) -> None:
    if after is None:
        _refuse_for(f"delete project {before.key}", neighbours.active_in(before.key, None))


def _refuse_for(action: str, holders: Iterable[Experiment]) -> None:
    for holder in holders:
        raise Held(action, _said(holder), holder.place)


def _said(holder: Experiment) -> str:
    doing = f"is {holder.status}; stop it first" if holder.active else "uses it"
    return f"{holder.said} in {holder.environment} {doing}"


_GUARDS: Mapping[str, Callable[[Any, Any, Neighbours], None]] = MappingProxyType(
    {
        "experiment": _experiment,
        "flag": _flag,
        "metric": _metric,
        "segment": _segment,
        "layer": _layer,
        "environment": _environment,
        "project": _project,
    }
)
