"""Resources: what a provider made for one customer, bound to its installation's environment."""

from equipoise.domain.change import Noun
from equipoise.domain.resource.commands import Create
from equipoise.domain.resource.decide import DECIDE
from equipoise.domain.resource.evolve import EVOLVE
from equipoise.domain.resource.state import Resource, facets

RESOURCE = Noun("resource", Resource, Create, DECIDE, EVOLVE, facets)

__all__ = ["RESOURCE"]
