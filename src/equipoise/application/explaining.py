"""Why a context is served what it is served in an environment, from what the store holds."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.world import World
from equipoise.domain.allocation import BySegment
from equipoise.domain.clauses import Json
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.gates import length
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.identity import Place
from equipoise.domain.layer import LAYER
from equipoise.domain.overlay import Overlay, memberships_of, overlay_of
from equipoise.domain.snapshot import snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import Context
from equipoise.evaluation.explain import explain
from equipoise.evaluation.steps import Belonged, Generated, Node, Origins, Role, Trial
from equipoise.evaluation.telling import Told, told

_GATES = {
    Role.LAYER: "layer “{name}”, which gives it {share:g} %, keeps it for another, or for none",
    Role.HOLDOUT: "it is held out by “{name}”, which lets in {share:g} %",
    Role.TRAFFIC: "it lies outside the share of traffic, which is {share:g} %",
}


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
    lines = _lines(world, place)
    served = snapshot(environment, 0, world.every(FLAG, place.project), {}, experiments)
    if flag not in served.flags:
        raise Missing("flag", flag)
    found = explain(compile(served), flag, context, origins=_origins(experiments, lines))
    steps = tuple(map(told, found.nodes))
    decision = found.decision
    return Explained(
        place.project,
        place.environment,
        flag,
        " ".join((steps[-1].said, *_kept_out(found.nodes))),
        decision.value,
        decision.variation,
        decision.reason.in_experiment,
        steps,
    )


def _kept_out(nodes: Iterable[Node]) -> Iterator[str]:
    """Which experiments would not let the context in, and by what."""
    for node in nodes:
        if isinstance(node.step, Belonged) and node.step.held is False:
            made = node.step.generated
            if made is not None and made.trial is not None and made.role in _GATES:
                why = _GATES[made.role].format(name=made.name, share=(made.share or 0) / 1_000)
                yield f"Experiment “{made.trial.experiment}” does not let it in: {why}."
        yield from _kept_out(node.within)


def _lines(world: World, place: Place) -> dict[str, Generated]:
    """Salt → whose line it is on which units are let in: a layer's, a holdout's."""
    holdouts = (each for each in world.every(HOLDOUT, place.project) if each.place == place)
    return {
        **{each.salt: Generated(Role.LAYER, each.key) for each in world.every(LAYER, place.project)},
        **{each.salt: Generated(Role.HOLDOUT, each.key) for each in holdouts},
    }


def _origins(experiments: list[Experiment], lines: Mapping[str, Generated]) -> Origins:
    """What experiments of one environment bring along, those that run."""
    rules: dict[tuple[str, str], Trial] = {}
    segments: dict[str, Generated] = {}
    overlays = [overlay for overlay in map(overlay_of, experiments) if overlay is not None]
    keys = {experiment.id: experiment.key for experiment in experiments}
    for overlay in overlays:
        trial = Trial(keys[overlay.experiment], overlay.iteration, overlay.phase + 1)
        rules |= {(overlay.flag, rule): trial for rule in overlay.rules}
        segments |= _arms(overlay, trial) | _gates(overlay, trial, lines)
    shares = (each for each in memberships_of(overlays) if each.share is not None)
    below = {each.key: _below(lines.get(f"{each.key}.{each.salt}")) for each in shares}
    return Origins(rules, {**below, **segments})


def _arms(overlay: Overlay, trial: Trial) -> dict[str, Generated]:
    if not isinstance(overlay.allocation, BySegment):
        return {}
    arms = {overlay.segment_of(arm): arm.name or arm.segment for arm in overlay.allocation.arms}
    kept = (each.key for arm in overlay.allocation.arms for each in overlay.members_of(arm))
    outsiders = [key for key in kept if key not in arms]
    return {
        **{key: Generated(Role.ARM, name, trial) for key, name in arms.items()},
        **{key: Generated(Role.OUTSIDERS, arms[_arm_of(key, arms)], trial) for key in outsiders},
    }


def _gates(overlay: Overlay, trial: Trial, lines: Mapping[str, Generated]) -> dict[str, Generated]:
    """A gate that is nobody's line is that of the experiment's own traffic."""
    own = Generated(Role.TRAFFIC, "")
    return {
        each.key: replace(lines.get(each.gate.salt, own), trial=trial, share=length(each.gate.ranges))
        for each in overlay.gated
    }


def _below(line: Generated | None) -> Generated:
    return Generated(Role.BELOW, "the traffic" if line is None else f"{line.role} “{line.name}”")


def _arm_of(key: str, arms: Iterable[str]) -> str:
    """The arm's segment that this one belongs to: the longest whose key it begins with."""
    return max((each for each in arms if key.startswith(each + ":")), key=len)
