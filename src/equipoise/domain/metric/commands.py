"""What may be asked of a metric."""

from equipoise.domain.change import Command
from equipoise.domain.metric.state import Definition, Metric


class Create(Command, frozen=True):
    """`metric` whole, revision 0, version 1."""

    metric: Metric


class Define(Command, frozen=True):
    """A new meaning: the version grows. The kind never changes."""

    definition: Definition
