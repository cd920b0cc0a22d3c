"""Which units an experiment is given, from what the store holds."""

from equipoise.application.world import World
from equipoise.domain.experiment.admission import Admission, admission
from equipoise.domain.experiment.state import Experiment, Iteration
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.layer import LAYER


def admission_of(world: World, now: Experiment, iteration: Iteration) -> Admission:
    """Other experiments of its layer are named by key; they are of its environment."""
    holdouts = (each for each in world.every(HOLDOUT, now.project) if each.place == now.place)
    return admission(now, iteration, world.every(LAYER, now.project), holdouts)
