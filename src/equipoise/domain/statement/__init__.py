"""Statements: what a provider says of usage and balances. Kept, never reckoned with."""

from equipoise.domain.change import Noun
from equipoise.domain.statement.commands import Create
from equipoise.domain.statement.decide import DECIDE
from equipoise.domain.statement.evolve import EVOLVE
from equipoise.domain.statement.state import Statement, facets

STATEMENT = Noun("statement", Statement, Create, DECIDE, EVOLVE, facets)

__all__ = ["STATEMENT"]
