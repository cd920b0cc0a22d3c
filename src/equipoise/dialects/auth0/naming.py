"""Names are unique in a tenant: of experiments, of feature flags, of segments, each for itself."""

from typing import Any

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.auth0.errors import Declined
from equipoise.domain.change import Noun
from equipoise.domain.identity import Id, Place


def unique_name(world: World, noun: Noun[Any], place: Place, said: str, name: str, own: Id = "") -> None:
    """Nothing, when no other has the name, archived ones included.

    said    what people call the noun
    own     id of the one that may have it
    raises  Declined
    """
    for each in world.select(noun, Query(place, text=name)).items:
        if each.id != own and noun.facets(each).name == name:
            raise taken(said, name)


def taken(said: str, name: str) -> Declined:
    return Declined(f"There is {_article(said)} {said} named “{name}” already.", "name_already_exists", 409)


def _article(said: str) -> str:
    return "an" if said[0] in "aeiou" else "a"
