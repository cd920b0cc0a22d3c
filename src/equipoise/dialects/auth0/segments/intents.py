"""Requests about segments as intents."""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict

from equipoise.application.intents import Intent, Step
from equipoise.application.world import World
from equipoise.dialects.auth0 import tenant
from equipoise.dialects.auth0.errors import Declined
from equipoise.dialects.auth0.naming import unique_name
from equipoise.dialects.auth0.segments import documents, rules
from equipoise.dialects.auth0.texts import findings, key_of
from equipoise.domain.change import Command, Outcome
from equipoise.domain.errors import Missing
from equipoise.domain.identity import Place
from equipoise.domain.labels import Archive, Delete, Describe, Rename
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.commands import Create, SetRules
from equipoise.domain.segment.state import Segment
from equipoise.translation.intents import Field, by_field
from equipoise.translation.salvage import read, settle

SAID = "segment"
Changing = Generator[Step, Outcome[Any], Segment]
Gone = Generator[Step, Outcome[Any], None]

FIELDS: dict[str | tuple[str, ...], Field] = {  # edits apply first, then the transition
    "name": lambda name, now: (Rename(name),),
    "description": lambda description, now: (Describe(description or ""),),
    "rules": lambda said, now: (SetRules(rules.rules_of(said)),),
    "status": lambda status, now: _transition(status),
}


def create(place: Place, body: Any) -> Intent[Segment]:
    def intent(world: World) -> Changing:
        tenant.found(world, place)
        said, unreadable = read(body, documents.CreateSegment)
        settle(unreadable, _findings(said))
        unique_name(world, SEGMENT, place, SAID, said.name)
        made = yield SEGMENT, None, Create(_newborn(world, place, said))
        segment: Segment = made.state
        return segment

    return intent


def update(place: Place, id: str, body: Any) -> Intent[Segment]:
    def intent(world: World) -> Changing:
        now = named(world, place, id)
        said, unreadable = read(body, documents.UpdateSegment)
        settle(unreadable, _findings(said))
        if now.archived_at is not None:
            raise Declined("An archived segment stays as it is.", "segment_archived", 409)
        if said.name is not UNSET:
            tenant.found(world, place)
            unique_name(world, SEGMENT, place, SAID, said.name, now.id)
        yield from by_field(asdict(said), FIELDS, SEGMENT, now)
        return named(world, place, id)

    return intent


def remove(place: Place, id: str) -> Intent[None]:
    """What is not there is as good as gone."""

    def intent(world: World) -> Gone:
        try:
            now = named(world, place, id)
        except Missing:
            return
        yield SEGMENT, now, Delete()

    return intent


def named(world: World, place: Place, id: str) -> Segment:
    """The tenant's segment of this id. raises Missing"""
    return tenant.owned(world, SEGMENT, SAID, place, id)


def _findings(said: documents.CreateSegment | documents.UpdateSegment) -> rules.Findings:
    yield from findings(said)
    if said.rules is not UNSET:
        yield from rules.findings(said.rules)


def _newborn(world: World, place: Place, said: documents.CreateSegment) -> Segment:
    id = world.moment.id("segment", place.project, place.environment, said.name)
    return Segment(
        id=id,
        project=place.project,
        environment=place.environment,
        key=key_of(said.name, id, lambda key: world.peek(SEGMENT, place, key) is not None),
        name=said.name,
        created_at=world.moment.at,
        rules=rules.rules_of(said.rules),
        description=said.description or "",
    )


def _transition(status: str) -> tuple[Command, ...]:
    """To what it is already, or to the archive."""
    return (Archive(),) if status == "archived" else ()
