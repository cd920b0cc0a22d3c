"""The tenant: the environment that a token is at home in."""

from typing import TypeVar

from equipoise.application.world import World
from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.errors import Declined
from equipoise.domain.change import Noun, State
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Missing
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Project
from equipoise.translation.call import Call

S = TypeVar("S", bound=State)


def tenant(call: Call) -> Place:
    """The environment that whoever calls is at home in. raises Unknown, Declined"""
    home = call.library.principal(call.credential).home
    if not home.project or not home.environment:
        raise Declined(
            "This token is at home in no environment, which is what a tenant is here. "
            "Make one with: equipoise token create --project P --environment E --role R",
            "no_tenant",
            403,
        )
    return home


def found(world: World, place: Place) -> Project:
    """The tenant's project. Project and environment are read, so that neither goes while a change is
    decided, and what is made in one meanwhile is seen. raises Missing"""
    project = world.named(PROJECT, INSTANCE, place.project)
    world.named(ENVIRONMENT, Place(place.project), place.environment)
    return project


def owned(world: World, noun: Noun[S], said: str, place: Place, id: str) -> S:
    """The one of this id, as it is spelled here, if it is of the place. raises Missing

    said  what people call the noun
    """
    found = world.find(noun, ids.read(said, id))
    if found is None or found.place != place:
        raise Missing(said, id)
    return found
