"""What is asked of metrics."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from equipoise.application.intents import Intent
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.edits import edited
from equipoise.dialects.launchdarkly.maintainers import maintainer_at_birth, maintainer_rule
from equipoise.dialects.launchdarkly.metrics import render
from equipoise.dialects.launchdarkly.metrics.definitions import definition_of, worded
from equipoise.dialects.launchdarkly.metrics.documents import Metric as Shown
from equipoise.dialects.launchdarkly.metrics.documents import MetricEdit, MetricPost
from equipoise.dialects.launchdarkly.patches import Patch
from equipoise.domain.change import Command
from equipoise.domain.errors import Invalid, check
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Archive, AssignMaintainer, Delete, Describe, Rename, Restore, Tag
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.commands import Create, Define
from equipoise.domain.metric.state import Metric
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Project
from equipoise.translation.decode import convert
from equipoise.translation.given import given
from equipoise.translation.intents import Field, Steps, by_field

FIELDS: dict[str | tuple[str, ...], Field] = {
    "archived": lambda archived, now: (Archive() if archived else Restore(),),
    "name": lambda name, now: (Rename(name),),
    "description": lambda text, now: (Describe(text or ""),),
    "tags": lambda tags, now: (Tag(tuple(tags or ())),),
    "maintainerId": lambda member, now: (AssignMaintainer(member or ""),),
}
MEANING = tuple(
    field.encode_name for field in msgspec.structs.fields(MetricEdit) if field.encode_name not in FIELDS
)


def create(said: MetricPost, place: Place) -> Intent[None]:
    def intent(world: World) -> Steps:
        project = world.named(PROJECT, INSTANCE, place.project)
        if said.maintainer_id:
            check(maintainer_rule("maintainerId", said.maintainer_id, project, world.principal))
        try:
            yield METRIC, None, Create(_newborn(said, project, world))
        except Invalid as error:
            raise worded(error) from None

    return intent


def revise(patch: Patch, place: Place, key: str) -> Intent[None]:
    """The metric with what the patch changes in its document. A change of meaning is a new version."""

    def intent(world: World) -> Steps:
        project = world.named(PROJECT, INSTANCE, place.project)
        now = world.named(METRIC, place, key)
        shown = render.metric(now, project)
        changed = edited(patch, shown, MetricEdit)
        if changed.get("maintainerId"):
            check(maintainer_rule("maintainerId", changed["maintainerId"], project, world.principal))

        def define(said: Mapping[str, Any], _: Metric) -> Iterable[Command]:
            return (Define(definition_of(_patched(said, shown), project)),)

        try:
            yield from by_field(changed, {**FIELDS, MEANING: define}, METRIC, now)
        except Invalid as error:
            raise worded(error) from None

    return intent


def remove(place: Place, key: str) -> Intent[None]:
    def intent(world: World) -> Steps:
        yield METRIC, world.named(METRIC, place, key), Delete()

    return intent


def _newborn(said: MetricPost, project: Project, world: World) -> Metric:
    moment = world.moment
    return Metric(
        id=moment.id("metric", said.key),
        project=project.key,
        key=said.key,
        name=given(said.name, said.key),
        created_at=moment.at,
        changed_at=moment.at,
        definition=definition_of(said, project),
        description=given(said.description, ""),
        tags=tuple(given(said.tags, [])),
        maintainer=maintainer_at_birth(said.maintainer_id, world.principal),
    )


def _patched(changed: Mapping[str, Any], shown: Shown) -> MetricPost:
    """The body that would make the metric as it is shown, with these fields changed; null takes one away."""
    body = msgspec.to_builtins(shown)
    if "randomizationUnits" in changed and "analysisUnits" not in changed:
        del body["analysisUnits"]  # the older name counts where it alone is changed
    body |= {name: msgspec.to_builtins(value) for name, value in changed.items()}
    return convert({name: value for name, value in body.items() if value is not None}, MetricPost)
