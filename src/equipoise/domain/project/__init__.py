"""Projects: the tenants of an instance."""

from equipoise.domain.change import Noun
from equipoise.domain.project.commands import Create
from equipoise.domain.project.decide import DECIDE
from equipoise.domain.project.evolve import EVOLVE
from equipoise.domain.project.state import Project, facets

PROJECT = Noun("project", Project, Create, DECIDE, EVOLVE, facets)

__all__ = ["PROJECT"]
