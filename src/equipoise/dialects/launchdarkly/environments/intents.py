"""What is said of environments, as intents."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

from msgspec import UNSET

from equipoise.application.intents import Step
from equipoise.application.ports import Query
from equipoise.application.removal import emptied
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.edits import edited
from equipoise.dialects.launchdarkly.environments import render
from equipoise.dialects.launchdarkly.environments.documents import EnvironmentPatch, EnvironmentPost
from equipoise.dialects.launchdarkly.patches import Patch
from equipoise.domain import labels
from equipoise.domain.change import Command, Outcome
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.commands import (
    Configure,
    Create,
    Paint,
    ReplaceMobileKey,
    ReplaceSdkKey,
)
from equipoise.domain.environment.state import Environment
from equipoise.domain.errors import Held
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import (
    ForgetEnvironment,
    SetFallthrough,
    SetOffVariation,
    SetPrerequisites,
    SetRules,
    SetTargets,
    SetTracking,
    Switch,
)
from equipoise.domain.flag.state import Targeting
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.translation.intents import Field, by_field, worded

Steps = Generator[Step, Outcome[Any], Environment]
Gone = Generator[Step, Outcome[Any], None]

_SWITCHES = {
    "defaultTtl": "ttl_minutes",
    "secureMode": "secure_mode",
    "defaultTrackEvents": "track_events",
    "requireComments": "require_comments",
    "confirmChanges": "confirm_changes",
    "critical": "critical",
}
WORDS = {"ttl_minutes": "defaultTtl"}
FIELDS: dict[str | tuple[str, ...], Field] = {
    "name": lambda name, now: (labels.Rename(name),),
    "color": lambda color, now: (Paint(color),),
    "tags": lambda tags, now: (labels.Tag(tuple(tags or ())),),
    tuple(_SWITCHES): lambda said, now: (Configure(**{_SWITCHES[name]: said[name] for name in said}),),
}


def create(project: str, said: EnvironmentPost) -> Callable[[World], Steps]:
    def steps(world: World) -> Steps:
        world.named(PROJECT, INSTANCE, project)
        source = said.source.key if said.source is not UNSET else UNSET
        copied = world.named(ENVIRONMENT, Place(project), source) if source is not UNSET else None
        made = yield ENVIRONMENT, None, Create(newborn(world, project, said))
        if copied is not None:
            yield from copy_targeting(world, project, copied.key, said.key)
        environment: Environment = made.state
        return environment

    return lambda world: worded(steps(world), WORDS)


def revise(project: str, key: str, patch: Patch) -> Callable[[World], Steps]:
    def steps(world: World) -> Steps:
        now = world.named(ENVIRONMENT, Place(project), key)
        said = edited(patch, render.environment(now, render.hidden(world)), EnvironmentPatch)
        yield from by_field(said, FIELDS, ENVIRONMENT, now)
        return world.named(ENVIRONMENT, Place(project), key)

    return lambda world: worded(steps(world), WORDS)


def renew(project: str, key: str, kind: str) -> Callable[[World], Steps]:
    """A new SDK key (kind "sdk") or mobile key ("mobile"); the old one is void at once."""
    replace: type[ReplaceSdkKey] | type[ReplaceMobileKey]
    replace = ReplaceSdkKey if kind == "sdk" else ReplaceMobileKey

    def intent(world: World) -> Steps:
        now = world.named(ENVIRONMENT, Place(project), key)
        renewed = yield ENVIRONMENT, now, replace(world.seal(world.secret(kind)))
        environment: Environment = renewed.state
        return environment

    return intent


def remove(project: str, key: str) -> Callable[[World], Gone]:
    """The environment goes with all that is in it, its targeting, and the tokens confined to it."""

    def intent(world: World) -> Gone:
        now = world.named(ENVIRONMENT, Place(project), key)
        refuse_active(world, f"delete environment {key}", project, key)
        yield from emptied(world, Place(project, key))
        for flag in world.select(FLAG, Query(Place(project))).items:
            yield FLAG, flag, ForgetEnvironment(key)
        yield ENVIRONMENT, now, labels.Delete()

    return intent


def refuse_active(world: World, action: str, project: str, environment: str | None) -> None:
    """raises Held while an experiment is running or paused there"""
    active = world.active_in(project, environment)
    if active:
        named = ", ".join(sorted(each.key for each in active))
        raise Held(action, f"experiments run there: {named}")


def newborn(world: World, project: str, said: EnvironmentPost) -> Environment:
    """An environment with keys of its own."""
    return Environment(
        id=world.moment.id("environment", project, said.key),
        project=project,
        key=said.key,
        name=said.name,
        created_at=world.moment.at,
        sdk_key=world.seal(world.secret("sdk")),
        mobile_key=world.seal(world.secret("mobile")),
        color=said.color,
        tags=tuple(said.tags),
        ttl_minutes=said.defaultTtl,
        secure_mode=said.secureMode,
        track_events=said.defaultTrackEvents,
        require_comments=said.requireComments,
        confirm_changes=said.confirmChanges,
        critical=said.critical,
    )


def copy_targeting(world: World, project: str, source: str, target: str) -> Gone:
    """What flags serve in the source, they serve in the target; archived flags serve nothing."""
    for flag in world.select(FLAG, Query(Place(project), archived=False)).items:
        if source in flag.targeting:
            for command in _like(flag.targeting[source], target):
                yield FLAG, flag, command


def _like(there: Targeting, target: str) -> Iterator[Command]:
    yield SetOffVariation(target, there.off_variation)
    yield SetFallthrough(target, there.fallthrough)
    yield SetRules(target, there.rules)
    yield SetTargets(target, there.targets)
    yield SetPrerequisites(target, there.prerequisites)
    yield SetTracking(target, there.track_events, there.track_events_fallthrough)
    yield Switch(target, there.on)
