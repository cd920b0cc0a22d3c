"""What happened to a metric."""

from equipoise.domain.change import Event
from equipoise.domain.metric.state import Definition, Metric


class Created(Event, frozen=True):
    metric: Metric


class Defined(Event, frozen=True):
    """A new meaning, under its version; `at` in milliseconds since 1970."""

    definition: Definition
    version: int
    at: int
