"""Tokens: who may do what, where."""

from equipoise.domain.change import Noun
from equipoise.domain.token.commands import Create
from equipoise.domain.token.decide import DECIDE
from equipoise.domain.token.evolve import EVOLVE
from equipoise.domain.token.state import Token, facets

TOKEN = Noun("token", Token, Create, DECIDE, EVOLVE, facets, digest_key=True)

__all__ = ["TOKEN"]
