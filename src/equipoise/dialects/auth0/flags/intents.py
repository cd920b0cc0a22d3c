"""Requests about feature flags as intents."""

from collections.abc import Generator, Mapping
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict

from equipoise.application.intents import Intent, Step
from equipoise.application.world import World
from equipoise.dialects.auth0 import tenant
from equipoise.dialects.auth0.errors import Declined
from equipoise.dialects.auth0.flags import config, documents
from equipoise.dialects.auth0.flags.render import SAID, status_of
from equipoise.dialects.auth0.naming import unique_name
from equipoise.dialects.auth0.texts import findings, key_of
from equipoise.domain.change import Command, Outcome
from equipoise.domain.errors import Missing
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create, SetParameters, Switch
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Place
from equipoise.domain.labels import Archive, Delete, Describe, Rename
from equipoise.domain.project.state import Project
from equipoise.translation.intents import Field, by_field
from equipoise.translation.salvage import read, settle

Said = documents.CreateFeatureFlag | documents.UpdateFeatureFlag
Changing = Generator[Step, Outcome[Any], Flag]
Gone = Generator[Step, Outcome[Any], None]

TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "draft": ("draft", "active", "archived"),
    "active": ("active", "archived"),
}


def create(place: Place, body: Any) -> Intent[Flag]:
    def intent(world: World) -> Changing:
        project = tenant.found(world, place)
        said, unreadable = read(body, documents.CreateFeatureFlag)
        settle(unreadable, _findings(said))
        unique_name(world, FLAG, Place(place.project), SAID, said.name)
        made = yield FLAG, None, Create(_newborn(world, project, said))
        flag: Flag = made.state
        return flag

    return intent


def update(place: Place, id: str, body: Any) -> Intent[Flag]:
    """Fields and the transition together, or neither."""

    def intent(world: World) -> Changing:
        now = named(world, place, id)
        said, unreadable = read(body, documents.UpdateFeatureFlag)
        settle(unreadable, _findings(said))
        changeable(now)
        if said.name is not UNSET:
            tenant.found(world, place)
            unique_name(world, FLAG, now.place, SAID, said.name, now.id)
        if said.parameters is not UNSET and now.variations and not now.parameters:
            raise Declined(
                "Another surface made this flag: its values have no parameters to be edited here.",
                "feature_flag_without_parameters",
            )
        yield from by_field(asdict(said), _fields(place.environment), FLAG, now)
        return named(world, place, id)

    return intent


def remove(place: Place, id: str) -> Intent[None]:
    """What is not there is as good as gone."""

    def intent(world: World) -> Gone:
        try:
            now = named(world, place, id)
        except Missing:
            return
        yield FLAG, now, Delete()

    return intent


def named(world: World, place: Place, id: str) -> Flag:
    """The flag of this id, of the tenant's project. raises Missing"""
    return tenant.owned(world, FLAG, SAID, Place(place.project), id)


def changeable(now: Flag) -> None:
    """raises Declined"""
    if now.archived_at is not None:
        raise Declined("An archived feature flag stays as it is.", "feature_flag_archived", 409)


def _fields(environment: str) -> Mapping[str | tuple[str, ...], Field]:
    return {
        "name": lambda name, now: (Rename(name),),
        "description": lambda description, now: (Describe(description or ""),),
        "parameters": lambda said, now: (SetParameters(config.parameters_of(said)),),
        "status": lambda status, now: _transition(status, now, environment),
    }


def _transition(status: str, now: Flag, environment: str) -> tuple[Command, ...]:
    present = status_of(now, environment)
    if status not in TRANSITIONS[present]:
        raise Declined(
            f"The transition of a feature flag from {present} to {status} is not allowed.",
            "invalid_status_transition",
        )
    if status == "archived":
        return (Archive(),)
    if status == "active" and not now.finished:
        raise Declined("A feature flag needs two variations to be active.", "feature_flag_needs_variations")
    return (Switch(environment, status == "active"),)


def _findings(said: Said) -> config.Findings:
    yield from findings(said)
    if said.parameters is not UNSET:
        yield from config.of_parameters("parameters", said.parameters)


def _newborn(world: World, project: Project, said: documents.CreateFeatureFlag) -> Flag:
    """Off everywhere, and without variations yet. Whoever makes it keeps it, as on other surfaces."""
    place, moment, principal = Place(project.key), world.moment, world.principal
    id = moment.id("flag", said.name)
    key = key_of(said.name, id, lambda key: world.peek(FLAG, place, key) is not None)
    return Flag(
        id=id,
        project=project.key,
        key=key,
        name=said.name,
        created_at=moment.at,
        variations=(),
        on_variation="",
        off_variation="",
        salt=moment.token("salt", key),
        description=said.description or "",
        maintainer="" if principal.service else principal.member,
        client_side=project.client_side,
        mobile=project.mobile,
        parameters=config.parameters_of(said.parameters),
    )
