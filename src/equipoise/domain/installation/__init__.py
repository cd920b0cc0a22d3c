"""Installations: what a provider works with us through, in one environment."""

from equipoise.domain.change import Noun
from equipoise.domain.installation.commands import Create
from equipoise.domain.installation.decide import DECIDE
from equipoise.domain.installation.evolve import EVOLVE
from equipoise.domain.installation.state import Installation, facets

INSTALLATION = Noun("installation", Installation, Create, DECIDE, EVOLVE, facets)

__all__ = ["INSTALLATION"]
