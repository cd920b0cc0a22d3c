"""Layers: experiments of one layer have no unit in common."""

from equipoise.domain.change import Noun
from equipoise.domain.layer.commands import Create
from equipoise.domain.layer.decide import DECIDE
from equipoise.domain.layer.evolve import EVOLVE
from equipoise.domain.layer.state import Layer, facets

LAYER = Noun("layer", Layer, Create, DECIDE, EVOLVE, facets)

__all__ = ["LAYER"]
