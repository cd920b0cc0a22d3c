"""What is asked of layers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from equipoise.application.intents import Intent
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.layers import documents
from equipoise.dialects.launchdarkly.semantic import followed
from equipoise.domain.change import Command
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.gates import salted
from equipoise.domain.identity import INSTANCE, Place, key_rule, name_rule, text_rule
from equipoise.domain.labels import Describe, Rename
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Create, Release, Reserve
from equipoise.domain.layer.state import BOUNDS, Layer
from equipoise.domain.project import PROJECT
from equipoise.translation.intents import Steps, worded
from equipoise.translation.salvage import read, settle

WORDS = {"percent": "reservationPercent", "experiment": "experimentKey", "environment": "environmentKey"}


def create(place: Place, body: Any) -> Intent[str]:
    """Its key. Everything wrong with the body is named at once."""

    def intent(world: World) -> Steps:
        world.named(PROJECT, INSTANCE, place.project)
        said, unreadable = read(body, documents.LayerPost)
        settle(unreadable, _findings(said))
        moment = world.moment
        layer = Layer(
            id=moment.id("layer", said.key),
            project=place.project,
            key=said.key,
            name=said.name,
            created_at=moment.at,
            salt=salted(moment.token("layer", said.key), BOUNDS),
            description=said.description,
        )
        yield LAYER, world.peek(LAYER, place, said.key), Create(layer)
        return said.key

    return intent


def _findings(said: documents.LayerPost) -> Iterator[bool | Violation]:
    yield key_rule("key", said.key)
    yield name_rule("name", said.name)
    yield text_rule("description", said.description)


def patch(place: Place, key: str, environment: str, instructions: Sequence[Any]) -> Intent[None]:
    """Instructions in the order in which they came, all or none."""

    def intent(world: World) -> Steps:
        now = world.named(LAYER, place, key)
        if environment:
            world.named(ENVIRONMENT, place, environment)
        hand = _Hand(world, now, Place(place.project, environment))
        yield from followed(instructions, hand.table, world)

    return intent


class _Hand:
    """A layer under a patch, in one environment."""

    def __init__(self, world: World, now: Layer, place: Place) -> None:
        self.world, self.now, self.place = world, now, place

    @property
    def table(self) -> Mapping[type[Struct], Any]:
        return {
            documents.UpdateName: lambda said, _: self.ask(Rename(said.name)),
            documents.UpdateDescription: lambda said, _: self.ask(Describe(said.description)),
            documents.UpdateReservation: self.reserve,
            documents.RemoveExperiment: self.remove,
        }

    def ask(self, command: Command) -> Steps:
        outcome = yield LAYER, self.now, command
        self.now = outcome.state

    def reserve(self, said: documents.UpdateReservation, _: World) -> Steps:
        self.check_environment()
        known = self.world.peek(EXPERIMENT, self.place, said.experimentKey)
        rule = "must be the key of an experiment of the environment"
        if known is None:
            raise Invalid(Violation("experimentKey", rule, said.experimentKey))
        idle = known.archived_at is not None and said.reservationPercent > 0
        check(not idle or Violation("experimentKey", "is archived; restore it first", said.experimentKey))
        command = Reserve(self.place.environment, said.experimentKey, said.reservationPercent)
        yield from worded(self.ask(command), WORDS)

    def remove(self, said: documents.RemoveExperiment, _: World) -> Steps:
        self.check_environment()
        yield from self.ask(Release(self.place.environment, said.experimentKey))

    def check_environment(self) -> None:
        rule = "is required beside instructions on reservations"
        check(bool(self.place.environment) or Violation("environmentKey", rule))
