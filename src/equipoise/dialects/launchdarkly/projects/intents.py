"""What is said of projects, as intents."""

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from msgspec import UNSET

from equipoise.application.intents import Step
from equipoise.application.ports import Query
from equipoise.application.removal import deleted, emptied
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.edits import edited
from equipoise.dialects.launchdarkly.environments.documents import EnvironmentPost
from equipoise.dialects.launchdarkly.environments.intents import WORDS, newborn, refuse_active
from equipoise.dialects.launchdarkly.patches import Patch
from equipoise.dialects.launchdarkly.projects import render
from equipoise.dialects.launchdarkly.projects.documents import ProjectPatch, ProjectPost
from equipoise.domain import labels
from equipoise.domain.change import Outcome
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.commands import Create as CreateEnvironment
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.metric import METRIC
from equipoise.domain.project import PROJECT
from equipoise.domain.project.commands import Create, SetAvailability
from equipoise.domain.project.state import Member, Project, newborn_rooms
from equipoise.translation.intents import Field, by_field, in_words

Steps = Generator[Step, Outcome[Any], Project]
Gone = Generator[Step, Outcome[Any], None]

DEFAULT_ENVIRONMENTS = (
    EnvironmentPost("Test", "test", "f5a623"),
    EnvironmentPost("Production", "production", "417505"),
)
_SNIPPET, _AVAILABILITY = "includeInSnippetByDefault", "defaultClientSideAvailability"
FIELDS: dict[str | tuple[str, ...], Field] = {
    "name": lambda name, now: (labels.Rename(name),),
    "tags": lambda tags, now: (labels.Tag(tuple(tags or ())),),
    (_SNIPPET, _AVAILABILITY): lambda said, now: (
        SetAvailability(*_availability(said, now.client_side, now.mobile)),
    ),
}


def create(said: ProjectPost) -> Callable[[World], Steps]:
    wanted = DEFAULT_ENVIRONMENTS if said.environments is UNSET else tuple(said.environments)

    def intent(world: World) -> Steps:
        check(*_sound(said, wanted))
        project = _newborn(world, said)
        yield from _all_of(
            ("", (PROJECT, None, Create(project))),
            *((f"environments[{index}]", _birth(world, said.key, each)) for index, each in enumerate(wanted)),
        )
        return world.named(PROJECT, INSTANCE, said.key)

    return intent


def revise(key: str, patch: Patch) -> Callable[[World], Steps]:
    def intent(world: World) -> Steps:
        now = world.named(PROJECT, INSTANCE, key)
        said = edited(patch, render.project(now), ProjectPatch)
        yield from by_field(said, FIELDS, PROJECT, now)
        return world.named(PROJECT, INSTANCE, key)

    return intent


def remove(key: str) -> Callable[[World], Gone]:
    """The project goes with all that is in it, and the tokens confined to it."""

    def intent(world: World) -> Gone:
        now = world.named(PROJECT, INSTANCE, key)
        refuse_active(world, f"delete project {key}", key, None)
        yield from emptied(world, Place(key))
        for noun in (FLAG, METRIC, ENVIRONMENT):
            yield from deleted(world, noun, Query(Place(key)))
        yield PROJECT, now, labels.Delete()

    return intent


def _all_of(*steps: tuple[str, Step]) -> Gone:
    """Every step, each under its place. raises Invalid with the violations of all"""
    found: list[Violation] = []
    for where, step in steps:
        try:
            yield step
        except Invalid as error:
            said = in_words(error, WORDS)
            found += (said.under(where) if where else said).violations
    if found:
        raise Invalid(*found)


def _sound(said: ProjectPost, wanted: tuple[EnvironmentPost, ...]) -> Iterator[bool | Violation]:
    """What the domain cannot know: a new project has nothing to copy from, and names are not policed."""
    keys = [each.key for each in wanted]
    yield bool(keys) or Violation("environments", "must not be empty")
    yield len(set(keys)) == len(keys) or Violation("environments", "each key stands once", keys)
    for index, each in enumerate(wanted):
        empty = each.source is UNSET
        rule = "a new project has no environment to copy from"
        yield empty or Violation(f"environments[{index}].source", rule)
    unsaid = said.namingConvention in (UNSET, None)
    yield unsaid or Violation("namingConvention", "is not supported: keys of flags are not policed")


def _newborn(world: World, said: ProjectPost) -> Project:
    kinds, units = newborn_rooms(world.moment.at)
    said_of_sdks = {
        _SNIPPET: said.includeInSnippetByDefault,
        _AVAILABILITY: said.defaultClientSideAvailability,
    }
    client_side, mobile = _availability(
        {name: value for name, value in said_of_sdks.items() if value is not UNSET}, False, True
    )
    return Project(
        id=world.moment.id("project", said.key),
        key=said.key,
        name=said.name,
        created_at=world.moment.at,
        tags=tuple(said.tags),
        client_side=client_side,
        mobile=mobile,
        context_kinds=kinds,
        units=units,
        members=_members(world),
    )


def _members(world: World) -> tuple[Member, ...]:
    """The maker is the first member; who that is, stands in the maker's own project."""
    id = world.principal.member
    home = world.peek(PROJECT, INSTANCE, world.principal.home.project)
    known = () if home is None else tuple(each for each in home.members if each.id == id)
    return known or (Member(id, "owner", ""),)


def _birth(world: World, project: str, said: EnvironmentPost) -> Step:
    return ENVIRONMENT, None, CreateEnvironment(newborn(world, project, said))


def _availability(said: Mapping[str, Any], client_side: bool, mobile: bool) -> tuple[bool, bool]:
    """(client side, mobile). Both fields say whether browsers get a flag; where they differ, the fuller one
    holds."""
    client_side = said.get(_SNIPPET, client_side)
    fuller = said.get(_AVAILABILITY)
    if fuller is not None:
        client_side = client_side if fuller.usingEnvironmentId is UNSET else fuller.usingEnvironmentId
        mobile = mobile if fuller.usingMobileKey is UNSET else fuller.usingMobileKey
    return client_side, mobile
