"""Holdouts: units that no experiment gets, so that all of them together can be judged."""

from equipoise.domain.change import Noun
from equipoise.domain.holdout.commands import Create
from equipoise.domain.holdout.decide import DECIDE
from equipoise.domain.holdout.evolve import EVOLVE
from equipoise.domain.holdout.state import Holdout, facets

HOLDOUT = Noun("holdout", Holdout, Create, DECIDE, EVOLVE, facets)

__all__ = ["HOLDOUT"]
