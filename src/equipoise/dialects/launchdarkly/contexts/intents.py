"""What is said of context kinds and experimentation settings, as intents."""

from collections.abc import Callable, Generator
from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from equipoise.application.intents import Step
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.contexts.documents import (
    RandomizationSettingsPut,
    UpsertContextKindPayload,
)
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Conflict
from equipoise.domain.identity import INSTANCE
from equipoise.domain.project import PROJECT
from equipoise.domain.project.commands import PutContextKind, SetUnits
from equipoise.domain.project.state import ContextKind, Project, RandomizationUnit
from equipoise.translation.intents import worded

_WORDS = {"kind.key": "key", "kind.name": "name", "kind.description": "description"}

Steps = Generator[Step, Outcome[Any], Project]


def put_context_kind(project: str, key: str, said: UpsertContextKindPayload) -> Callable[[World], Steps]:
    """Only what is said changes. A version below the present one was read before another's change."""

    def steps(world: World) -> Steps:
        now = world.named(PROJECT, INSTANCE, project)
        was = now.context_kind(key)
        if was is not None and said.version is not UNSET and said.version < was.version:
            raise Conflict(("context kind", key))
        put = yield PROJECT, now, PutContextKind(_kind(key, said, was))
        after: Project = put.state
        return after

    return lambda world: worded(steps(world), _WORDS)


def put_settings(project: str, said: RandomizationSettingsPut) -> Callable[[World], Steps]:
    units = tuple(RandomizationUnit(unit.randomizationUnit, unit.default) for unit in said.randomizationUnits)

    def steps(world: World) -> Steps:
        set_units = yield PROJECT, world.named(PROJECT, INSTANCE, project), SetUnits(units)
        after: Project = set_units.state
        return after

    return lambda world: worded(steps(world), {"units": "randomizationUnits"})


def _kind(key: str, said: UpsertContextKindPayload, was: ContextKind | None) -> ContextKind:
    before = was or ContextKind(key, said.name, created_at=0, changed_at=0)
    archived = _first(said.archived, said.hideInTargeting, before.archived)
    description = _first(said.description, before.description)
    return replace(before, name=said.name, description=description, archived=archived)


def _first(*said: Any | UnsetType) -> Any:
    """The first that was said; the last is what holds otherwise."""
    return next(each for each in said if each is not UNSET)
