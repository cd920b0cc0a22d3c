"""What may be asked of a project."""

from equipoise.domain.change import Command
from equipoise.domain.project.state import ContextKind, Project, RandomizationUnit


class Create(Command, frozen=True):
    """`project` whole, revision 0."""

    project: Project


class SetAvailability(Command, frozen=True):
    """What SDKs new flags are for, unless they say otherwise."""

    client_side: bool
    mobile: bool


class PutContextKind(Command, frozen=True):
    """Adds the kind, or replaces the one of that key; its version and times are set by the decision."""

    kind: ContextKind


class SetUnits(Command, frozen=True):
    """All units of randomisation; each an existing context kind, at most one the default."""

    units: tuple[RandomizationUnit, ...]
