"""Metrics: what is measured of each unit."""

from equipoise.domain.change import Noun
from equipoise.domain.metric.commands import Create
from equipoise.domain.metric.decide import DECIDE
from equipoise.domain.metric.evolve import EVOLVE
from equipoise.domain.metric.state import Metric, facets

METRIC = Noun("metric", Metric, Create, DECIDE, EVOLVE, facets)

__all__ = ["METRIC"]
