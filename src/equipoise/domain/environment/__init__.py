"""Environments: where flags are served and experiments run."""

from equipoise.domain.change import Noun
from equipoise.domain.environment.commands import Create
from equipoise.domain.environment.decide import DECIDE
from equipoise.domain.environment.evolve import EVOLVE
from equipoise.domain.environment.state import Environment, facets

ENVIRONMENT = Noun("environment", Environment, Create, DECIDE, EVOLVE, facets)

__all__ = ["ENVIRONMENT"]
