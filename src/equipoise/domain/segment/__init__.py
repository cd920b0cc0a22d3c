"""Segments: sets of contexts that experiments and rules can name."""

from equipoise.domain.change import Noun
from equipoise.domain.segment.commands import Create
from equipoise.domain.segment.decide import DECIDE
from equipoise.domain.segment.evolve import EVOLVE
from equipoise.domain.segment.state import Segment, facets

SEGMENT = Noun("segment", Segment, Create, DECIDE, EVOLVE, facets)

__all__ = ["SEGMENT"]
