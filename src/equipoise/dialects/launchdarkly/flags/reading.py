"""What a flag's document shows beyond the flag: its environments, versions, overlays and prerequisites."""

from collections.abc import Iterable, Sequence

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.flags import render
from equipoise.dialects.launchdarkly.flags.documents import FeatureFlag
from equipoise.dialects.launchdarkly.flags.render import Setting
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.state import Environment
from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import ACTIVE, Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag, Targeting
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.overlay import overlaid, overlay_of
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Project


def project_named(world: World, key: str) -> Project:
    """raises Missing"""
    return world.named(PROJECT, INSTANCE, key)


def environments_of(
    world: World, project: str, asked: Sequence[str] | None = None
) -> tuple[Environment, ...]:
    """Those that the principal may see; where some are asked for by key, these.

    raises  Invalid when one that is asked for is not there
    """
    seen = world.select(ENVIRONMENT, Query(Place(project))).items
    if asked is None:
        return seen
    unknown = set(asked) - {each.key for each in seen}
    if unknown:
        raise Invalid(
            *(Violation("env", "is not an environment of the project", key) for key in sorted(unknown))
        )
    return tuple(each for each in seen if each.key in asked)


def document(world: World, project: Project, flag: Flag, asked: Sequence[str] | None = None) -> FeatureFlag:
    """The flag in full, in the environments asked for (None: in all)."""
    environments = environments_of(world, project.key, asked)
    experiments = world.active_on(project.key, flag.key)
    return render.feature_flag(flag, project, settings(world, (flag,), environments, experiments)[flag.key])


def documents(
    world: World, project: Project, flags: Sequence[Flag], asked: Sequence[str], summary: bool
) -> list[FeatureFlag]:
    """The flags of a list, in the environments asked for; where none is, without any."""
    if not asked:
        return [render.feature_flag(flag, project) for flag in flags]
    environments = environments_of(world, project.key, asked)
    query = Query(Place(project.key), everywhere=True, statuses=ACTIVE)
    experiments = world.select(EXPERIMENT, query).items if flags else ()
    shown = settings(world, flags, environments, experiments)
    return [render.feature_flag(flag, project, shown[flag.key], summary) for flag in flags]


def settings(
    world: World,
    flags: Sequence[Flag],
    environments: Sequence[Environment],
    experiments: Iterable[Experiment],
) -> dict[str, list[Setting]]:
    """Flag key → the flag in each environment."""
    if not flags:
        return {}
    versions = world.versions(flags[0].project, [flag.key for flag in flags])
    active = [each for each in experiments if each.active]
    return {
        flag.key: [
            _setting(world, flag, each, versions.get((flag.key, each.key), 1), active)
            for each in environments
        ]
        for flag in flags
    }


def _setting(
    world: World, flag: Flag, environment: Environment, version: int, active: Sequence[Experiment]
) -> Setting:
    here = [each for each in active if (each.flag, each.environment) == (flag.key, environment.key)]
    targeting = served(flag, environment.key, here)
    return Setting(
        environment=environment,
        targeting=targeting,
        version=version,
        changed_at=max(targeting.changed_at, *(_phased_at(each) for each in here), 0),
        needed=_needed(world, flag, targeting),
    )


def served(flag: Flag, environment: str, active: Iterable[Experiment]) -> Targeting:
    """The targeting with the experiments on it laid over."""
    overlays = (overlay_of(experiment) for experiment in active)
    return overlaid(flag.in_environment(environment), [each for each in overlays if each is not None])


def _phased_at(experiment: Experiment) -> int:
    """When what it serves last changed; milliseconds since 1970."""
    current = experiment.current
    if current is None:
        return 0
    starts = [each.started_at for each in current.phases] + [each.started_at for each in current.pauses]
    ends = [each.ended_at for each in current.phases] + [each.ended_at for each in current.pauses]
    return max((moment for moment in (*starts, *ends) if moment is not None), default=0)


def _needed(world: World, flag: Flag, targeting: Targeting) -> dict[str, Flag]:
    found = ((each.flag, world.peek(FLAG, flag.place, each.flag)) for each in targeting.prerequisites)
    return {key: other for key, other in found if other is not None}
