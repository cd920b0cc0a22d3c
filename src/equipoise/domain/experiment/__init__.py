"""Experiments: a flag's rule under experiment, iteration by iteration."""

from equipoise.domain.change import Noun
from equipoise.domain.experiment.commands import Create
from equipoise.domain.experiment.decide import DECIDE
from equipoise.domain.experiment.evolve import EVOLVE
from equipoise.domain.experiment.state import Experiment, facets

EXPERIMENT = Noun("experiment", Experiment, Create, DECIDE, EVOLVE, facets)

__all__ = ["EXPERIMENT"]
