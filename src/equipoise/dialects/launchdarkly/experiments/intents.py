"""Requests about experiments as intents: to create one, to give it a draft, to patch it."""

from collections.abc import Generator, Sequence
from typing import Any

from msgspec import UNSET

from equipoise.application.intents import Intent, Step
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.experiments import checks, documents, plans
from equipoise.dialects.launchdarkly.experiments.instructions import Hand, following
from equipoise.dialects.launchdarkly.experiments.setting import Setting
from equipoise.dialects.launchdarkly.maintainers import maintainer_rule
from equipoise.dialects.launchdarkly.semantic import followed
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Refused, Violation
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create, DraftIteration
from equipoise.domain.experiment.state import Analysis, Experiment, Iteration
from equipoise.domain.identity import Place, key_rule, name_rule, tags_rule, text_rule, unique
from equipoise.translation.salvage import read, settle

Changing = Generator[Step, Outcome[Any], Experiment]


def create(place: Place, body: Any) -> Intent[Experiment]:
    """An experiment with its first draft. Everything wrong with the body is named at once."""

    def intent(world: World) -> Changing:
        setting = Setting(world, place)
        setting.found()
        said, unreadable = read(body, documents.ExperimentPost)
        settle(unreadable, _of_post(said, setting))
        experiment = _experiment_of(said, setting)
        setting.fresh()
        taken = world.peek(EXPERIMENT, place, said.key)
        outcome = yield EXPERIMENT, taken, Create(experiment)
        made: Experiment = outcome.state
        return made

    return intent


def draft(place: Place, key: str, body: Any) -> Intent[Iteration]:
    """A new draft iteration; one that waits is replaced."""

    def intent(world: World) -> Generator[Step, Outcome[Any], Iteration]:
        now = world.named(EXPERIMENT, place, key)
        if now.archived_at is not None:
            raise Refused("create an iteration", now.said, "is archived; restore it first")
        setting = Setting(world, place)
        said, unreadable = read(body, documents.IterationInput)
        settle(unreadable, checks.of_iteration(said, setting, now.flag))
        moment = world.moment
        id = moment.id("iteration", now.id, len(now.iterations))
        iteration = plans.iteration_of(said, setting, id, moment.at)
        setting.fresh()
        yield EXPERIMENT, now, DraftIteration(iteration)
        return iteration

    return intent


def patch(place: Place, key: str, instructions: Sequence[Any]) -> Intent[Experiment]:
    """Instructions in the order in which they came, all or none."""

    def intent(world: World) -> Changing:
        now = world.named(EXPERIMENT, place, key)
        hand = Hand(now, Setting(world, place))
        yield from followed(instructions, following(hand), world)
        hand.setting.fresh()
        return hand.now

    return intent


def _of_post(said: documents.ExperimentPost, setting: Setting) -> checks.Findings:
    yield name_rule("name", said.name)
    yield key_rule("key", said.key)
    yield text_rule("description", said.description or "")
    yield tags_rule("tags", unique(tuple(said.tags or ())))
    yield checks.of_holdout("holdoutId", said.holdoutId or "", setting)
    if said.maintainerId:
        principal = setting.world.principal
        yield maintainer_rule("maintainerId", said.maintainerId, setting.project, principal)
    if said.methodology is not UNSET:
        yield checks.of_methodology("methodology", said.methodology, plans.DESIGNS[said.type])
    yield from checks.of_analysis_config("analysisConfig", said.analysisConfig)
    for each in checks.of_iteration(said.iteration, setting):
        yield each.under("iteration") if isinstance(each, Violation) else each


def _experiment_of(said: documents.ExperimentPost, setting: Setting) -> Experiment:
    world, place = setting.world, setting.place
    moment = world.moment
    id = moment.id("experiment", place.project, place.environment, said.key)
    design = plans.DESIGNS[said.type]
    holdout = setting.holdout(said.holdoutId) if said.holdoutId else None
    return Experiment(
        id=id,
        project=place.project,
        environment=place.environment,
        key=said.key,
        name=said.name,
        flag=next(iter(said.iteration.flags)),
        created_at=moment.at,
        maintainer=said.maintainerId or world.principal.member,
        description=said.description or "",
        design=design,
        analysis=Analysis(
            said.methodology or ("bayesian" if design == "bandit" else "frequentist"),
            plans.settings_of(said.analysisConfig) if said.analysisConfig is not UNSET else {},
        ),
        tags=unique(tuple(said.tags or ())),
        holdout="" if holdout is None else holdout.id,
        draft=plans.iteration_of(said.iteration, setting, moment.id("iteration", id, 0), moment.at),
        annotations=plans.annotated(
            dataSource=said.dataSource if said.dataSource != plans.OWN_DATA else None
        ),
    )
