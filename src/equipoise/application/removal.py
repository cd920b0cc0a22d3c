"""What goes with a project or an environment: all that is in it, and what is confined to it."""

from collections.abc import Generator
from typing import Any

from equipoise.application.intents import Step
from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain import labels
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Noun, Outcome
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.invoice import INVOICE
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Vacate
from equipoise.domain.resource import RESOURCE
from equipoise.domain.segment import SEGMENT
from equipoise.domain.statement import STATEMENT
from equipoise.domain.token import TOKEN

Gone = Generator[Step, Outcome[Any], None]

PROVIDED: tuple[Noun[Any], ...] = (RESOURCE, CONFIG_STORE, CATALOG_ENTRY, INVOICE, STATEMENT)
_WITHIN: tuple[Noun[Any], ...] = (EXPERIMENT, SEGMENT, HOLDOUT, *PROVIDED)
_CONFINED: tuple[Noun[Any], ...] = (TOKEN, INSTALLATION)


def emptied(world: World, place: Place) -> Gone:
    """The environment, or every environment of the project, without what is in it or confined to it."""
    for noun in _WITHIN:
        yield from deleted(world, noun, Query(place, everywhere=not place.environment))
    for layer in world.select(LAYER, Query(Place(place.project))).items:
        yield LAYER, layer, Vacate(place.environment) if place.environment else labels.Delete()
    for noun in _CONFINED:
        for each in world.select(noun, Query(INSTANCE, links=(("project", place.project),))).items:
            if place.environment in ("", each.environment):
                yield noun, each, labels.Delete()


def deleted(world: World, noun: Noun[Any], query: Query) -> Gone:
    for each in world.select(noun, query).items:
        yield noun, each, labels.Delete()
