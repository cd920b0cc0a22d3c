"""Flags: what they serve, to whom, in which environment."""

from equipoise.domain.change import Noun
from equipoise.domain.flag.commands import Create
from equipoise.domain.flag.decide import DECIDE
from equipoise.domain.flag.evolve import EVOLVE
from equipoise.domain.flag.state import Flag, facets

FLAG = Noun("flag", Flag, Create, DECIDE, EVOLVE, facets)

__all__ = ["FLAG"]
