"""Experiments as documents: one shape for create, read, list, update and status."""

from collections.abc import Iterable

from msgspec import UNSET

from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.documents import DEVICE
from equipoise.dialects.auth0.experiments import documents
from equipoise.dialects.auth0.experiments.allocations import (
    PERCENT,
    STATEFUL,
    allocations_shown,
    annotation,
    frozen,
    strategy_of,
)
from equipoise.dialects.auth0.experiments.around import Around
from equipoise.dialects.auth0.experiments.statuses import editable, flow_of, shown, status_of
from equipoise.dialects.auth0.experiments.validity import causes
from equipoise.dialects.auth0.flags.render import SAID as FLAG_SAID
from equipoise.dialects.auth0.flags.render import name_of
from equipoise.domain.experiment.state import Experiment, Iteration
from equipoise.translation.times import iso


def experiment(now: Experiment, around: Around) -> documents.Experiment:
    iteration, status, strategy = shown(now), status_of(now), strategy_of(now)
    flag = around.flag(now)
    names = {} if flag is None else {each.id: name_of(each) for each in flag.variations}
    stateful = annotation(now, STATEFUL)
    levels = [level // PERCENT for level in iteration.proposal.levels]
    return documents.Experiment(
        id=ids.spelled("experiment", now.id),
        name=now.name,
        feature_flag_id=ids.spelled(FLAG_SAID, ids.GONE if flag is None else flag.id),
        authentication_flow=flow_of(now),
        allocation_strategy=strategy,
        assignment_config=documents.AssignmentConfig(iteration.unit or DEVICE),
        status=status,
        is_valid=not causes(now, around.standing(now)),
        allocations=allocations_shown(now, names, around.segments),
        editable_fields=list(editable(now, strategy)),
        created_at=iso(now.created_at),
        updated_at=iso(now.touched_at or now.created_at),
        current_level=_level(iteration) if status in ("active", "paused") else None,
        feature_flag_snapshot=frozen(iteration).get("feature_flag"),
        description=now.description or UNSET,
        feature_flag_name=UNSET if flag is None else flag.name,
        is_stateful=UNSET if stateful is None else stateful,
        levels=levels or UNSET,
        started_at=UNSET if iteration.started_at is None else iso(iteration.started_at),
        ended_at=UNSET if iteration.ended_at is None else iso(iteration.ended_at),
    )


def experiments(found: Iterable[Experiment], around: Around, following: str) -> documents.Experiments:
    return documents.Experiments([experiment(each, around) for each in found], following or UNSET)


def validation(now: Experiment, around: Around) -> documents.Validation:
    found = causes(now, around.standing(now))
    return documents.Validation(not found, list(found))


def advanced(before: Experiment, now: Experiment) -> documents.Advanced:
    came_from, level = _level(shown(before)) or 0, _level(shown(now)) or 0
    return documents.Advanced(ids.spelled("experiment", now.id), came_from, level, level)


def _level(iteration: Iteration) -> int | None:
    level = iteration.proposal.level
    return None if level is None else level // PERCENT
