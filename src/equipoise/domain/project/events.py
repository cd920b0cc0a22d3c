"""What happened to a project."""

from equipoise.domain.change import Event
from equipoise.domain.project.state import ContextKind, Project, RandomizationUnit


class Created(Event, frozen=True):
    project: Project


class AvailabilitySet(Event, frozen=True):
    client_side: bool
    mobile: bool


class ContextKindPut(Event, frozen=True):
    """The kind whole, its version and times included."""

    kind: ContextKind


class UnitsSet(Event, frozen=True):
    units: tuple[RandomizationUnit, ...]
