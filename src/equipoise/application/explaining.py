"""Why a context is served what it is served in an environment, from what the store holds."""

from collections.abc import Iterable

from msgspec import Struct

from equipoise.application.world import World
from equipoise.domain.allocation import BySegment
from equipoise.domain.clauses import Json
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import Place
from equipoise.domain.overlay import Overlay, memberships_of, overlay_of
from equipoise.domain.snapshot import snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import Context
from equipoise.evaluation.explain import explain
from equipoise.evaluation.steps import Generated, Origins, Role, Trial
from equipoise.evaluation.telling import Told, told


class Explained(Struct, frozen=True, rename="camel"):
    """What a flag serves a context, and how that came about; the last step is the decision.

    variation  index of what is served; None where it is the application's default, and `value` is null
    """

    project: str
    environment: str
    flag: str
    said: str
    value: Json
    variation: int | None
    in_experiment: bool
    steps: tuple[Told, ...]


def explained(world: World, place: Place, flag: str, context: Context) -> Explained:
    """raises Missing"""
    environment = world.named(ENVIRONMENT, Place(place.project), place.environment)
    experiments = [each for each in world.every(EXPERIMENT, place.project) if each.place == place]
    served = snapshot(environment, 0, world.every(FLAG, place.project), {}, experiments)
    if flag not in served.flags:
        raise Missing("flag", flag)
    found = explain(compile(served), flag, context, origins=origins_of(experiments))
    steps = tuple(map(told, found.nodes))
    decision = found.decision
    return Explained(
        place.project,
        place.environment,
        flag,
        steps[-1].said,
        decision.value,
        decision.variation,
        decision.reason.in_experiment,
        steps,
    )


def origins_of(experiments: Iterable[Experiment]) -> Origins:
    """What experiments of one environment bring along, those that run."""
    rules: dict[tuple[str, str], Trial] = {}
    segments: dict[str, Generated] = {}
    for experiment in experiments:
        overlay = overlay_of(experiment)
        if overlay is not None:
            trial = Trial(experiment.key, overlay.iteration, overlay.phase + 1)
            rules |= {(overlay.flag, rule): trial for rule in overlay.rules}
            segments |= _segments(overlay, trial)
    return Origins(rules, segments)


def _segments(overlay: Overlay, trial: Trial) -> dict[str, Generated]:
    if not isinstance(overlay.allocation, BySegment):
        return {}
    arms = {overlay.segment_of(arm): arm.name or arm.segment for arm in overlay.allocation.arms}
    outsiders = (each.key for each in memberships_of(overlay) if each.key not in arms)
    return {
        **{key: Generated(Role.ARM, name, trial) for key, name in arms.items()},
        **{key: Generated(Role.OUTSIDERS, arms[_arm_of(key, arms)], trial) for key in outsiders},
    }


def _arm_of(key: str, arms: Iterable[str]) -> str:
    """The arm's segment that this one belongs to: the longest whose key it begins with."""
    return max((each for each in arms if key.startswith(each + ":")), key=len)
