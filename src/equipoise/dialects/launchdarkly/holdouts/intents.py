"""What is asked of holdouts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct

from equipoise.application.intents import Intent
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.experiments import checks
from equipoise.dialects.launchdarkly.experiments.percents import percent_rule, shares_of
from equipoise.dialects.launchdarkly.experiments.plans import measured, primary_among, uses_of
from equipoise.dialects.launchdarkly.experiments.setting import Setting
from equipoise.dialects.launchdarkly.holdouts import documents
from equipoise.dialects.launchdarkly.maintainers import maintainer_at_birth, maintainer_rule
from equipoise.dialects.launchdarkly.semantic import followed
from equipoise.domain.change import Command
from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import LeaveHoldout
from equipoise.domain.gates import salted
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.holdout.commands import Create, End
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.identity import Place, key_rule, name_rule, text_rule, unique
from equipoise.domain.labels import Describe, Rename
from equipoise.translation.intents import Steps, worded
from equipoise.translation.salvage import read, settle

WORDS = {"share": "holdoutamount", "unit": "randomizationunit", "primary": "primarymetrickey"}


def create(place: Place, body: Any) -> Intent[str]:
    """Its key. Everything wrong with the body is named at once."""

    def intent(world: World) -> Steps:
        setting = Setting(world, place)
        setting.found()
        said, unreadable = read(documents.named(body), documents.HoldoutPost)
        twice = (Violation(name, "is said before, in another case") for name in documents.said_twice(body))
        settle((*unreadable, *twice), _findings(said, setting))
        born = _newborn(said, setting)
        yield from worded(_asked(world.peek(HOLDOUT, place, said.key), Create(born)), WORDS)
        return said.key

    return intent


def patch(place: Place, key: str, instructions: Sequence[Any]) -> Intent[str]:
    """Instructions in the order in which they came, all or none."""

    def intent(world: World) -> Steps:
        now = world.named(HOLDOUT, place, key)

        def asking(command: Callable[[Any], Command]) -> Callable[[Any, World], Steps]:
            return lambda said, _: _asked(now, command(said))

        table: Mapping[type[Struct], Any] = {
            documents.UpdateName: asking(lambda said: Rename(said.value)),
            documents.UpdateDescription: asking(lambda said: Describe(said.value)),
            documents.EndHoldout: asking(lambda said: End()),
            documents.RemoveExperiment: lambda said, _: _remove(world, now, said.value),
        }
        yield from followed(instructions, table, world)
        return key

    return intent


def _asked(now: Holdout | None, command: Command) -> Steps:
    yield HOLDOUT, now, command


def _remove(world: World, now: Holdout, key: str) -> Steps:
    """Nothing where it has not joined."""
    experiment = world.peek(EXPERIMENT, now.place, key)
    if experiment is None:
        raise Invalid(Violation("value", "must be the key of an experiment of the environment", key))
    if experiment.holdout == now.id:
        yield EXPERIMENT, experiment, LeaveHoldout()


def _findings(said: documents.HoldoutPost, setting: Setting) -> checks.Findings:
    yield key_rule("key", said.key)
    yield said.name is UNSET or name_rule("name", said.name)
    yield text_rule("description", said.description or "")
    yield percent_rule("holdoutamount", said.holdoutamount)
    yield checks.of_unit("randomizationunit", _unit(said, setting), setting.project)
    yield from checks.of_names("attributes", said.attributes or ())
    yield from checks.of_metrics("metrics", said.metrics or (), setting)
    if said.primarymetrickey:
        yield from checks.of_primary("primarymetrickey", said.primarymetrickey, setting)
    if said.prerequisiteflagkey:
        known = setting.flag(said.prerequisiteflagkey) is not None
        rule = "must be the key of a flag of the project"
        yield known or Violation("prerequisiteflagkey", rule, said.prerequisiteflagkey)
    if said.maintainerId:
        principal = setting.world.principal
        yield maintainer_rule("maintainerId", said.maintainerId, setting.project, principal)


def _unit(said: documents.HoldoutPost, setting: Setting) -> str:
    return setting.project.default_unit if said.randomizationunit is UNSET else said.randomizationunit


def _newborn(said: documents.HoldoutPost, setting: Setting) -> Holdout:
    moment, place = setting.world.moment, setting.place
    named = ("holdout", place.project, place.environment, said.key)
    uses = said.metrics or []
    primary = said.primarymetrickey or primary_among(uses)
    return Holdout(
        id=moment.id(*named),
        project=place.project,
        environment=place.environment,
        key=said.key,
        name=said.name or said.key,
        created_at=moment.at,
        share=shares_of([said.holdoutamount])[0],
        unit=_unit(said, setting),
        salt=salted(moment.token(*named)),
        maintainer=maintainer_at_birth(said.maintainerId, setting.world.principal),
        description=said.description or "",
        metrics=measured(uses_of(uses), primary),
        primary=primary,
        attributes=unique(tuple(said.attributes or ())),
        flag=said.prerequisiteflagkey or "",
    )
